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
    peculiar: Peculiar,
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

/// Makes a table. MariaDB before 10.2 has another word for a stored column. Where there is no such column (MySQL before 5.7)
/// or its values are not in the log (MariaDB 11.8), it is a plain one that stays empty.
async fn create(client: &mut Conn, statement: &str, logs_stored: bool) {
    let plain = statement.replace(" AS (base % 3) STORED", "");
    let first = if logs_stored { statement } else { &plain };
    let mut refused = None;
    for statement in [first, &statement.replace(" STORED", " PERSISTENT"), &plain] {
        match client.query_drop(statement).await {
            Ok(()) => return,
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    panic!("{statement}: {refused:?}");
}

/// What is peculiar to a server's log.
#[derive(Clone, Copy)]
struct Peculiar {
    /// It has the values of stored columns.
    logs_stored: bool,
    /// Behind a DROP TEMPORARY TABLE in a transaction it keeps the rows of a statement that failed, and a replica gets rows
    /// that the server has not.
    keeps_failed: bool,
}

impl Peculiar {
    async fn of(client: &mut Conn) -> Self {
        let version: Option<String> = client.query_first("SELECT VERSION()").await.unwrap();
        let version = version.unwrap();
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        let number = (numbers.next().unwrap(), numbers.next().unwrap());
        let is_mariadb = version.contains("MariaDB");
        Self { logs_stored: !is_mariadb || number < (11, 5), keeps_failed: is_mariadb && number < (10, 3) }
    }
}

impl Session {
    /// Makes the tables.
    pub async fn start(server: &Database) -> Self {
        let mut client = server.pool().get_conn().await.unwrap();
        client.query_drop("SET NAMES utf8mb4").await.unwrap();
        let peculiar = Peculiar::of(&mut client).await;
        for statement in definitions() {
            create(&mut client, &statement, peculiar.logs_stored).await;
        }
        let looks: Vec<String> = TABLES.iter().map(|table| format!("SELECT * FROM {}", table.name)).collect();
        let now = vec![Arc::default(); TABLES.len()];
        Self {
            client,
            look: looks.join("; "),
            now,
            done: Vec::new(),
            recording: Recording::default(),
            peculiar,
        }
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
            if self.peculiar.keeps_failed && statement.contains("TEMPORARY") {
                continue;
            }
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
