//! What a server's log cannot be read with: every time an error that says what to do.

mod reading;
mod server;

use server::MariaDb;
use source_mysql::{Binlog, Error, SourceOptions, Start};
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

const TABLE: &str =
    "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET utf8mb4);";

async fn connect(db: &MariaDb, start: Start) -> Result<Binlog, Error> {
    Binlog::connect(&db.url("reader"), SourceOptions::default(), start).await
}

async fn error_of(db: &MariaDb, user: &str, start: Start) -> Error {
    Binlog::connect(&db.url(user), SourceOptions::default(), start).await.expect_err("it cannot work")
}

#[tokio::test]
async fn a_purged_position_is_said_so() {
    let mut db = MariaDb::start();
    let mark = connect(&db, Start::Now).await.unwrap().start_mark();
    // A server does not purge what it still sends to someone.
    db.shut_down().await;
    db.start_again();
    db.run("PURGE BINARY LOGS TO 'binlog.000002'").await;
    let resumed = connect(&db, Start::Resume(Box::new(mark.into()))).await;
    let error = resumed.unwrap_err();
    assert!(matches!(&error, Error::Purged { .. }), "{error:?}");
    assert!(error.to_string().contains("binlog.000001"));
}

#[tokio::test]
async fn a_server_that_is_not_set_up_says_how() {
    let db = MariaDb::start();
    for (setting, good, bad) in [("binlog_format", "ROW", "MIXED"), ("binlog_row_image", "FULL", "MINIMAL")] {
        db.run(&format!("SET GLOBAL {setting} = '{bad}'")).await;
        let text = error_of(&db, "reader", Start::Now).await.to_string();
        assert!(text.contains(&format!("SET GLOBAL {setting}={good}")), "{text}");
        db.run(&format!("SET GLOBAL {setting} = '{good}'")).await;
    }
    let text = error_of(&db, "nobody", Start::Now).await.to_string();
    assert!(text.contains("GRANT REPLICATION SLAVE"), "{text}");
    let text = error_of(&db, "stranger", Start::Now).await.to_string();
    assert!(text.contains("refuses the login") && !text.contains("s3cret"), "{text}");
}

/// Sessions may differ from the server's settings.
#[tokio::test]
async fn a_change_that_cannot_be_read_stops_the_source_with_advice() {
    for (statements, advice) in [
        ("SET binlog_format = STATEMENT; INSERT INTO d.t VALUES (1, 'x')", "binlog_format=ROW"),
        ("SET binlog_row_image = MINIMAL; UPDATE d.t SET v = 'x'", "binlog_row_image=FULL"),
        ("SET GLOBAL binlog_row_metadata = NO_LOG; UPDATE d.t SET v = 'y'", "binlog_row_metadata=FULL"),
        ("CREATE TABLE d.c (a TEXT COMPRESSED); INSERT INTO d.c VALUES ('x')", "COMPRESSED"),
        ("CREATE TABLE d.c (a TEXT CHARACTER SET dec8); INSERT INTO d.c VALUES ('x')", "charset dec8"),
    ] {
        let db = MariaDb::start();
        db.run(TABLE).await;
        db.run("INSERT INTO d.t VALUES (0, 'first')").await;
        let mut log = connect(&db, Start::Now).await.unwrap();
        db.run(statements).await;
        let mut rows = 0;
        let error = loop {
            match timeout(PATIENCE, log.next()).await.expect("an error comes") {
                Ok(item) => rows += reading::rows(item.as_slice()).count(),
                Err(error) => break error,
            }
        };
        assert!(matches!(&error, Error::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains(advice), "{error}");
        assert_eq!(rows, 0);
    }
}
