//! The bucket, replayed commit by commit.

use crate::in_process::{self, Reading};
use crate::session::{Commit, Recording, Shown};
use crate::tables::{DATABASE, MARKS, TABLES};
use object_store::memory::InMemory;
use source_mysql::Start;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use tests::consumer::{Bucket, CsvOptions, Format, Op, Options, Row, Stepwise, TableKey};

/// A way to write a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    parameters: &'static str,
    raw: bool,
    /// Whether every transaction waits on disk for its commit.
    spilled: bool,
}

const CSV: &str = "protocol=csv&include-commit-ts=true";
const CSV_OLD: &str = "protocol=csv&include-commit-ts=true&output-old-value=true";
const CANAL: &str = "protocol=canal-json&enable-tidb-extension=true";
const CANAL_COMPATIBLE: &str = "protocol=canal-json&enable-tidb-extension=true&content-compatible=true";

/// Both protocols, with and without old rows, both settings of `output-raw-change-event`, and transactions that
/// are too large for memory.
pub const FORMATS: [Written; 10] = [
    Written { parameters: CSV, raw: false, spilled: false },
    Written { parameters: CSV, raw: true, spilled: false },
    Written { parameters: CSV_OLD, raw: false, spilled: false },
    Written { parameters: CSV_OLD, raw: true, spilled: false },
    Written { parameters: CANAL, raw: false, spilled: false },
    Written { parameters: CANAL, raw: true, spilled: false },
    Written { parameters: CANAL_COMPATIBLE, raw: false, spilled: false },
    Written { parameters: CANAL_COMPATIBLE, raw: true, spilled: false },
    Written { parameters: CSV, raw: false, spilled: true },
    Written { parameters: CANAL, raw: true, spilled: true },
];

/// How a bucket compared with its server.
#[derive(Debug)]
pub struct Verdict {
    written: Written,
    rows: usize,
    pub cells: u64,
    /// Tables that differed after a commit, counted at every commit.
    pub differences: u64,
    /// The first of them, with everything one wants to know.
    pub first: Option<String>,
}

/// Takes the server's log into a bucket and compares every table after every commit.
pub async fn judge(written: Written, url: String, end: (String, u64), recording: Arc<Recording>) -> Verdict {
    let toml = format!("[sink.cloud-storage-config]\noutput-raw-change-event = {}", written.raw);
    let parameters = format!("{}&flush-interval=10m", written.parameters);
    let config = in_process::config_with(&parameters, &toml);
    let store = Arc::new(InMemory::new());
    let reading = match written.spilled {
        true => Reading::spilling(config, &url, Start::Earliest).await,
        false => Reading::with(config, &url, Start::Earliest).await,
    };
    let reading = reading.unwrap_or_else(|error| panic!("{written}: {error}"));
    let followed = reading.until(store.clone(), end).await;
    followed.unwrap_or_else(|error| panic!("{written}: {error}"));
    let bucket = Bucket::read(store, "", &written.options()).await;
    let bucket = bucket.unwrap_or_else(|violation| panic!("{written}: {violation}"));
    let mut verdict = Verdict { written, rows: bucket.row_count(), cells: 0, differences: 0, first: None };
    let mut tables = bucket.stepwise().unwrap_or_else(|violation| panic!("{written}: {violation}"));
    let marks = marks(&bucket);
    let committed: Vec<u64> = recording.commits.iter().map(|commit| commit.number).collect();
    let mut found: Vec<u64> = marks.keys().copied().collect();
    found.sort_unstable();
    let lost = recording.commits.iter().find(|commit| !marks.contains_key(&commit.number));
    let lost = lost.map(|commit| commit.statements.join(";\n"));
    assert_eq!(lost, None, "{written}: a transaction that committed is not in the bucket");
    assert_eq!(found, committed, "{written}: the transactions in the bucket are those that committed");
    for commit in &recording.commits {
        verdict.compare(&mut tables, commit, marks[&commit.number]);
    }
    verdict
}

/// The commit-ts of every transaction.
fn marks(bucket: &Bucket) -> HashMap<u64, u64> {
    let rows = bucket.distinct_rows().expect("its order was checked");
    let marks = rows.get(&TableKey::new(DATABASE, MARKS)).into_iter().flatten();
    let mark = |row: &&Row| {
        assert_eq!(row.op, Op::Insert, "marks are only inserted");
        let number = row.values[0].as_ref().expect("a mark has a number");
        (number.parse().expect("it is a number"), row.commit_ts)
    };
    marks.map(mark).collect()
}

impl Verdict {
    /// Compares every table as it was after one commit.
    fn compare(&mut self, tables: &mut Stepwise<'_>, commit: &Commit, commit_ts: u64) {
        for (table, shown) in TABLES.iter().zip(&commit.shown) {
            let key = table.key();
            let advanced = tables.advance(&key, commit_ts);
            let advanced = advanced.map(<[&Row]>::to_vec).map_err(|violation| violation.to_string());
            let mut rebuilt = tables.table(&key).map(|table| table.all_rows()).unwrap_or_default();
            rebuilt.sort_unstable();
            self.cells += shown.iter().map(|row| row.len() as u64).sum::<u64>();
            if advanced.is_ok() && rebuilt.iter().copied().eq(shown.iter()) {
                continue;
            }
            self.differences += 1;
            if self.first.is_none() {
                let rebuilt: Shown = rebuilt.into_iter().cloned().collect();
                self.first = Some(difference(self.written, table.name, commit, &rebuilt, shown, &advanced));
            }
        }
    }
}

/// Everything that helps to see why.
fn difference(
    written: Written,
    table: &str,
    commit: &Commit,
    rebuilt: &Shown,
    shown: &Shown,
    advanced: &Result<Vec<&Row>, String>,
) -> String {
    let rows = |rows: &Shown| {
        let row = |row: &Vec<Option<String>>| {
            let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("NULL")).collect();
            format!("({})", cells.join(", "))
        };
        rows.iter().map(row).collect::<Vec<_>>().join(" ")
    };
    let lines = match advanced {
        Ok(rows) => rows.iter().map(|row| String::from_utf8_lossy(&row.raw).into_owned()).collect(),
        Err(violation) => violation.clone(),
    };
    format!(
        "{written}: table {table} after transaction {}\n{}\nserver: {}\nbucket: {}\nlines of the bucket:\n{lines}",
        commit.number,
        commit.statements.join(";\n"),
        rows(shown),
        rows(rebuilt),
    )
}

impl Written {
    fn options(self) -> Options {
        let csv = |output_old_value| Format::Csv(CsvOptions { output_old_value, ..CsvOptions::default() });
        let format = match self.parameters {
            CSV => csv(false),
            CSV_OLD => csv(true),
            _ => Format::CanalJson,
        };
        Options { format, ..Options::default() }
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spilled = if self.spilled { ", spilled" } else { "" };
        write!(f, "{}, raw {}{spilled}", self.parameters, self.raw)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, rows, cells, differences, .. } = self;
        write!(f, "{written}: {rows} rows, {cells} cells compared, {differences} differences")
    }
}
