//! Histories by chance: rows and DDLs over tables, split tables and views, written to a slow store and read back by the
//! independent reader. No row is read under a schema that was not its own; replayed, a bucket gives the tables that a
//! model has; and at no moment was anything there before what it builds on.
//!
//! Statements that move rows where only their text tells (partitions that are dropped or exchanged) are in
//! `ddl_replay`, on servers.

#[path = "../workload/dice.rs"]
mod dice;
#[path = "../in_process/mod.rs"]
mod in_process;
mod model;
#[path = "../scripted/mod.rs"]
mod scripted;
mod slow;
mod statements;

use change_event::{Op, RowEvent, RowsBuilder, TableName, Value};
use dice::{Dice, seed};
use dispatcher::Splitter;
use model::{Cell, Kind, Model, Row};
use object_store::ObjectStore;
use scripted::Scripted;
use slow::Slow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tests::consumer::{Bucket, CsvOptions, DateSeparator, Format, Journal, Options, TableKey};

/// How many histories of how many steps.
const HISTORIES: u64 = 1000;
const STEPS: u64 = 60;

/// How a history is written.
#[derive(Clone, Copy, Debug)]
struct Form {
    /// Tables called `t0` and `t1` have three dispatchers each.
    split: bool,
    by_id: bool,
}

const FORMS: [Form; 4] = [
    Form { split: false, by_id: false },
    Form { split: true, by_id: false },
    Form { split: true, by_id: true },
    Form { split: false, by_id: true },
];

/// Sends each row the way of its id.
struct ById(Form);

impl Splitter for ById {
    fn spans(&self, table: &TableName) -> u32 {
        if self.0.split && ["t0", "t1"].contains(&&*table.table) { 3 } else { 1 }
    }

    fn split(&self, event: RowEvent) -> Vec<(u32, RowEvent)> {
        let id = event.table.columns.iter().position(|column| column.name == "id").unwrap();
        let mut pieces: BTreeMap<u32, RowsBuilder> = BTreeMap::new();
        for row in event.rows.iter() {
            let Value::Int(number) = row.after.or(row.before).unwrap().value(id) else {
                panic!("id is a number")
            };
            let piece = pieces
                .entry((number % 3) as u32)
                .or_insert_with(|| RowsBuilder::new(event.table.columns.len()));
            let images = row.before.iter().chain(&row.after).flat_map(|image| image.values());
            piece.push(row.op, images).unwrap();
        }
        let piece =
            |(span, rows): (u32, RowsBuilder)| (span, RowEvent { rows: rows.build(), ..event.clone() });
        pieces.into_iter().map(piece).collect()
    }
}

/// What a reader must see of the rows of a table that committed at once.
#[derive(Default)]
struct Committed {
    columns: Vec<String>,
    /// Insert or delete, and the values.
    rows: Vec<(bool, Vec<Option<String>>)>,
}

/// A history under way.
struct History {
    log: Scripted,
    model: Model,
    committed: BTreeMap<(TableKey, u64), Committed>,
    at: u64,
    statements: usize,
}

impl History {
    async fn statement(&mut self, dice: &mut Dice, form: Form) {
        let sql = statements::next(dice, &mut self.model, !form.by_id);
        self.at += 10;
        self.statements += self.log.statement(&sql, "a", self.at).await.len();
    }

    /// A transaction: a few changes in one to three tables.
    async fn transaction(&mut self, dice: &mut Dice) {
        self.at += 10;
        for _ in 0..=dice.below(3) {
            let Some(name) = statements::table(dice, &self.model) else { return };
            let key = (TableKey::new(&*name.schema, &*name.table), self.at);
            if self.committed.contains_key(&key) {
                continue;
            }
            let table = self.model.tables.get_mut(&name).unwrap();
            let mut committed = Committed { columns: table.names(), ..Committed::default() };
            let mut changes = Vec::new();
            for _ in 0..=dice.below(4) {
                let id = dice.below(30) as i64;
                let new: Row = std::iter::once(("id".to_owned(), Cell::Number(id)))
                    .chain(table.others().into_iter().map(|(name, kind)| (name, cell(dice, kind))))
                    .collect();
                let new = (!table.rows.contains_key(&id) || dice.once_in(2)).then_some(new);
                let old = table.rows.remove(&id);
                table.rows.extend(new.clone().map(|new| (id, new)));
                let op = match (&old, &new) {
                    (None, _) => Op::Insert,
                    (_, None) => Op::Delete,
                    (Some(_), Some(_)) => Op::Update,
                };
                let images = [(false, old), (true, new)];
                let images =
                    images.into_iter().filter_map(|(is_new, row)| Some((is_new, table.values(&row?))));
                let images: Vec<(bool, Vec<Cell>)> = images.collect();
                let seen = images.iter().map(|(is_new, row)| (*is_new, row.iter().map(Cell::text).collect()));
                committed.rows.extend(seen);
                changes.push((op, images.into_iter().flat_map(|(_, row)| row).collect::<Vec<_>>()));
            }
            let changes = changes.iter().map(|(op, cells)| (*op, cells.iter().map(value).collect()));
            let schema = self.log.table(&name).unwrap();
            self.log.rows(schema, changes, self.at).await;
            self.committed.insert(key, committed);
        }
    }

    /// Reads the bucket and compares all there is. Gives how many rows were read.
    async fn judge(self, journal: &Journal, form: Form) -> usize {
        let History { log, model, mut committed, .. } = self;
        log.end().await;
        let csv = CsvOptions { output_old_value: true, ..CsvOptions::default() };
        let options = Options {
            format: Format::Csv(csv),
            date_separator: DateSeparator::None,
            index_width: 6,
            ..Options::default()
        };
        let bucket = Bucket::read(Arc::new(journal.clone()), "", &options).await.unwrap();
        journal.check_write_order(&bucket, "").unwrap();
        let mut seen: BTreeMap<(TableKey, u64), Committed> = BTreeMap::new();
        for file in &bucket.files {
            let columns: Vec<String> = file.columns.iter().map(|column| column.name.clone()).collect();
            for row in &file.rows {
                let found = seen.entry((file.table.clone(), row.commit_ts)).or_default();
                found.columns.clone_from(&columns);
                found.rows.push((row.op == tests::consumer::Op::Insert, row.values.clone()));
            }
        }
        for (key, committed) in &mut committed {
            let (table, ts) = key;
            let found = seen.remove(key).unwrap_or_else(|| panic!("{table} at {ts}: no rows in the bucket"));
            assert_eq!(
                found.columns, committed.columns,
                "{table} at {ts}: rows under a schema that was not theirs"
            );
            let sorted = |mut rows: Vec<_>| {
                rows.sort();
                rows
            };
            assert_eq!(sorted(found.rows), sorted(std::mem::take(&mut committed.rows)), "{table} at {ts}");
        }
        assert!(seen.is_empty(), "rows that nobody wrote: {:?}", seen.keys());
        let replayed = bucket.replay().unwrap();
        let there: Vec<String> = replayed.tables.keys().map(ToString::to_string).collect();
        assert_eq!(there, model.tables.keys().map(ToString::to_string).collect::<Vec<_>>(), "{form:?}");
        for ((name, wanted), table) in model.tables.iter().zip(replayed.tables.values()) {
            let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
            assert_eq!(columns, wanted.names(), "{name}");
            let mut rows: Vec<_> = table.all_rows().into_iter().cloned().collect();
            rows.sort();
            assert_eq!(rows, wanted.texts(), "{name}");
        }
        let views: Vec<String> = replayed.views.iter().map(ToString::to_string).collect();
        assert_eq!(views, model.views.iter().map(ToString::to_string).collect::<Vec<_>>());
        bucket.row_count()
    }
}

fn cell(dice: &mut Dice, kind: Kind) -> Cell {
    match kind {
        _ if dice.once_in(5) => Cell::Null,
        Kind::Number => Cell::Number(dice.below(1000) as i64),
        Kind::Text => Cell::Text(format!("text, \"{}\"", dice.below(1000))),
    }
}

fn value(cell: &Cell) -> Value<'_> {
    match cell {
        Cell::Null => Value::Null,
        Cell::Number(number) => Value::Int(*number),
        Cell::Text(text) => Value::Text(text.as_bytes()),
    }
}

/// One history from its own seed; says how many statements and rows it had.
async fn history(seed: u64, form: Form) -> (usize, usize) {
    let mut dice = Dice::new(seed);
    let slow: Arc<dyn ObjectStore> = Arc::new(Slow::new(Dice::new(!seed)));
    let journal = Journal::new(slow);
    let parameters = format!(
        "protocol=csv&include-commit-ts=true&output-old-value=true&flush-interval=200ms&use-table-id-as-path={}\
         &enable-table-across-nodes={}",
        form.by_id, form.split
    );
    let config =
        in_process::config_with(&parameters, "[sink]\ndate-separator = 'none'\nfile-index-digit = 6\n");
    let log = Scripted::begin(&config, Arc::new(journal.clone()), ById(form)).await;
    let mut history =
        History { log, model: Model::default(), committed: BTreeMap::new(), at: 100, statements: 0 };
    for database in ["a", "b"] {
        history.model.databases.insert(database.to_owned());
        history.at += 10;
        history.log.statement(&format!("CREATE DATABASE {database}"), "", history.at).await;
    }
    for _ in 0..STEPS {
        match dice.below(10) {
            0..=2 => history.statement(&mut dice, form).await,
            3..=7 => history.transaction(&mut dice).await,
            8 => history.log.resolve().await,
            _ => tokio::time::sleep(Duration::from_millis(dice.below(500))).await,
        }
    }
    let statements = history.statements;
    (statements, history.judge(&journal, form).await)
}

#[tokio::test(start_paused = true)]
async fn whatever_the_history_every_row_is_read_as_it_was_written() {
    let first = seed(20_261_130);
    let (mut statements, mut rows) = (0, 0);
    for number in 0..HISTORIES {
        let form = FORMS[(number % 4) as usize];
        println!("history {number}: seed {}, {form:?}", first + number);
        let (of_it, rows_of_it) = history(first + number, form).await;
        statements += of_it;
        rows += rows_of_it;
    }
    println!("figures: {HISTORIES} histories, {statements} statements, {rows} rows");
}
