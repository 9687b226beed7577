//! The client that does it, and looks at the tables after each commit.

use crate::tables::{TABLES, Table, definitions};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Row};
use std::fmt;
use std::sync::Arc;
use tests::Database;

/// The rows of one table in the order of their texts, as the server shows them.
pub type Shown = Vec<Vec<Option<String>>>;

/// A table with more rows is made smaller.
const CROWDED: usize = 12;

/// Refusals that chance brings about. Any other is a statement that was written wrongly.
const EXPECTED: [u16; 6] = [
    1048, // NULL in a NOT NULL column
    1062, // the key is there already
    1264, // out of range
    1292, // a word is no number
    1305, // the savepoint is not there
    1706, // a joined UPDATE of a key that moves rows between partitions
];

/// One connection that writes.
pub struct Session {
    client: Conn,
    look: String,
    now: Vec<Arc<Shown>>,
    /// What was done since the last commit.
    done: Vec<String>,
    recording: Recording,
}

/// What was done, and what the server showed after each commit.
#[derive(Default)]
pub struct Recording {
    pub transactions: u64,
    pub commits: Vec<Commit>,
    pub statements: u64,
    pub refused: u64,
}

/// One committed transaction, together with what was done since the one before.
pub struct Commit {
    pub number: u64,
    pub statements: Vec<String>,
    /// In the order of [`TABLES`].
    pub shown: Vec<Arc<Shown>>,
}

impl Session {
    /// Makes the tables.
    pub async fn start(server: &Database) -> Self {
        let mut client = server.pool().get_conn().await.unwrap();
        client.query_drop("SET NAMES utf8mb4").await.unwrap();
        for statement in definitions() {
            client.query_drop(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        let looks: Vec<String> = TABLES.iter().map(|table| format!("SELECT * FROM {}", table.name)).collect();
        let now = vec![Arc::default(); TABLES.len()];
        Self { client, look: looks.join("; "), now, done: Vec::new(), recording: Recording::default() }
    }

    /// The tables that have too many rows.
    pub fn crowded(&self) -> Vec<&'static Table> {
        let tables = TABLES.iter().zip(&self.now);
        tables.filter(|(_, rows)| rows.len() > CROWDED).map(|(table, _)| table).collect()
    }

    /// Does what a transaction does, whatever of it the server refuses.
    pub async fn run(&mut self, number: u64, script: Vec<String>) {
        let committed = script.last().is_none_or(|last| last != "ROLLBACK");
        for statement in script {
            self.recording.statements += 1;
            match self.client.query_drop(&statement).await {
                Ok(()) => self.done.push(statement),
                Err(Error::Server(error)) if EXPECTED.contains(&error.code) => {
                    self.recording.refused += 1;
                    self.done.push(format!("{statement} -- {}", error.message));
                }
                Err(error) => panic!("{statement}: {error}"),
            }
        }
        self.recording.transactions += 1;
        self.look().await;
        if committed {
            let (statements, shown) = (std::mem::take(&mut self.done), self.now.clone());
            self.recording.commits.push(Commit { number, statements, shown });
        }
    }

    /// Reads every table. What did not change is not kept twice.
    async fn look(&mut self) {
        let mut answer = self.client.query_iter(self.look.as_str()).await.unwrap();
        for now in &mut self.now {
            let rows: Vec<Row> = answer.collect().await.unwrap();
            let mut shown: Shown = rows.into_iter().map(texts).collect();
            shown.sort_unstable();
            if shown != **now {
                *now = Arc::new(shown);
            }
        }
    }

    pub fn finish(self) -> Recording {
        self.recording
    }
}

fn texts(row: Row) -> Vec<Option<String>> {
    let text = |value: mysql_async::Value| match value {
        mysql_async::Value::NULL => None,
        mysql_async::Value::Bytes(bytes) => Some(String::from_utf8(bytes).expect("it is UTF-8")),
        other => unreachable!("the text protocol gave {other:?}"),
    };
    row.unwrap().into_iter().map(text).collect()
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} transactions, {} committed; {} statements, {} refused",
            self.transactions,
            self.commits.len(),
            self.statements,
            self.refused
        )
    }
}
