//! XA transactions in two phases: their rows come at their commit, once, whoever starts again in between.

mod mysql_server;
mod reading;
mod server;

use change_event::{CommitTs, Value};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use mysql_server::MySql;
use server::MariaDb;
use source_mysql::{Binlog, Mark, SourceItem, SourceOptions, Start};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// A server and its clients: who prepares a transaction can do nothing else until it is committed.
struct Clients<C: AsyncFn() -> Conn> {
    connect: C,
    other: Conn,
    url: Url,
}

impl<C: AsyncFn() -> Conn> Clients<C> {
    async fn new(connect: C, url: Url) -> Self {
        let mut clients = Self { other: connect().await, connect, url };
        clients.run(&["CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)"]).await;
        clients
    }

    async fn run(&mut self, statements: &[&str]) {
        for statement in statements {
            self.other.query_drop(*statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    /// The first phase: a row, or none.
    async fn prepare(&self, name: &str, id: Option<i64>) -> Conn {
        let mut conn = (self.connect)().await;
        conn.query_drop(format!("XA START '{name}','b',7")).await.unwrap();
        if let Some(id) = id {
            conn.query_drop(format!("INSERT INTO d.t VALUES ({id})")).await.unwrap();
        }
        conn.query_drop(format!("XA END '{name}','b',7")).await.unwrap();
        conn.query_drop(format!("XA PREPARE '{name}','b',7")).await.unwrap();
        conn
    }

    /// Reads until a row with this number and its mark have come.
    async fn read(&self, start: Start, last: i64) -> (Vec<(CommitTs, i64)>, Mark) {
        self.read_until(start, |rows| rows.last().is_some_and(|(_, id)| *id == last)).await
    }

    /// Reads until there is a mark behind rows that are enough.
    async fn read_until(
        &self,
        start: Start,
        are_enough: impl Fn(&[(CommitTs, i64)]) -> bool,
    ) -> (Vec<(CommitTs, i64)>, Mark) {
        let mut log = Binlog::connect(&self.url, SourceOptions::default(), start).await.unwrap();
        let mut rows = Vec::new();
        loop {
            let next = timeout(Duration::from_secs(60), log.next()).await.expect("the log goes on");
            match next.unwrap().expect("a server's log has no end") {
                item @ SourceItem::Event(_) => {
                    for event in reading::rows(std::slice::from_ref(&item)) {
                        rows.extend(event.rows.iter().filter_map(|row| match row.after?.value(0) {
                            Value::Int(id) => Some((event.commit_ts, id)),
                            _ => None,
                        }));
                    }
                }
                SourceItem::Mark(mark) if are_enough(&rows) => return (rows, mark),
                SourceItem::Mark(_) | SourceItem::Parked(_) => {}
            }
        }
    }
}

async fn finish(mut conn: Conn, how: &str, name: &str) {
    conn.query_drop(format!("XA {how} '{name}','b',7")).await.unwrap();
}

fn ids(rows: &[(CommitTs, i64)]) -> Vec<i64> {
    rows.iter().map(|(_, id)| *id).collect()
}

async fn two_phases<C: AsyncFn() -> Conn>(mut clients: Clients<C>) {
    // The oldest is over first: then the next one is where to begin again.
    let second = clients.prepare("second", Some(3)).await;
    let kept = clients.prepare("kept", Some(1)).await;
    let dropped = clients.prepare("dropped", Some(2)).await;
    clients.run(&["INSERT INTO d.t VALUES (10)", "FLUSH LOGS", "INSERT INTO d.t VALUES (11)"]).await;
    finish(second, "COMMIT", "second").await;
    clients.run(&["INSERT INTO d.t VALUES (12)"]).await;
    finish(dropped, "ROLLBACK", "dropped").await;
    finish(kept, "COMMIT", "kept").await;
    clients.run(&["INSERT INTO d.t VALUES (13)"]).await;

    let (all, _) = clients.read(Start::Earliest, 13).await;
    assert_eq!(ids(&all), [10, 11, 3, 12, 1, 13], "rows come where their transaction commits");
    assert!(all.is_sorted_by(|one, next| one.0 < next.0));

    // Whoever starts again at any mark reads the rest, with the same commit-ts: nothing twice, nothing lost.
    for (place, last) in ids(&all).into_iter().enumerate() {
        let (before, mark) = clients.read(Start::Earliest, last).await;
        assert_eq!(before, all[..=place]);
        if last == 13 {
            break;
        }
        let again = |mark: &Mark| Start::Resume(Box::new(mark.clone().into()));
        let (after, _) = clients.read(again(&mark), 13).await;
        assert_eq!(after, all[place + 1..], "started again behind row {last}");
        // So does who is stopped at once, before it has come again to where it was.
        let (mut after, mark) = clients.read_until(again(&mark), |_| true).await;
        if after.last() != all.last() {
            after.extend(clients.read(again(&mark), 13).await.0);
        }
        assert_eq!(after, all[place + 1..], "started twice behind row {last}");
    }
    println!("figures: {} rows in two phases and beside them, each once", all.len());
}

#[tokio::test]
async fn rows_of_an_xa_transaction_come_at_its_commit_and_once() {
    let db = MariaDb::start();
    let url = db.url("reader");
    two_phases(Clients::new(async || db.connect().await, url).await).await;
}

#[tokio::test]
#[ignore = "needs a MySQL: cargo xtask matrix"]
async fn rows_of_an_xa_transaction_come_at_its_commit_and_once_on_mysql() {
    let db = MySql::start();
    let url = db.url();
    two_phases(Clients::new(async || db.connect().await, url).await).await;
}

/// Its rows are further back than anybody reads.
#[tokio::test]
async fn the_commit_of_what_was_prepared_before_the_start_is_told() {
    let db = MariaDb::start();
    let mut clients = Clients::new(async || db.connect().await, db.url("looker")).await;
    let kept = clients.prepare("kept", Some(1)).await;
    let mut log = Binlog::connect(&clients.url, SourceOptions::default(), Start::Now).await.unwrap();
    finish(kept, "COMMIT", "kept").await;
    clients.run(&["INSERT INTO d.t VALUES (2)"]).await;
    let error = loop {
        match log.next().await {
            Ok(_) => {}
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("XA COMMIT") && error.contains("--skip-event binlog."), "{error}");
}

/// One without rows leaves nothing behind, and stops nobody.
#[tokio::test]
async fn an_xa_transaction_without_rows_is_passed() {
    let db = MariaDb::start();
    let mut clients = Clients::new(async || db.connect().await, db.url("looker")).await;
    let empty = clients.prepare("empty", None).await;
    clients.run(&["INSERT INTO d.t VALUES (1)"]).await;
    finish(empty, "COMMIT", "empty").await;
    clients.run(&["INSERT INTO d.t VALUES (2)"]).await;
    let (rows, mark) = clients.read(Start::Earliest, 2).await;
    assert_eq!(ids(&rows), [1, 2]);
    assert_eq!(mark.position.handed_over, None, "nothing is held back any more");
}
