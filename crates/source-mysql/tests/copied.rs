//! A table that is copied gives the same cells as its log does, whatever is in it, and however it is cut into chunks.

mod column_types;
mod mysql_server;
mod server;

use change_event::{ChangeEvent, Column, DdlKind, Generated, Image, RowEvent, Value};
use column_types::{COMMON, FUNCTIONAL, MARIADB, MYSQL};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use mysql_server::MySql;
use server::MariaDb;
use source_mysql::{Binlog, Snapshot, SnapshotOptions, SourceItem, SourceOptions, Start};
use std::collections::BTreeMap;
use url::Url;

/// A cell. MariaDB shows its JSON as the `longtext` that it is, so that only the log's own CREATE TABLE tells it apart.
fn cell(value: Value<'_>, mariadb: bool) -> String {
    match value {
        Value::Json(text) if mariadb => format!("{:?}", Value::Text(text)),
        value => format!("{value:?}"),
    }
}

/// The rows of each table, cell by cell, and how often.
type Tables = BTreeMap<String, BTreeMap<Vec<String>, i64>>;

fn add(tables: &mut Tables, event: &RowEvent, mariadb: bool) {
    // The value of a VIRTUAL column is no part of a row, and some servers log NULL for it.
    let is_part = |column: &Column| column.generated != Generated::Virtual;
    let cells = |image: Image<'_>| {
        let values = image.values().zip(&event.table.columns).filter(|(_, column)| is_part(column));
        values.map(|(value, _)| cell(value, mariadb)).collect::<Vec<_>>()
    };
    let counts = tables.entry(event.table.name.to_string()).or_default();
    for row in event.rows.iter() {
        for (image, change) in [(row.before, -1), (row.after, 1)] {
            if let Some(image) = image {
                *counts.entry(cells(image)).or_default() += change;
            }
        }
    }
    counts.retain(|_, count| *count != 0);
}

/// What the whole log makes of the tables, up to a table of this name.
async fn logged(url: &Url, options: &SourceOptions, mariadb: bool) -> Tables {
    let mut log = Binlog::connect(url, options.clone(), Start::Earliest).await.unwrap();
    let mut tables = Tables::new();
    loop {
        match log.next().await.unwrap().expect("the end comes first") {
            SourceItem::Event(ChangeEvent::Rows(event)) => {
                add(&mut tables, &event, mariadb);
            }
            SourceItem::Event(ChangeEvent::Ddl(ddl)) => {
                if ddl.changes.iter().any(|change| change.table == "the_end") {
                    tables.retain(|_, rows| !rows.is_empty());
                    return tables;
                }
            }
            SourceItem::Event(ChangeEvent::Resolved(_)) | SourceItem::Parked(_) | SourceItem::Mark(_) => {}
        }
    }
}

/// What a copy makes of them. Each is made by a statement before its first row.
async fn copied(url: &Url, options: &SourceOptions, how: &SnapshotOptions, mariadb: bool) -> Tables {
    let mut snapshot = Snapshot::begin(url, options.clone(), how, None).await.unwrap();
    let commit_ts = snapshot.attempt().commit_ts;
    let (mut tables, mut made) = (Tables::new(), Vec::new());
    while let Some(event) = snapshot.next().await.unwrap() {
        match event {
            ChangeEvent::Rows(event) => {
                assert_eq!(event.commit_ts, commit_ts);
                let name = event.table.name.to_string();
                assert!(made.contains(&name), "{name} has rows before it is made");
                add(&mut tables, &event, mariadb);
            }
            ChangeEvent::Ddl(ddl) => {
                assert!(ddl.commit_ts < commit_ts);
                let creates = ddl.changes.iter().filter(|change| change.kind == DdlKind::CreateTable);
                made.extend(creates.map(|change| format!("{}.{}", change.schema, change.table)));
            }
            ChangeEvent::Resolved(_) => panic!("a copy resolves nothing"),
        }
    }
    tables
}

fn compare(logged: &Tables, copied: &Tables) -> usize {
    let mut cells = 0;
    assert_eq!(logged.keys().collect::<Vec<_>>(), copied.keys().collect::<Vec<_>>());
    for (table, rows) in logged {
        assert_eq!(rows, &copied[table], "{table}");
        cells += rows.keys().map(Vec::len).sum::<usize>();
    }
    cells
}

async fn run(conn: &mut Conn, statements: impl IntoIterator<Item = impl AsRef<str>>) {
    for statement in statements {
        let statement = statement.as_ref();
        if let Err(error) = conn.query_drop(statement).await {
            panic!("{statement}: {error}");
        }
    }
}

/// Whether the server has only some of the types.
fn is_old() -> bool {
    ["mysql-5.6", "mariadb-10.1", "mariadb-10.2"].contains(&&*server::unpacked::named())
}

/// The same; what an old server does not know is left out, and with it what is about a table that is not there then.
async fn run_known(conn: &mut Conn, statements: impl IntoIterator<Item = impl AsRef<str>>) {
    const SYNTAX: u16 = 1064;
    const NO_SUCH_TABLE: u16 = 1146;
    const NO_SUCH_FUNCTION: u16 = 1305;
    for statement in statements {
        let statement = statement.as_ref();
        match conn.query_drop(statement).await {
            Ok(()) => {}
            Err(mysql_async::Error::Server(error))
                if is_old() && [SYNTAX, NO_SUCH_TABLE, NO_SUCH_FUNCTION].contains(&error.code) => {}
            Err(error) => panic!("{statement}: {error}"),
        }
    }
}

/// In another zone than the server's, so that every TIMESTAMP moves.
fn options() -> SourceOptions {
    SourceOptions { time_zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(8)), ..SourceOptions::default() }
}

async fn every_type(mut conn: Conn, url: &Url, statements: &[&[&str]]) {
    let mariadb = statements.contains(&MARIADB);
    run(&mut conn, ["CREATE DATABASE d"]).await;
    run_known(&mut conn, statements.iter().copied().flatten()).await;
    run(&mut conn, ["CREATE TABLE d.the_end (id INT)"]).await;
    let logged = logged(url, &options(), mariadb).await;
    // In one piece, and row by row.
    for chunk_bytes in [16 << 20, 1] {
        let how = SnapshotOptions { chunk_bytes, ..SnapshotOptions::default() };
        let cells = compare(&logged, &copied(url, &options(), &how, mariadb).await);
        println!("figures: {} tables, {cells} cells, 0 differences", logged.len());
        assert!(cells > if is_old() { 50 } else { 150 }, "{cells}");
    }
}

/// An address whose text is as long as what is stored of it, and what sorts in another order than its text.
const OF_MARIADB: &[&str] = &[
    "CREATE TABLE d.addresses (i INET6, u UUID PRIMARY KEY, b BINARY(16), four INET6 NOT NULL, UNIQUE (four))",
    "INSERT INTO d.addresses VALUES ('2001:db8::1:2:34', '123e4567-e89b-12d3-a456-426655440000', '2001:db8::1:2:34', '::1'),
         (NULL, '00000000-0000-0000-0000-000000000000', NULL, '::2'), (NULL, 'ffffffff-ffff-4fff-bfff-ffffffffffff', '', '::3'),
         ('::ffff:1.2.3.4', '01890a5d-ac96-774b-bcce-b302099a8057', 'x', '::4')",
];

/// Columns that keys are made of, and values that are told apart by nothing but their column's own order.
const KEYS: &[(&str, &[&str])] = &[
    ("TINYINT", &["-128", "-1", "0", "1", "127"]),
    ("BIGINT UNSIGNED", &["0", "9223372036854775807", "9223372036854775808", "18446744073709551615"]),
    ("INT(6) ZEROFILL", &["0", "7", "100", "123456"]),
    (
        "DECIMAL(30,10)",
        &["-12345678901234567890.0123456789", "-0.0000000001", "0", "0.1", "12345678901234567890"],
    ),
    ("FLOAT", &["-1e10", "-0.1", "0", "0.1", "0.3", "16777216", "3e38"]),
    ("DOUBLE", &["-1e300", "-0.1", "0", "1e-300", "0.1", "0.30000000000000004", "0.3"]),
    (
        "VARCHAR(20) CHARACTER SET latin1",
        &["''", "'a'", "'B'", "'c'", "'\u{e9}f'", "'\u{fc}'", "'z\\''", "'\\\\'"],
    ),
    (
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        &["''", "'A'", "'b'", "'\u{4f60}'", "'\u{e9}x'"],
    ),
    ("VARCHAR(9) CHARACTER SET utf8 COLLATE utf8_bin", &["'A'", "'B'", "'a'", "'b'", "'\u{e9}'"]),
    ("CHAR(4) CHARACTER SET ucs2", &["''", "'a'", "'\u{17e}'"]),
    ("VARCHAR(9) CHARACTER SET gbk", &["'a'", "'\u{4f60}'", "'\u{597d}'"]),
    ("VARBINARY(9)", &["''", "X'00'", "X'0000'", "X'27'", "X'5C'", "X'FF'"]),
    ("BINARY(3)", &["''", "X'01'", "X'FFFFFF'"]),
    ("DATE", &["'0000-00-00'", "'2024-00-00'", "'2024-02-29'", "'9999-12-31'"]),
    ("DATETIME(6)", &["'0000-00-00'", "'2024-01-01 00:00:00.000001'", "'2024-01-01 00:00:00.000002'"]),
    ("TIMESTAMP(3)", &["'1970-01-01 00:00:01'", "'2024-03-31 02:30:00.001'", "'2038-01-19 03:14:07.999'"]),
    ("TIME(2)", &["'-838:59:59'", "'-00:00:00.01'", "'00:00:00'", "'838:59:58.99'"]),
    ("YEAR", &["0", "1901", "2000", "2155"]),
    ("BIT(40)", &["0", "1", "b'1111111111111111111111111111111111111111'"]),
    ("ENUM('z','a','m')", &["'z'", "'a'", "'m'"]),
    ("SET('z','a','m')", &["''", "'z'", "'a'", "'a,m'"]),
];

/// Every kind of column as a key, alone and in front of and behind another one; and keys that are none.
fn keyed() -> Vec<String> {
    let mut statements = vec!["CREATE DATABASE k CHARACTER SET latin1".to_owned()];
    for (i, (kind, values)) in KEYS.iter().enumerate() {
        let (other, others) = KEYS[(i * 7 + 3) % KEYS.len()];
        let pairs = |shown: &dyn Fn(&str, &str) -> String| {
            let pairs = values.iter().flat_map(|value| others.iter().map(move |other| (*value, *other)));
            pairs.map(|(value, other)| shown(value, other)).collect::<Vec<_>>().join(", ")
        };
        let alone = values.iter().map(|value| format!("({value})")).collect::<Vec<_>>().join(", ");
        statements.extend([
            format!("CREATE TABLE k.alone{i} (k {kind} NOT NULL, PRIMARY KEY (k))"),
            format!("INSERT INTO k.alone{i} VALUES {alone}"),
            format!(
                "CREATE TABLE k.pair{i} (v INT, a {kind} NOT NULL, b {other} NOT NULL, PRIMARY KEY (a, b))"
            ),
            format!("INSERT INTO k.pair{i} (a, b) VALUES {}", pairs(&|a, b| format!("({a}, {b})"))),
        ]);
    }
    let ids = (0..50).map(|id| format!("({id}, {}, 'same')", id % 5)).collect::<Vec<_>>().join(", ");
    for (name, key) in [
        ("none", "KEY (a)"),
        ("unique_one", "UNIQUE `odd ``key` (id), KEY (a)"),
        ("nullable", "UNIQUE (a, n)"),
        ("prefix", "UNIQUE (t(10), id)"),
        ("behind", "UNIQUE (n, id), PRIMARY KEY (a, id)"),
    ] {
        statements.push(format!(
            "CREATE TABLE k.`key {name}` (id INT NOT NULL, a INT NOT NULL, t VARCHAR(20) NOT NULL, n INT, {key})"
        ));
        statements.push(format!("INSERT INTO k.`key {name}` (id, a, t) VALUES {ids}"));
    }
    statements.extend([
        "CREATE TABLE k.parted (id INT, y INT, PRIMARY KEY (id, y)) PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN \
         (10), PARTITION p1 VALUES LESS THAN MAXVALUE)"
            .to_owned(),
        "INSERT INTO k.parted VALUES (1, 5), (1, 15), (2, 3), (3, 30)".to_owned(),
        "CREATE TABLE k.empty (id INT PRIMARY KEY)".to_owned(),
        "CREATE VIEW k.looked_at AS SELECT * FROM k.parted".to_owned(),
        "CREATE TABLE k.the_end (id INT)".to_owned(),
    ]);
    statements
}

async fn every_key(mut conn: Conn, url: &Url) {
    run(&mut conn, ["SET NAMES utf8mb4"]).await;
    run(&mut conn, keyed()).await;
    let logged = logged(url, &options(), false).await;
    for (chunk_bytes, readers) in [(1, 1), (1, 4), (1_000, 3)] {
        let how = SnapshotOptions { chunk_bytes, readers, ..SnapshotOptions::default() };
        let cells = compare(&logged, &copied(url, &options(), &how, false).await);
        println!(
            "figures: {} tables, {cells} cells, chunks of {chunk_bytes} bytes, 0 differences",
            logged.len()
        );
    }
}

/// A reader that nobody takes rows from comes to a halt: what is behind the row at hand is not read yet.
async fn a_statement_while_tables_are_copied(mut conn: Conn, url: &Url) {
    run(
        &mut conn,
        ["CREATE DATABASE d", "CREATE TABLE d.big (id INT PRIMARY KEY AUTO_INCREMENT, pad VARCHAR(250))"],
    )
    .await;
    run(&mut conn, ["INSERT INTO d.big (pad) VALUES (REPEAT('x', 250))"]).await;
    run(&mut conn, vec!["INSERT INTO d.big (pad) SELECT pad FROM d.big"; 14]).await;
    for name in ["a_first", "last"] {
        run(&mut conn, [format!("CREATE TABLE d.{name} (id INT PRIMARY KEY, a INT, b INT)")]).await;
        run(&mut conn, [format!("INSERT INTO d.{name} VALUES (1, 2, 3)")]).await;
    }
    // Two columns that trade their names, there and back: nothing but the log tells that it happened.
    let swap = "CHANGE a b INT, CHANGE b a INT";
    for (statements, is_moved) in [
        (vec![], false),
        (vec![format!("ALTER TABLE d.a_first {swap}"), "CREATE TABLE d.new (id INT)".to_owned()], false),
        (vec![format!("ALTER TABLE d.last {swap}"), format!("ALTER TABLE d.last {swap}")], true),
        (vec!["ALTER TABLE d.last ADD COLUMN c INT FIRST".to_owned()], true),
        (vec!["TRUNCATE TABLE d.last".to_owned()], true),
        (vec!["DROP TABLE d.last".to_owned(), "CREATE TABLE d.last (id INT PRIMARY KEY)".to_owned()], true),
        (vec!["RENAME TABLE d.last TO d.other".to_owned()], true),
    ] {
        let how = SnapshotOptions { readers: 1, ..SnapshotOptions::default() };
        let mut snapshot = Snapshot::begin(url, SourceOptions::default(), &how, None).await.unwrap();
        while let Some(event) = snapshot.next().await.unwrap() {
            if matches!(event, ChangeEvent::Rows(event) if event.table.name.table == "big") {
                break;
            }
        }
        run(&mut conn, &statements).await;
        let end = loop {
            match snapshot.next().await {
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        match end {
            Ok(()) => assert!(!is_moved, "{statements:?}"),
            Err(error) => assert!(is_moved && error.is_moved(), "{statements:?}: {error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_on_a_table_that_is_not_through_spoils_the_copy_of_mariadb_and_no_other() {
    let db = MariaDb::start();
    // Else the server holds every table that was read until the copy ends.
    db.run("SET sql_log_bin = 0; GRANT /*M!100502 BINLOG ADMIN, */ SUPER ON *.* TO looker@'%'").await;
    a_statement_while_tables_are_copied(db.connect().await, &db.url("looker")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MySQL: cargo xtask matrix"]
async fn a_statement_on_a_table_that_is_not_through_spoils_the_copy_of_mysql_and_no_other() {
    let db = MySql::start();
    a_statement_while_tables_are_copied(db.connect().await, &db.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_of_mariadb_is_copied_as_it_is_logged() {
    let db = MariaDb::start();
    every_type(db.connect().await, &db.url("looker"), &[COMMON, MARIADB, OF_MARIADB]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_of_mariadb_cuts_its_table_into_chunks_without_a_gap() {
    let db = MariaDb::start();
    every_key(db.connect().await, &db.url("looker")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MySQL: cargo xtask matrix"]
async fn every_type_and_key_of_mysql_is_copied_as_it_is_logged() {
    let db = MySql::start();
    let version: String = db.connect().await.query_first("SELECT VERSION()").await.unwrap().unwrap();
    let functional = if version.starts_with("5.") { &[] } else { FUNCTIONAL };
    println!("MySQL {version}");
    every_type(db.connect().await, &db.url(), &[COMMON, MYSQL, functional]).await;
    let db = MySql::start();
    every_key(db.connect().await, &db.url()).await;
}
