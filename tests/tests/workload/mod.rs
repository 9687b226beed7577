//! Clients that write to a MariaDB all at once, as unlike each other as the source must bear.
//!
//! | room | what lives there |
//! |---|---|
//! | `dice` | choices from a seed |
//! | `tables` | the tables, and what is written into them |
//! | `transactions` | what one client does in one transaction |
//! | `statements` | the DDLs between them |
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod dice;
mod statements;
mod tables;
mod transactions;

pub use dice::{Dice, seed};
pub use tables::DATABASES;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Pool};
use tests::MariaDb;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How much is written.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Clients that write rows.
    pub writers: u64,
    /// Transactions of each; `None`: until they are stopped.
    pub transactions: Option<u64>,
    /// DDLs, all from one client; `None`: until it is stopped.
    pub statements: Option<u64>,
    /// Rows are written this many times for one DDL, when both go on until they are stopped.
    pub rows_per_statement: u64,
}

/// Clients at work.
pub struct Workload {
    clients: JoinSet<Done>,
    stop: watch::Sender<bool>,
}

/// What became of a client's transactions or statements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The server did them.
    pub committed: u64,
    /// Rolled back: by choice, for a deadlock, or because a table or column was gone in that moment.
    pub refused: u64,
}

impl Workload {
    /// Makes the tables and lets the clients begin.
    pub async fn start(mariadb: &MariaDb, seed: u64, amount: Amount) -> Self {
        for statement in tables::CREATE {
            mariadb.query(statement).await.expect("the tables can be made");
        }
        let (stop, stopped) = watch::channel(false);
        let mut clients = JoinSet::new();
        for writer in 0..amount.writers {
            let dice = Dice::new(seed ^ (writer + 1));
            clients.spawn(write(mariadb.pool(), writer, dice, amount.transactions, stopped.clone()));
        }
        clients.spawn(define(mariadb.pool(), Dice::new(seed), amount, stopped));
        Self { clients, stop }
    }

    /// Waits until all have done their part, and sums it up.
    pub async fn finished(mut self) -> Done {
        let mut sum = Done::default();
        while let Some(client) = self.clients.join_next().await {
            let done = client.expect("a client meets no error but those it expects");
            sum.committed += done.committed;
            sum.refused += done.refused;
        }
        sum
    }

    /// Stops them between two transactions, and waits until they have.
    pub async fn stop(self) -> Done {
        self.stop.send_replace(true);
        self.finished().await
    }
}

/// Where the log ends, behind a transaction. A log file may be new and without one: nobody can have read up to there.
pub async fn end_of_log(mariadb: &MariaDb) -> (String, u64) {
    for attempt in 0.. {
        let (before, _) = mariadb.binlog_end().await.unwrap();
        let last = format!("REPLACE INTO shop.fleeting (id, note) VALUES (-1, 'the end, {attempt}')");
        mariadb.query(last).await.unwrap();
        let (file, offset) = mariadb.binlog_end().await.unwrap();
        if file == before {
            return (file, offset);
        }
    }
    unreachable!("a log file holds more than one row")
}

/// One client that writes rows.
async fn write(
    pool: Pool,
    writer: u64,
    mut dice: Dice,
    times: Option<u64>,
    stop: watch::Receiver<bool>,
) -> Done {
    let mut client = connect(&pool).await;
    let mut done = Done::default();
    for number in 0..times.unwrap_or(u64::MAX) {
        if *stop.borrow() {
            break;
        }
        let statements = transactions::next(&mut dice, writer, number);
        match run(&mut client, &statements).await {
            Ok(()) => done.committed += 1,
            Err(Error::Server(_)) => {
                done.refused += 1;
                client.query_drop("ROLLBACK").await.expect("a transaction can be rolled back");
            }
            Err(error) => panic!("{statements:?}: {error}"),
        }
    }
    done
}

/// The client that changes tables.
async fn define(pool: Pool, mut dice: Dice, amount: Amount, stop: watch::Receiver<bool>) -> Done {
    let mut client = connect(&pool).await;
    let mut done = Done::default();
    for number in 0..amount.statements.unwrap_or(u64::MAX) {
        // Rows in between, so that there is something to drain before a DDL.
        for filler in 0..amount.rows_per_statement {
            if *stop.borrow() {
                return done;
            }
            let id = 900_000_000 + number * amount.rows_per_statement + filler;
            let row = format!("INSERT INTO shop.fleeting (id, note) VALUES ({id}, 'between two DDLs')");
            client.query_drop(row).await.expect("this table is never renamed");
        }
        let statement = statements::next(&mut dice, number);
        match client.query_drop(&statement).await {
            Ok(()) => done.committed += 1,
            Err(Error::Server(_)) => done.refused += 1,
            Err(error) => panic!("{statement}: {error}"),
        }
    }
    done
}

async fn connect(pool: &Pool) -> Conn {
    let mut client = pool.get_conn().await.expect("the server takes one more client");
    // Two clients that wait for each other's locks on tables are not a deadlock to the server.
    for setting in ["SET NAMES utf8mb4", "SET lock_wait_timeout = 1", "SET innodb_lock_wait_timeout = 1"] {
        client.query_drop(setting).await.expect("a setting of its own can be changed");
    }
    client
}

async fn run(client: &mut Conn, statements: &[String]) -> Result<(), Error> {
    for statement in statements {
        client.query_drop(statement).await?;
    }
    Ok(())
}
