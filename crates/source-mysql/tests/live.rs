//! A server's log: where it begins, how it goes on, and what stops it.

mod reading;
mod server;

use change_event::{ChangeEvent, CommitTs, Image, Value};
use mysql_async::prelude::Queryable;
use reading::words;
use server::MariaDb;
use source_mysql::{Binlog, Error, Resume, SourceItem, SourceOptions, Start};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

async fn connect(db: &MariaDb, start: Start) -> Result<Binlog, Error> {
    Binlog::connect(&db.url("reader"), SourceOptions::default(), start).await
}

/// Reads until a condition on an item holds; that item is the last one.
async fn read_until(log: &mut Binlog, mut done: impl FnMut(&SourceItem) -> bool) -> Vec<SourceItem> {
    let mut items = Vec::new();
    loop {
        let next = timeout(PATIENCE, log.next()).await.expect("the log goes on");
        let item = next.expect("the log is fine").expect("a server's log has no end");
        let last = done(&item);
        items.push(item);
        if last {
            return items;
        }
    }
}

/// Whether it is the mark after a row with this number in the first column.
fn mark_after(id: i64) -> impl FnMut(&SourceItem) -> bool {
    let mut seen = false;
    move |item| match item {
        SourceItem::Mark(_) => seen,
        SourceItem::Parked(_) => false,
        SourceItem::Event(_) => {
            seen |= ids(std::slice::from_ref(item)).contains(&id);
            false
        }
    }
}

/// The first column of every inserted row.
fn ids(items: &[SourceItem]) -> Vec<i64> {
    reading::rows(items)
        .flat_map(|event| event.rows.iter().filter_map(|row| row.after))
        .filter_map(|image| match image.value(0) {
            Value::Int(id) => Some(id),
            _ => None,
        })
        .collect()
}

/// All columns but the first, in words.
fn texts(image: Option<Image<'_>>) -> Vec<String> {
    let values = image.expect("it has this image").values().skip(1);
    let text = |value| match value {
        Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}").to_uppercase(),
    };
    values.map(text).collect()
}

const TABLE: &str =
    "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET utf8mb4);";

#[tokio::test]
async fn now_begins_at_the_end_and_earliest_at_the_beginning() {
    let db = MariaDb::start();
    db.run(TABLE).await;
    db.run("INSERT INTO d.t VALUES (1, 'before')").await;
    let mut now = connect(&db, Start::Now).await.unwrap();
    let mut earliest = connect(&db, Start::Earliest).await.unwrap();
    assert_eq!(earliest.start_mark().position.offset, 4);
    db.run("INSERT INTO d.t VALUES (2, 'after')").await;

    let items = read_until(&mut now, mark_after(2)).await;
    assert_eq!(ids(&items), [2]);
    let event = reading::rows(&items).next().unwrap();
    let start_ts = now.start_mark().commit_ts;
    assert_eq!(event.table.version, start_ts.0, "a table that no DDL showed has the version of the start");
    assert!(event.commit_ts > start_ts);

    let items = read_until(&mut earliest, mark_after(2)).await;
    assert_eq!(ids(&items), [1, 2]);
    assert!(items.iter().any(|i| matches!(i, SourceItem::Event(ChangeEvent::Ddl(_)))));
}

#[tokio::test]
async fn a_saved_mark_gives_the_rest_again_to_the_byte() {
    let db = MariaDb::start();
    db.run(TABLE).await;
    let mut log = connect(&db, Start::Earliest).await.unwrap();
    for id in 1..=20 {
        db.run(&format!("INSERT INTO d.t VALUES ({id}, 'x'); UPDATE d.t SET v = 'y' WHERE id = {id}")).await;
    }
    db.run("FLUSH BINARY LOGS; ALTER TABLE d.t ADD COLUMN w INT; INSERT INTO d.t VALUES (99, 'end', 1)")
        .await;
    let items = read_until(&mut log, mark_after(99)).await;
    let last = reading::marks(&items).last().unwrap();
    assert_eq!(last.position.file, "binlog.000002");
    for (i, mark) in items.iter().enumerate().step_by(7) {
        let SourceItem::Mark(mark) = mark else { continue };
        let stored = serde_json::to_string(&Resume::from(mark.clone())).unwrap();
        let resume = serde_json::from_str(&stored).unwrap();
        let mut again = connect(&db, Start::Resume(Box::new(resume))).await.unwrap();
        let mut rest = items[i + 1..].iter();
        for expected in rest.by_ref() {
            let item = timeout(PATIENCE, again.next()).await.unwrap().unwrap().unwrap();
            assert_eq!(words(&item), words(expected));
        }
    }
}

/// The same transactions, read from the server and from its file, are equal but for the file's name.
#[tokio::test]
async fn a_file_and_its_server_give_the_same() {
    let db = MariaDb::start();
    db.run_script(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop/shop.sql"));
    db.run("CREATE TABLE shop.the_end (id INT PRIMARY KEY); INSERT INTO shop.the_end VALUES (-77)").await;
    db.run("FLUSH BINARY LOGS").await;
    let mut live = connect(&db, Start::Earliest).await.unwrap();
    let from_server = read_until(&mut live, mark_after(-77)).await;
    let from_file = reading::read_all(&db.log_file("binlog.000001")).await;
    assert!(from_server.len() > 2_000);
    for (server, file) in from_server.iter().zip(&from_file) {
        assert_eq!(words(server), words(file));
    }
    assert_eq!(from_server.len(), from_file.len());
}

#[tokio::test]
async fn a_lost_connection_loses_and_repeats_nothing() {
    let mut db = MariaDb::start();
    db.run(TABLE).await;
    let mut log = connect(&db, Start::Now).await.unwrap();
    let mut items = Vec::new();
    db.run("INSERT INTO d.t VALUES (1, ''), (2, ''); INSERT INTO d.t VALUES (3, '')").await;
    items.extend(read_until(&mut log, mark_after(1)).await);

    // The connection.
    let mut conn = db.connect().await;
    let dumps: Vec<u64> = conn
        .query("SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'")
        .await
        .unwrap();
    assert_eq!(dumps.len(), 1);
    conn.query_drop(format!("KILL {}", dumps[0])).await.unwrap();
    drop(conn);
    db.run("INSERT INTO d.t VALUES (4, '')").await;
    items.extend(read_until(&mut log, mark_after(4)).await);

    // The server, in order: the log goes on in a new file.
    db.run("INSERT INTO d.t VALUES (5, '')").await;
    db.shut_down().await;
    db.start_again();
    db.run("INSERT INTO d.t VALUES (6, '')").await;
    items.extend(read_until(&mut log, mark_after(6)).await);

    // The server, by a power cut.
    db.run("INSERT INTO d.t VALUES (7, '')").await;
    db.kill();
    db.start_again();
    db.run("INSERT INTO d.t VALUES (8, '')").await;
    items.extend(read_until(&mut log, mark_after(8)).await);

    assert_eq!(ids(&items), [1, 2, 3, 4, 5, 6, 7, 8]);
    let timestamps: Vec<CommitTs> = reading::rows(&items).map(|event| event.commit_ts).collect();
    assert!(timestamps.is_sorted_by(|a, b| a < b));
    let files: Vec<_> = reading::marks(&items).map(|mark| mark.position.file.as_str()).collect();
    assert_eq!(files.last(), Some(&"binlog.000003"));
}

/// MariaDB also sends what begins the encryption, and again before every place that reading begins at.
#[tokio::test]
async fn a_log_that_is_encrypted_on_disk_is_read_from_its_server_from_every_mark_on() {
    let keys = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(keys.path(), format!("1;{}\n", "0123456789abcdef".repeat(4))).unwrap();
    // The server runs as another user.
    std::fs::set_permissions(keys.path(), Permissions::from_mode(0o644)).unwrap();
    let db = MariaDb::start_with(&[
        "--plugin-load-add=file_key_management",
        &format!("--file-key-management-filename={}", keys.path().display()),
        "--encrypt-binlog=1",
    ]);
    db.run(TABLE).await;
    db.run("INSERT INTO d.t VALUES (1, 'a'); FLUSH BINARY LOGS; INSERT INTO d.t VALUES (2, 'b')").await;
    let mut log = connect(&db, Start::Earliest).await.unwrap();
    let start = log.start_mark();
    let items = read_until(&mut log, mark_after(2)).await;
    assert_eq!(ids(&items), [1, 2]);
    let last = reading::marks(&items).last().unwrap().position.clone();
    let marks: Vec<_> = [start].into_iter().chain(reading::marks(&items).cloned()).collect();
    for mark in marks.into_iter().filter(|mark| mark.position != last) {
        let at = format!("{}:{}", mark.position.file, mark.position.offset);
        let mut again = connect(&db, Start::Resume(Box::new(mark.into()))).await.expect(&at);
        assert!(ids(&read_until(&mut again, mark_after(2)).await).ends_with(&[2]), "{at}");
    }
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up_with_the_first_error() {
    let mut db = MariaDb::start();
    let options = SourceOptions { give_up_after: Duration::ZERO, ..SourceOptions::default() };
    let mut log = Binlog::connect(&db.url("reader"), options, Start::Now).await.unwrap();
    db.kill();
    let error = timeout(PATIENCE, log.next()).await.unwrap().unwrap_err();
    let Error::Unreachable { server, first, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(server.ends_with(&db.port.to_string()) && !first.is_empty());
    assert!(matches!(connect(&db, Start::Now).await, Err(Error::Unreached { seconds: 0, .. })));
}

/// The clock is paused: it jumps whenever there is nothing to do but wait.
#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_not_waited_for_forever() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("mysql://u:s3cret@{}", silent.local_addr().unwrap());
    let error =
        Binlog::connect(&url.parse().unwrap(), SourceOptions::default(), Start::Now).await.unwrap_err();
    assert!(matches!(&error, Error::Unreached { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn one_phase_xa_and_compressed_logs_are_read() {
    let db = MariaDb::start();
    db.run(TABLE).await;
    let mut log = connect(&db, Start::Now).await.unwrap();
    db.run("XA START 'a'; INSERT INTO d.t VALUES (1, 'xa'); XA END 'a'; XA COMMIT 'a' ONE PHASE").await;
    db.run("SET GLOBAL log_bin_compress = ON, GLOBAL log_bin_compress_min_len = 10").await;
    let long = "x".repeat(20);
    db.run(&format!("ALTER TABLE d.t ADD COLUMN w VARCHAR(500) COMMENT '{long}'")).await;
    db.run(&format!("INSERT INTO d.t VALUES (2, '{long}', REPEAT('é', 400)), (3, '{long}', 'w')")).await;
    db.run("UPDATE d.t SET w = REPEAT('z', 300); DELETE FROM d.t WHERE id < 3; INSERT INTO d.t VALUES (4, 'end', '')")
        .await;
    let items = read_until(&mut log, mark_after(4)).await;
    assert_eq!(reading::counts(&items, "d.t"), [4, 3, 2]);
    let changes = items.iter().map(|item| match item {
        SourceItem::Event(ChangeEvent::Ddl(event)) => event.changes.len(),
        SourceItem::Event(_) | SourceItem::Parked(_) | SourceItem::Mark(_) => 0,
    });
    assert_eq!(changes.sum::<usize>(), 1);
}

/// A log counts up to 250 columns in one byte, and more in two behind a marker.
#[tokio::test]
async fn a_table_of_more_than_250_columns_comes_whole() {
    let db = MariaDb::start();
    db.run("CREATE DATABASE d").await;
    let mut log = connect(&db, Start::Now).await.unwrap();
    for width in [250, 251, 300] {
        let columns: Vec<String> = (1..width).map(|at| format!(", c{at} VARCHAR(9)")).collect();
        db.run(&format!("CREATE TABLE d.t{width} (id INT PRIMARY KEY{})", columns.concat())).await;
        let values = (1..width).map(|at| if at % 7 == 0 { ", NULL".into() } else { format!(", 'v{at}'") });
        db.run(&format!("INSERT INTO d.t{width} VALUES ({width}{})", values.collect::<String>())).await;
        db.run(&format!("UPDATE d.t{width} SET c7 = 'v7', c{} = NULL", width - 1)).await;
        db.run(&format!("DELETE FROM d.t{width}; INSERT INTO d.t{width} (id) VALUES (-{width})")).await;
        let items = read_until(&mut log, mark_after(-width)).await;

        let rows: Vec<_> = reading::rows(&items).flat_map(|event| event.rows.iter()).collect();
        let [inserted, updated, deleted, _] = rows[..] else { panic!("{rows:?}") };
        let text = |at: i64| if at % 7 == 0 { "NULL".to_owned() } else { format!("v{at}") };
        let mut expected: Vec<String> = (1..width).map(text).collect();
        assert_eq!(texts(inserted.after), expected);
        assert_eq!(texts(updated.before), expected);
        expected[6] = "v7".to_owned();
        expected[width as usize - 2] = "NULL".to_owned();
        assert_eq!(texts(updated.after), expected);
        assert_eq!(texts(deleted.before), expected);
    }
}

/// `next` is dropped in the middle again and again.
#[tokio::test]
async fn a_cancelled_read_loses_nothing() {
    let db = MariaDb::start();
    db.run(TABLE).await;
    let mut log = connect(&db, Start::Now).await.unwrap();
    let writer = async {
        for id in 0..50 {
            db.run(&format!("INSERT INTO d.t VALUES ({id}, 'x')")).await;
        }
    };
    let reader = async {
        let mut items = Vec::new();
        while ids(&items).last() != Some(&49) {
            tokio::select! {
                biased;
                item = log.next() => items.push(item.unwrap().unwrap()),
                () = tokio::task::yield_now() => {}
            }
        }
        ids(&items)
    };
    let (ids, ()) = timeout(PATIENCE, futures::future::join(reader, writer)).await.unwrap();
    assert!(ids.into_iter().eq(0..50));
}

#[tokio::test]
async fn a_view_and_a_sequence_from_before_the_start_are_no_tables() {
    let db = MariaDb::start();
    db.run(TABLE).await;
    db.run("CREATE VIEW d.v AS SELECT 1; CREATE SEQUENCE d.s; GRANT SELECT ON *.* TO reader@'%'").await;
    let mut log = connect(&db, Start::Now).await.unwrap();
    db.run("RENAME TABLE d.v TO d.w; RENAME TABLE d.s TO d.s2; DROP TABLE d.s2; DROP VIEW d.w").await;
    db.run("INSERT INTO d.t VALUES (1, 'the end')").await;
    let items = read_until(&mut log, mark_after(1)).await;
    let queries = items.iter().filter_map(|item| match item {
        SourceItem::Event(ChangeEvent::Ddl(event)) => Some(event.changes[0].query.as_str()),
        _ => None,
    });
    // Nobody was told of the view, so nobody is told of another name of it; its end does no harm.
    assert_eq!(queries.collect::<Vec<_>>(), ["DROP VIEW IF EXISTS `d`.`w`"], "{items:?}");
}
