//! A log that names no columns and begins behind its CREATE TABLEs, read with a script that has them.

mod reading;
mod server;

use change_event::Column;
use mysql_async::prelude::Queryable;
use reading::{read_on, rows};
use server::MariaDb;
use source_mysql::{Binlog, Error, SourceItem, SourceOptions};
use std::path::Path;

const TABLES: [&str; 3] = [
    "CREATE TABLE d.t (id INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(20) CHARACTER SET latin1, small TINYINT, \
     kind ENUM('a', 'b', 'c'), flags SET('x', 'y', 'z'), price DECIMAL(9,3), body BLOB)",
    "CREATE TABLE d.pair (a INT, b VARCHAR(5), v BIGINT UNSIGNED, PRIMARY KEY (b, a))",
    "CREATE TABLE d.keyless (v SMALLINT UNSIGNED, made DATETIME(3))",
];

const CHANGES: &str = "\
INSERT INTO d.t VALUES (4000000000, 'Grüße', -3, 'c', 'x,z', 1.5, 'b'), (2, NULL, NULL, NULL, NULL, NULL, NULL);
UPDATE d.t SET kind = 'b', flags = 'z' WHERE id = 2;
INSERT INTO d.pair VALUES (-1, 'ü', 18446744073709551615);
INSERT INTO d.keyless VALUES (65535, '2026-01-02 03:04:05.678');
DELETE FROM d.t; DELETE FROM d.pair; DELETE FROM d.keyless";

/// The tables as a dump has them.
async fn dump(db: &MariaDb) -> String {
    let mut conn = db.connect().await;
    let mut script = "CREATE DATABASE `d`;\nUSE `d`;\n".to_owned();
    for table in ["t", "pair", "keyless"] {
        let made: Option<(String, String)> =
            conn.query_first(format!("SHOW CREATE TABLE d.{table}")).await.unwrap();
        script += &format!("DROP TABLE IF EXISTS `{table}`;\n{};\n", made.unwrap().1);
    }
    // A MariaDB leaves out what is for a MySQL of these versions.
    script + "/*!80013 DROP TABLE `pair` */;\n"
}

async fn read(file: &Path, given: Option<String>) -> (Vec<SourceItem>, Option<Error>) {
    let given_tables = given.map(Into::into);
    let options = SourceOptions { given_tables, ..SourceOptions::default() };
    read_on(&mut Binlog::open_file(file, options, None).await.unwrap()).await
}

/// Columns and rows in words, without display widths, which no log has.
fn words(items: &[SourceItem]) -> Vec<String> {
    let mut words = Vec::new();
    for event in rows(items) {
        for Column { name, kind, unsigned, charset, members, nullable, primary_key, .. } in
            &event.table.columns
        {
            words
                .push(format!("{name} {kind:?} {unsigned} {charset:?} {members:?} {nullable} {primary_key}"));
        }
        for row in event.rows.iter() {
            let images = [row.before, row.after].into_iter().flatten();
            words.push(format!(
                "{:?} {:?}",
                row.op,
                images.flat_map(|image| image.values()).collect::<Vec<_>>()
            ));
        }
    }
    words
}

/// A server whose second log file has the changes without names, and whose third has them with names.
async fn server() -> MariaDb {
    let db = MariaDb::start_with(&["--binlog-row-metadata=NO_LOG"]);
    db.run("CREATE DATABASE d").await;
    db.run(&TABLES.join(";")).await;
    db.run("FLUSH BINARY LOGS").await;
    db.run(CHANGES).await;
    db.run("SET GLOBAL binlog_row_metadata = FULL; FLUSH BINARY LOGS").await;
    db.run(CHANGES).await;
    db
}

#[tokio::test]
async fn given_tables_read_as_named_ones_do() {
    let db = server().await;
    let (named, error) = read(&db.log_file("binlog.000003"), None).await;
    assert!(error.is_none(), "{error:?}");
    let (given, error) = read(&db.log_file("binlog.000002"), Some(dump(&db).await)).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(words(&given), words(&named));
    assert_eq!(rows(&given).map(|event| event.rows.iter().count()).sum::<usize>(), 9);
}

#[tokio::test]
async fn tables_that_are_not_those_of_the_rows_are_told_with_both() {
    let db = server().await;
    let file = db.log_file("binlog.000002");
    let (_, error) = read(&file, None).await;
    let text = error.expect("nobody knows its columns").to_string();
    assert!(text.contains("d.t") && text.contains("--schema"), "{text}");
    let dump = dump(&db).await;
    for (right, wrong, both) in [
        (",\n  `body` blob DEFAULT NULL", "", ["6 columns", "7"]),
        ("`id` int(10) unsigned NOT NULL", "`id` bigint NOT NULL", ["bigint", "an integer of 4 bytes"]),
        ("'a','b','c'", "'a','b'", ["member 3 of ENUM", "2 members"]),
        ("'x','y','z'", "'x','y'", ["member 3 of SET", "2 members"]),
    ] {
        let given = dump.replace(right, wrong);
        assert_ne!(given, dump);
        let (items, error) = read(&file, Some(given)).await;
        let text = error.unwrap_or_else(|| panic!("{wrong} was taken for {right}")).to_string();
        assert!(text.contains("d.t") && both.iter().all(|part| text.contains(part)), "{text}");
        assert_eq!(rows(&items).count(), 0, "{wrong}");
    }
}

#[tokio::test]
async fn a_script_that_cannot_be_followed_is_told() {
    let db = server().await;
    let options =
        SourceOptions { given_tables: Some("CREATE TABLE d.t (id".into()), ..SourceOptions::default() };
    let error =
        Binlog::open_file(&db.log_file("binlog.000002"), options, None).await.unwrap_err().to_string();
    assert!(error.contains("given tables"), "{error}");
}
