//! What statements do to transactions, as a real server logs them.

mod reading;
mod server;

use change_event::{ChangeEvent, DdlEvent};
use mysql_async::prelude::Queryable;
use reading::{counts, open, read_on};
use server::MariaDb;
use source_mysql::{Error, SourceItem};

/// Runs statements, of which some may fail, and reads what they left in a log file of their own.
async fn log_of(db: &MariaDb, statements: &[&str]) -> (Vec<SourceItem>, Option<Error>) {
    let mut client = db.connect().await;
    for statement in ["CREATE DATABASE IF NOT EXISTS d", "USE d", "FLUSH BINARY LOGS"] {
        client.query_drop(statement).await.unwrap();
    }
    let status: Option<mysql_async::Row> = client.query_first("SHOW MASTER STATUS").await.unwrap();
    let file: String = status.unwrap().get(0).unwrap();
    for statement in statements {
        match client.query_drop(*statement).await {
            Ok(()) => {}
            // What a server refuses is part of some tests.
            Err(mysql_async::Error::Server(_)) => {}
            Err(error) => panic!("{statement}: {error}"),
        }
    }
    read_on(&mut open(&db.log_file(&file), None).await).await
}

fn ddls(items: &[SourceItem]) -> Vec<&DdlEvent> {
    let ddl = |item| match item {
        &SourceItem::Event(ChangeEvent::Ddl(ref event)) => Some(&**event),
        SourceItem::Event(ChangeEvent::Rows(_) | ChangeEvent::Resolved(_))
        | SourceItem::Parked(_)
        | SourceItem::Mark(_) => None,
    };
    items.iter().filter_map(ddl).collect()
}

fn queries(items: &[SourceItem]) -> Vec<&str> {
    ddls(items).into_iter().flat_map(|event| &event.changes).map(|change| change.query.as_str()).collect()
}

#[tokio::test]
async fn an_alter_in_two_phases_is_applied_once_and_one_that_failed_never() {
    let db = MariaDb::start();
    let (items, error) = log_of(
        &db,
        &[
            "CREATE TABLE t (a INT PRIMARY KEY)",
            "SET binlog_alter_two_phase = 1",
            "ALTER TABLE t ADD b INT",
            "INSERT INTO t VALUES (1, 2), (2, 2)",
            "ALTER TABLE t ADD UNIQUE (b)",
            "ALTER TABLE t ADD c INT, RENAME TO u",
            "INSERT INTO u VALUES (3, 4, 5)",
        ],
    )
    .await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(
        queries(&items)[1..],
        ["ALTER TABLE `d`.`t` ADD b INT", "ALTER TABLE `d`.`t` ADD c INT", "RENAME TABLE `d`.`t` TO `d`.`u`"]
    );
    assert!(ddls(&items).iter().all(|event| !event.changes.is_empty()), "no barrier was needed: {items:#?}");
    assert_eq!((counts(&items, "d.t"), counts(&items, "d.u")), ([2, 0, 0], [1, 0, 0]));
}

/// Savepoints are in the log only where something before them cannot be rolled back.
#[tokio::test]
async fn what_was_rolled_back_to_a_savepoint_of_any_name_does_not_appear() {
    let db = MariaDb::start();
    for name in ["sp", "`a b`", "`It's \"one\"`", "`b``c`", "`savepoint`", "ÄÖ"] {
        let statements = [
            "CREATE OR REPLACE TABLE t (a INT PRIMARY KEY)",
            "CREATE OR REPLACE TABLE m (a INT PRIMARY KEY) ENGINE=MyISAM",
            "CREATE TEMPORARY TABLE tmp (a INT)",
            "BEGIN",
            "INSERT INTO t VALUES (1)",
            &format!("SAVEPOINT {name}"),
            "INSERT INTO t VALUES (2)",
            "CREATE TEMPORARY TABLE tmp2 (a INT)",
            "INSERT INTO m VALUES (7)",
            &format!("ROLLBACK TO {name}"),
            "INSERT INTO t VALUES (3)",
            "COMMIT",
        ];
        let (items, error) = log_of(&db, &statements).await;
        assert!(error.is_none(), "{name}: {error:?}");
        assert_eq!((counts(&items, "d.t"), counts(&items, "d.m")), ([2, 0, 0], [1, 0, 0]), "{name}");
    }
}

#[tokio::test]
async fn a_procedure_that_starts_a_transaction_starts_none_by_being_made() {
    let db = MariaDb::start();
    let (items, error) = log_of(
        &db,
        &["CREATE TABLE t (a INT)", "CREATE PROCEDURE p() START TRANSACTION", "INSERT INTO t VALUES (1)"],
    )
    .await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(counts(&items, "d.t"), [1, 0, 0]);
}

#[tokio::test]
async fn a_table_that_a_restart_has_emptied_is_truncated() {
    let mut db = MariaDb::start();
    db.run("CREATE DATABASE d; CREATE TABLE d.m (a INT) ENGINE=MEMORY; INSERT INTO d.m VALUES (1), (2)")
        .await;
    let mut first = open(&db.log_file("binlog.000001"), None).await;
    let (items, _) = read_on(&mut first).await;
    let mark = reading::marks(&items).last().unwrap().clone();
    db.shut_down().await;
    db.start_again();
    db.run("INSERT INTO d.m VALUES (3)").await;
    let mut resume = source_mysql::Resume::from(mark);
    (resume.position.file, resume.position.offset) = ("binlog.000002".to_owned(), 4);
    resume.position.lineage = source_mysql::Lineage::default();
    let mut second = open(&db.log_file("binlog.000002"), Some(resume)).await;
    let (items, error) = read_on(&mut second).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(queries(&items), ["TRUNCATE TABLE `d`.`m`"]);
    assert_eq!(counts(&items, "d.m"), [1, 0, 0]);
}

#[tokio::test]
async fn a_change_that_is_logged_as_a_statement_stops_the_run_and_says_how_to_pass_it() {
    let db = MariaDb::start();
    db.run(
        "CREATE DATABASE d; CREATE TABLE d.t (a INT); CREATE PROCEDURE d.p() INSERT INTO d.t VALUES (7); \
         CREATE FUNCTION d.f(n INT) RETURNS INT DETERMINISTIC RETURN n; \
         SET GLOBAL log_bin_trust_function_creators = 1",
    )
    .await;
    let mut client = db.connect().await;
    client
        .query_drop("CREATE FUNCTION d.g() RETURNS INT BEGIN INSERT INTO d.t VALUES (8); RETURN 1; END")
        .await
        .unwrap();
    for change in [
        "update`t`set a=5",
        "insert/*c*/into t values (9)",
        "SET STATEMENT max_statement_time=60 FOR UPDATE t SET a = 6",
        "/* app */ DELETE FROM t",
        "REPLACE t VALUES (f(1))",
        "CREATE TABLE u AS SELECT * FROM t",
        "SELECT g()",
        "DO g()",
        "CALL p()",
    ] {
        let (items, error) = log_of(
            &db,
            &["INSERT INTO t VALUES (1)", "SET binlog_format = STATEMENT", change, "DROP TABLE IF EXISTS u"],
        )
        .await;
        assert_eq!(counts(&items, "d.t"), [1, 0, 0], "{change}");
        let Some(Error::Unsupported { what, .. }) = error else { panic!("{change}: {error:?}") };
        assert!(what.contains("as a statement") && what.contains("--skip-event binlog."), "{change}: {what}");
    }
}

/// Without the names of its columns only the statement that made it tells a SEQUENCE from a table.
#[tokio::test]
async fn the_numbers_of_a_sequence_are_no_rows_though_the_log_names_no_columns() {
    let db = MariaDb::start();
    db.run("SET GLOBAL binlog_row_metadata = NO_LOG").await;
    let (items, error) = log_of(
        &db,
        &[
            "CREATE TABLE t (a BIGINT)",
            "CREATE SEQUENCE s",
            "INSERT INTO t VALUES (NEXTVAL(s))",
            "ALTER TABLE s RENAME TO s2",
            "INSERT INTO t VALUES (NEXTVAL(s2))",
        ],
    )
    .await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(counts(&items, "d.t"), [2, 0, 0]);
    assert_eq!(reading::rows(&items).count(), 2, "nothing but the table's rows");
    assert_eq!(queries(&items), ["CREATE TABLE `d`.`t` (a BIGINT)"]);
}
