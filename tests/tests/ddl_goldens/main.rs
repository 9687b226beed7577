//! Every row of `output-format` 7.4, as files: `cases.txt` has the keys, types, texts and columns of the schema files
//! that each statement writes, and where the rows before and after it go; by name, and by table id.
//!
//! ```text
//! ## what it is
//! CREATE TABLE …                       what is there before: statements at 100, 200, …
//! partition p 55                       rows of this table are of this physical partition
//! > ALTER TABLE …                      the statement, at 1000
//! key type [query] columns             a schema file it writes (a column of the primary key has a star)
//! key                                  a data file
//! ids:                                 the same under use-table-id-as-path, keys only
//! ```
//! Each table has a row at 900 and one at 2000. `SPILLWAY_GOLDENS=FILE` writes what is found to a file.

#[path = "../in_process/mod.rs"]
mod in_process;
#[path = "../scripted/mod.rs"]
mod scripted;

use change_event::{Op, TableName, TableSchema, Value};
use dispatcher::WholeTables;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use scripted::Scripted;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use tests::consumer::{Bucket, ColumnDef, CsvOptions, DateSeparator, Format, Options, SchemaFile};

const CASES: &str = include_str!("cases.txt");

/// When the statement commits, and the rows before and after it.
const STATEMENT: u64 = 1000;
const BEFORE: u64 = 900;
const AFTER: u64 = 2000;

/// What is done, without what is expected of it.
#[derive(Default)]
struct Case<'a> {
    title: &'a str,
    setup: Vec<&'a str>,
    partitions: BTreeMap<&'a str, i64>,
    statement: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    CASES.split("## ").skip(1).map(case).collect()
}

fn case(text: &str) -> Case<'_> {
    let (title, rest) = text.split_once('\n').unwrap();
    let mut case = Case { title, ..Case::default() };
    for line in rest.lines() {
        if let Some(statement) = line.strip_prefix("> ") {
            case.statement = statement;
            break;
        }
        if let Some((table, id)) = line.strip_prefix("partition ").and_then(|rest| rest.split_once(' ')) {
            case.partitions.insert(table, id.parse().unwrap());
        } else {
            case.setup.push(line);
        }
    }
    case
}

impl Case<'_> {
    /// What it says, with what is found.
    async fn found(&self) -> String {
        let mut text = format!("## {}\n", self.title);
        self.setup.iter().for_each(|line| writeln!(text, "{line}").unwrap());
        self.partitions.iter().for_each(|(table, id)| writeln!(text, "partition {table} {id}").unwrap());
        writeln!(text, "> {}", self.statement).unwrap();
        let (bucket, _) = self.bucket("").await;
        bucket.schema_files.iter().filter(is_new).for_each(|file| writeln!(text, "{}", shown(file)).unwrap());
        bucket.files.iter().for_each(|file| writeln!(text, "{}", file.path).unwrap());
        text.push_str("ids:\n");
        let (by_id, databases) = self.bucket("&use-table-id-as-path=true").await;
        for file in by_id.schema_files.iter().filter(is_new) {
            writeln!(text, "{}", file.path).unwrap();
            let named = bucket.schema_files.iter().find(|named| {
                (named.version, &named.key, named.kind) == (file.version, &file.key, file.kind)
            });
            let same = named.map(|named| (&named.query, &named.columns));
            let is_of_rows = file.kind == 0;
            assert!(is_of_rows || same == Some((&file.query, &file.columns)), "{}", file.path);
        }
        by_id.files.iter().for_each(|file| writeln!(text, "{}", file.path).unwrap());
        assert!(
            by_id.schema_files.iter().all(|file| !file.key.table.is_empty()),
            "{databases:?} have no files"
        );
        text
    }

    /// Writes a bucket, and reads it as the independent reader does, which checks names, checksums and rows.
    async fn bucket(&self, more: &str) -> (Bucket, BTreeSet<String>) {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let parameters = format!("protocol=csv&include-commit-ts=true{more}");
        let toml = "[sink]\ndate-separator = 'none'\nfile-index-digit = 6\n";
        let config = in_process::config_with(&parameters, toml);
        let mut log = Scripted::begin(&config, Arc::clone(&store), WholeTables).await;
        let mut names = BTreeSet::new();
        let mut databases = BTreeSet::new();
        for (sql, at) in self.setup.iter().zip((100..).step_by(100)) {
            for event in log.statement(sql, "d", at).await {
                names.extend(
                    event.changes.iter().map(|change| TableName::new(&*change.schema, &*change.table)),
                );
            }
        }
        self.a_row_each(&mut log, &names, BEFORE).await;
        for event in log.statement(self.statement, "d", STATEMENT).await {
            names.extend(event.changes.iter().map(|change| TableName::new(&*change.schema, &*change.table)));
            databases.extend(event.changes.iter().map(|change| change.schema.clone()));
        }
        self.a_row_each(&mut log, &names, AFTER).await;
        log.end().await;
        let options = Options {
            format: Format::Csv(CsvOptions::default()),
            date_separator: DateSeparator::None,
            index_width: 6,
            ..Options::default()
        };
        (Bucket::read(store, "", &options).await.unwrap(), databases)
    }

    async fn a_row_each(&self, log: &mut Scripted, names: &BTreeSet<TableName>, at: u64) {
        let tables: Vec<Arc<TableSchema>> = names.iter().filter_map(|name| log.table(name)).collect();
        for (mut table, at) in tables.into_iter().zip(at..) {
            let partition = self.partitions.get(table.name.table.as_str()).copied();
            Arc::make_mut(&mut table).partition = partition;
            let value = |key| if key { Value::Int(1) } else { Value::Null };
            let values = table.columns.iter().map(|column| value(!column.nullable)).collect();
            log.rows(table, [(Op::Insert, values)], at).await;
        }
    }
}

/// Whether a schema file is of the statement, or of the rows after it.
fn is_new(file: &&SchemaFile) -> bool {
    file.version >= STATEMENT
}

fn shown(file: &SchemaFile) -> String {
    let column = |column: &ColumnDef| {
        let star = if column.is_pk { "*" } else { "" };
        format!("{} {}{star}", column.name, column.type_name)
    };
    let columns =
        file.columns.as_ref().map(|columns| columns.iter().map(column).collect::<Vec<_>>().join(", "));
    let columns = columns.unwrap_or_else(|| "null".to_owned());
    format!("{} {} [{}] {columns}", file.path, file.kind, file.query)
}

#[tokio::test]
async fn every_ddl_writes_the_files_that_the_format_says() {
    let mut found = String::new();
    for case in cases() {
        found.push_str(&case.found().await);
        found.push('\n');
    }
    println!("figures: {} statements, each by name and by table id", cases().len());
    if let Some(file) = std::env::var_os("SPILLWAY_GOLDENS") {
        std::fs::write(file, &found).unwrap();
    }
    let first = CASES.lines().zip(found.lines()).find(|(golden, found)| golden != found);
    assert_eq!(first.map(|(golden, _)| golden), first.map(|(_, found)| found));
    assert_eq!(CASES.trim_end().lines().count(), found.trim_end().lines().count());
}
