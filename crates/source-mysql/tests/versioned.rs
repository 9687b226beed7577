//! MariaDB's hidden columns, history rows and sequences, with the server as judge: what comes out is what `SELECT *`
//! shows.

mod bookkeeping;
mod server;

use bookkeeping::{Books, described, description};
use change_event::Op;
use mysql_async::prelude::Queryable;
use server::MariaDb;
use source_mysql::{Binlog, SourceOptions, Start};

const TABLES: [&str; 7] =
    ["d.implicit", "d.explicit", "d.partly", "d.keyless", "d.hashed", "d.both", "d.turned"];

const CREATE: &str = "
    CREATE DATABASE d;
    CREATE TABLE d.implicit (id INT PRIMARY KEY, v INT, UNIQUE (v)) WITH SYSTEM VERSIONING;
    CREATE TABLE d.explicit (id INT PRIMARY KEY, v INT, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
        e TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING;
    CREATE TABLE d.partly (id INT PRIMARY KEY, v INT WITHOUT SYSTEM VERSIONING, w INT) WITH SYSTEM VERSIONING;
    CREATE TABLE d.keyless (id INT, v INT) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 20 PARTITIONS 3;
    CREATE TABLE d.hashed (id INT PRIMARY KEY, v TEXT, w TEXT, UNIQUE (v), UNIQUE k (w) USING HASH);
    CREATE TABLE d.both (id INT NOT NULL, v BLOB, UNIQUE (id), UNIQUE (v)) WITH SYSTEM VERSIONING;
    CREATE TABLE d.turned (id INT PRIMARY KEY, v INT)";

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Statements over few keys, so that most of them hit something.
async fn churn(db: &MariaDb, seed: u64, sequence: bool) {
    let mut conn = db.connect().await;
    let mut dice = Dice(seed);
    conn.query_drop("SET system_versioning_alter_history = KEEP").await.unwrap();
    let mut versioned = false;
    for _ in 0..400 {
        let table = TABLES[dice.below(TABLES.len() as u64) as usize];
        let (id, v, to) = (dice.below(6), dice.below(50), dice.below(6));
        let statement = match dice.below(12) {
            0..=3 => format!("INSERT IGNORE INTO {table} (id, v) VALUES ({id}, {v}), ({to}, {v} + 1)"),
            4 | 5 => format!("REPLACE INTO {table} (id, v) VALUES ({id}, {v})"),
            6 => format!("UPDATE IGNORE {table} SET v = {v} WHERE id <= {id}"),
            7 => format!("UPDATE IGNORE {table} SET id = {to} WHERE id = {id}"),
            8 => format!("DELETE FROM {table} WHERE id = {id}"),
            9 => format!("INSERT INTO {table} (id, v) VALUES ({id}, {v}) ON DUPLICATE KEY UPDATE v = v + 1"),
            10 if table == "d.turned" => {
                versioned = !versioned;
                format!("ALTER TABLE d.turned {} SYSTEM VERSIONING", if versioned { "ADD" } else { "DROP" })
            }
            10 if sequence => "SELECT NEXTVAL(d.numbers)".to_owned(),
            10 => continue,
            _ if table != "d.hashed" && (table != "d.turned" || versioned) => {
                format!("DELETE HISTORY FROM {table}")
            }
            _ => "BEGIN; ROLLBACK".to_owned(),
        };
        for statement in statement.split("; ") {
            // A key that is taken is no matter: then there is nothing in the log.
            if let Err(error) = conn.query_drop(statement).await {
                assert!(error.to_string().contains("1062"), "{statement}: {error}");
            }
        }
    }
    conn.query_drop("CREATE TABLE d.the_end (id INT)").await.unwrap();
}

async fn agrees(db: &MariaDb, books: &Books, described_too: bool) {
    let mut conn = db.connect().await;
    let mut cells = 0;
    for table in TABLES {
        cells += books.compare(&mut conn, table).await;
        if described_too {
            let ours = described(&books.tables[table], "longtext");
            assert_eq!(ours, description(&mut conn, table).await, "{table}");
        }
    }
    assert!(cells > 60, "{cells}");
    assert!(!books.tables.contains_key("d.numbers"), "a sequence is no table");
}

async fn open(db: &MariaDb, start: Start) -> Binlog {
    Binlog::connect(&db.url("reader"), SourceOptions::default(), start).await.unwrap()
}

#[tokio::test]
async fn current_rows_are_the_rows_of_a_table() {
    for seed in 1..=3 {
        let db = MariaDb::start();
        db.run(CREATE).await;
        db.run("CREATE SEQUENCE d.numbers").await;
        churn(&db, seed, true).await;
        let books = Books::read(&mut open(&db, Start::Earliest).await, "the_end", &[]).await;
        agrees(&db, &books, true).await;
    }
}

#[tokio::test]
async fn current_rows_are_the_rows_of_a_table_that_the_log_does_not_name_the_columns_of() {
    let db = MariaDb::start();
    db.run("SET GLOBAL binlog_row_metadata = NO_LOG").await;
    db.run(CREATE).await;
    churn(&db, 7, false).await;
    let books = Books::read(&mut open(&db, Start::Earliest).await, "the_end", &[]).await;
    agrees(&db, &books, true).await;
}

/// Declared columns may have any names, so such a table must be known from its statement.
#[tokio::test]
async fn what_nobody_declared_is_hidden_without_the_statement_too() {
    let db = MariaDb::start();
    db.run(CREATE).await;
    db.run("CREATE SEQUENCE d.numbers").await;
    let mut log = open(&db, Start::Now).await;
    churn(&db, 9, true).await;
    let books = Books::read(&mut log, "the_end", &["d.explicit"]).await;
    let mut conn = db.connect().await;
    for table in TABLES.iter().filter(|table| **table != "d.explicit") {
        books.compare(&mut conn, table).await;
    }
    assert!(!books.tables.contains_key("d.numbers"), "a sequence is no table");
}

#[tokio::test]
async fn declared_columns_of_such_names_are_columns() {
    let db = MariaDb::start();
    db.run(
        "CREATE DATABASE d;
         CREATE TABLE d.t (row_start TIMESTAMP(6) NOT NULL, row_end TIMESTAMP(6) NOT NULL);
         CREATE TABLE d.h (DB_ROW_HASH_1 BIGINT, t TEXT, UNIQUE (t));
         INSERT INTO d.t VALUES ('2020-01-01', '2021-01-01');
         INSERT INTO d.h VALUES (1, 't');
         CREATE TABLE d.the_end (id INT)",
    )
    .await;
    let books = Books::read(&mut open(&db, Start::Earliest).await, "the_end", &[]).await;
    let mut conn = db.connect().await;
    assert_eq!(books.compare(&mut conn, "d.t").await, 2);
    assert_eq!(books.compare(&mut conn, "d.h").await, 2);
}

/// Rows that are put into the history by hand were never in the table.
#[tokio::test]
async fn history_that_is_written_by_hand_is_left_out() {
    let db = MariaDb::start();
    db.run(
        "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY) WITH SYSTEM VERSIONING;
         SET system_versioning_insert_history = 1;
         INSERT INTO d.t (id, row_start, row_end) VALUES (1, '2020-01-01', '2021-01-01');
         INSERT INTO d.t (id, row_start, row_end) VALUES (2, '2020-01-01', '2038-01-19 03:14:07.999999')",
    )
    .await;
    db.run("DELETE HISTORY FROM d.t; DELETE FROM d.t WHERE id = 2; CREATE TABLE d.the_end (id INT)").await;
    let mut log = open(&db, Start::Earliest).await;
    let mut ops = Vec::new();
    while let Some(item) = log.next().await.unwrap() {
        match item {
            source_mysql::SourceItem::Event(change_event::ChangeEvent::Rows(event)) => {
                ops.extend(event.rows.iter().map(|row| row.op));
            }
            source_mysql::SourceItem::Event(change_event::ChangeEvent::Ddl(ddl))
                if ddl.changes.iter().any(|change| change.table == "the_end") =>
            {
                break;
            }
            _ => {}
        }
    }
    assert_eq!(ops, [Op::Insert, Op::Delete]);
}
