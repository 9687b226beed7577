//! A server as it is installed, with nothing set but that it logs rows: its log names no columns, and its tables are
//! older than what is read of the log.
//!
//! The server is the one that `SPILLWAY_SERVER` names.

mod in_process;

use in_process::Reading;
use object_store::memory::InMemory;
use source_mysql::{LogPlace, Start};
use std::sync::Arc;
use tests::consumer::{Bucket, Options, compare_databases};
use tests::{Database, until};

/// Every MySQL and MariaDB knows this value, or knows no such setting and logs no names anyway.
const STOCK: &str = "--loose-binlog-row-metadata=MINIMAL";
const PARAMETERS: &str = "protocol=csv&include-commit-ts=true";

async fn run(server: &Database, statements: &[&str]) {
    for statement in statements {
        server.query(statement).await.unwrap();
    }
}

/// Makes the server forget its log so far, and gives the place where it goes on.
async fn purge(server: &Database) -> (String, u64) {
    run(server, &["FLUSH LOGS"]).await;
    let (file, offset) = server.binlog_end().await.unwrap();
    // A server keeps a file for as long as it may need it after a crash, and says so only in a warning.
    until("the log begins anew", async || {
        server.query(format!("PURGE BINARY LOGS TO '{file}'")).await.unwrap();
        let files = server.query("SHOW BINARY LOGS").await.unwrap();
        (files[0].get::<String, _>(0).as_ref() == Some(&file)).then_some(())
    })
    .await;
    (file, offset)
}

/// The tables of a bucket are the server's.
async fn is_complete(server: &Database, store: Arc<InMemory>) {
    let options = Options::default();
    let bucket = Bucket::read(store, "", &options).await.unwrap();
    let replayed = bucket.replay().unwrap();
    let rows: usize = replayed.tables.values().map(|table| table.row_count()).sum();
    assert!(rows > 0, "nothing was written");
    compare_databases(&server.pool(), &["d"], &replayed, &options).await.unwrap();
    println!("figures: {} tables, {rows} rows", replayed.tables.len());
}

const TABLES: [&str; 6] = [
    "CREATE DATABASE d CHARACTER SET latin1",
    "CREATE TABLE d.item (id INT UNSIGNED PRIMARY KEY, name VARCHAR(20) CHARACTER SET utf8mb4, n BIGINT UNSIGNED,
         kind ENUM('a', 'ü', 'c'), flags SET('x', 'y'), price DECIMAL(9,3), made DATETIME(3), body BLOB, txt TEXT)",
    "CREATE TABLE d.line (a INT, b VARCHAR(5), c SMALLINT UNSIGNED, PRIMARY KEY (b, a), UNIQUE u (c))",
    "CREATE TABLE d.keyless (v INT UNSIGNED, w VARCHAR(9))",
    "CREATE TABLE d.old_name (id INT PRIMARY KEY, v INT UNSIGNED)",
    "CREATE TABLE d.`odd ``name` (id INT PRIMARY KEY, `co l` TINYINT UNSIGNED)",
];

const ROWS: [&str; 6] = [
    "INSERT INTO d.item VALUES (4000000000, 'Größe', 18446744073709551615, 'ü', 'x,y', -1.5, '2024-02-29 01:02:03.456',
         X'00FF', 'größe'), (1, NULL, 0, 'a', '', 0, NULL, '', '')",
    "UPDATE d.item SET id = 2, kind = 'c' WHERE id = 1",
    "INSERT INTO d.line VALUES (-1, 'x', 65535), (1, 'x', 40000)",
    "INSERT INTO d.keyless VALUES (4294967295, 'w'), (4294967295, 'w')",
    "INSERT INTO d.old_name VALUES (1, 4000000000)",
    "INSERT INTO d.`odd ``name` VALUES (1, 200)",
];

const CHANGES: [&str; 6] = [
    "ALTER TABLE d.item ADD COLUMN later INT UNSIGNED NOT NULL DEFAULT 3000000000 AFTER id, DROP COLUMN body",
    "INSERT INTO d.item (id, name) VALUES (7, 'after')",
    "RENAME TABLE d.old_name TO d.new_name",
    "INSERT INTO d.new_name VALUES (2, 4000000001)",
    "CREATE TABLE d.copy LIKE d.item",
    "INSERT INTO d.copy SELECT * FROM d.item WHERE id = 7",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_server_is_followed_from_now_on() {
    let server = Database::start_with(&[STOCK]).await.unwrap();
    run(&server, &TABLES).await;
    let reading = Reading::begin(PARAMETERS, &server.url(), Start::Now).await.unwrap();
    run(&server, &ROWS).await;
    run(&server, &CHANGES).await;
    let store = Arc::new(InMemory::new());
    reading.until(store.clone(), server.binlog_end().await.unwrap()).await.unwrap();
    is_complete(&server, store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_purged_behind_its_tables_is_read_from_its_beginning_or_a_place() {
    let server = Database::start_with(&[STOCK]).await.unwrap();
    run(&server, &TABLES).await;
    let (file, offset) = purge(&server).await;
    run(&server, &ROWS).await;
    let end = server.binlog_end().await.unwrap();
    // A log file without a transaction is the last thing there is.
    run(&server, &["FLUSH LOGS"]).await;
    for start in [Start::Earliest, Start::At(LogPlace { file, offset })] {
        let store = Arc::new(InMemory::new());
        let reading = Reading::begin(PARAMETERS, &server.url(), start).await.unwrap();
        reading.until(store.clone(), end.clone()).await.unwrap();
        is_complete(&server, store).await;
    }
}

/// Nobody can know the columns before the ALTER; and what is known of the others does not suffer.
#[tokio::test(flavor = "multi_thread")]
async fn a_shape_that_does_not_fit_the_place_is_never_taken_for_it() {
    let server = Database::start_with(&[STOCK]).await.unwrap();
    run(&server, &TABLES).await;
    purge(&server).await;
    // Two columns of one type that trade their names: types alone would not tell.
    run(&server, &["INSERT INTO d.old_name VALUES (1, 2)"]).await;
    run(&server, &["ALTER TABLE d.old_name CHANGE id v INT, CHANGE v id INT UNSIGNED"]).await;
    let end = server.binlog_end().await.unwrap();
    let reading = Reading::begin(PARAMETERS, &server.url(), Start::Earliest).await.unwrap();
    let store = Arc::new(InMemory::new());
    let error = reading.until(store, end).await.unwrap_err().to_string();
    assert!(error.contains("table d.old_name") && error.contains("no column names"), "{error}");
}

/// The server tells what the statement made of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_read_again_where_its_statement_cannot_be_followed() {
    let server = Database::start_with(&[STOCK]).await.unwrap();
    run(&server, &TABLES).await;
    let (file, offset) = server.binlog_end().await.unwrap();
    run(&server, &ROWS).await;
    let before = server.binlog_end().await.unwrap();
    // Of a table whose shape nobody knows at the start, as it is altered behind it.
    run(&server, &["ALTER TABLE d.line ADD COLUMN d INT UNSIGNED DEFAULT 3000000000"]).await;
    run(&server, &["INSERT INTO d.line VALUES (5, 'y', 1, 4000000000)"]).await;
    let end = server.binlog_end().await.unwrap();
    let place = LogPlace { file: before.0, offset: before.1 };
    let reading = Reading::begin(PARAMETERS, &server.url(), Start::At(place)).await.unwrap();
    let store = Arc::new(InMemory::new());
    reading.until(store.clone(), end.clone()).await.unwrap();
    let bucket = Bucket::read(store, "", &Options::default()).await.unwrap();
    assert_eq!(bucket.row_count(), 1, "the row behind the ALTER");
    // From further ahead its rows come before the ALTER: those cannot be read.
    let place = LogPlace { file, offset };
    let reading = Reading::begin(PARAMETERS, &server.url(), Start::At(place)).await.unwrap();
    let error = reading.until(Arc::new(InMemory::new()), end).await.unwrap_err().to_string();
    assert!(error.contains("table d.line"), "{error}");
}

/// Writers and statements do not wait until the tables were read.
#[tokio::test(flavor = "multi_thread")]
async fn tables_that_change_while_they_are_read_are_known_as_they_are_at_the_start() {
    let server = Arc::new(Database::start_with(&[STOCK]).await.unwrap());
    run(&server, &["CREATE DATABASE d", "CREATE TABLE d.hot (id INT PRIMARY KEY, c0 INT)"]).await;
    for table in 0..40 {
        let create = format!("CREATE TABLE d.cold{table} (id INT PRIMARY KEY)");
        run(&server, &[&create, &format!("INSERT INTO d.cold{table} VALUES (1)")]).await;
        run(&server, &[&format!("DELETE FROM d.cold{table}")]).await;
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let changing = tokio::spawn({
        let server = server.clone();
        async move {
            let mut columns = 1;
            while !*stopped.borrow() {
                let add = format!("ALTER TABLE d.hot ADD COLUMN c{columns} INT DEFAULT {columns} AFTER id");
                let drop = format!("ALTER TABLE d.hot DROP COLUMN c{}", columns - 1);
                run(&server, &[&add, &drop]).await;
                columns += 1;
            }
        }
    });
    let mut readings = Vec::new();
    for _ in 0..10 {
        readings.push(Reading::begin(PARAMETERS, &server.url(), Start::Now).await.unwrap());
    }
    stop.send_replace(true);
    changing.await.unwrap();
    run(&server, &["INSERT INTO d.hot (id) VALUES (1)"]).await;
    for table in 0..40 {
        run(&server, &[&format!("INSERT INTO d.cold{table} VALUES (1)")]).await;
    }
    let end = server.binlog_end().await.unwrap();
    for reading in readings {
        let store = Arc::new(InMemory::new());
        reading.until(store.clone(), end.clone()).await.unwrap();
        is_complete(&server, store).await;
    }
}

/// A statement goes by the database in use, rows go by their own: the one may be missing where the others are there.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_believed_of_a_server_that_leaves_statements_out_of_its_log() {
    let server = Database::start_with(&[STOCK, "--binlog-ignore-db=tmp"]).await.unwrap();
    run(&server, &TABLES).await;
    let (file, offset) = purge(&server).await;
    run(&server, &["INSERT INTO d.old_name VALUES (1, 2)"]).await;
    let mut conn = server.pool().get_conn().await.unwrap();
    for statement in ["CREATE DATABASE tmp", "USE tmp", "ALTER TABLE d.old_name MODIFY v INT UNSIGNED FIRST"]
    {
        mysql_async::prelude::Queryable::query_drop(&mut conn, statement).await.unwrap();
    }
    let end = server.binlog_end().await.unwrap();
    let place = LogPlace { file, offset };
    let reading = Reading::begin(PARAMETERS, &server.url(), Start::At(place)).await.unwrap();
    let error = reading.until(Arc::new(InMemory::new()), end).await.unwrap_err().to_string();
    assert!(error.contains("d.old_name") && error.contains("no column names"), "{error}");
}

/// A table that a long statement holds, or that is broken, keeps nobody from the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_cannot_be_seen_does_not_keep_the_others_from_being_known() {
    let server = Arc::new(Database::start_with(&[STOCK]).await.unwrap());
    run(&server, &TABLES).await;
    run(&server, &["CREATE TABLE d.child (id INT) ENGINE=MyISAM"]).await;
    run(&server, &["CREATE TABLE d.merged (id INT) ENGINE=MERGE UNION=(d.child)", "DROP TABLE d.child"])
        .await;
    let holding = tokio::spawn({
        let server = server.clone();
        async move { server.query("CREATE TABLE d.held SELECT SLEEP(60) AS s").await }
    });
    until("the statement holds its table", async || {
        let running = server.query("SHOW PROCESSLIST").await.unwrap();
        running
            .iter()
            .any(|row| row.get::<Option<String>, _>(7).flatten().is_some_and(|sql| sql.contains("SLEEP(60)")))
            .then_some(())
    })
    .await;
    let reading = Reading::begin(PARAMETERS, &server.url(), Start::Now).await.unwrap();
    assert!(!holding.is_finished(), "nobody waited for the statement");
    run(&server, &ROWS).await;
    let end = server.binlog_end().await.unwrap();
    let store = Arc::new(InMemory::new());
    reading.until(store.clone(), end).await.unwrap();
    let bucket = Bucket::read(store, "", &Options::default()).await.unwrap();
    assert!(bucket.row_count() >= 8);
    holding.abort();
}
