//! A server's log that is not the one a position was saved of.

mod reading;
mod server;

use mysql_async::prelude::Queryable;
use reading::marks;
use server::MariaDb;
use source_mysql::{Binlog, Error, LogPlace, Mark, Resume, SourceItem, SourceOptions, Start};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const PATIENCE: Duration = Duration::from_secs(60);
const TABLE: &str = "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(200))";

async fn connect(db: &MariaDb, start: Start) -> Result<Binlog, Error> {
    Binlog::connect(&db.url("reader"), SourceOptions::default(), start).await
}

async fn resume(db: &MariaDb, mark: &Mark) -> Result<Binlog, Error> {
    connect(db, Start::Resume(Box::new(stored(mark)))).await
}

/// As it comes back from a bucket.
fn stored(mark: &Mark) -> Resume {
    let text = serde_json::to_string(&Resume::from(mark.clone())).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The marks up to the end of the server's log.
async fn read_to_end(db: &MariaDb, log: &mut Binlog) -> Vec<SourceItem> {
    let (file, offset) = end(db).await;
    let mut items = Vec::new();
    loop {
        let item = timeout(PATIENCE, log.next()).await.expect("the log goes on").unwrap().unwrap();
        let done =
            matches!(&item, SourceItem::Mark(m) if m.position.file == file && m.position.offset >= offset);
        items.push(item);
        if done {
            return items;
        }
    }
}

async fn end(db: &MariaDb) -> (String, u64) {
    let row: mysql_async::Row = db.connect().await.query_first("SHOW MASTER STATUS").await.unwrap().unwrap();
    (row.get(0).unwrap(), row.get(1).unwrap())
}

/// The mark after a table and one row.
async fn after_a_row(db: &MariaDb) -> Mark {
    db.run(TABLE).await;
    db.run("INSERT INTO d.t VALUES (1, 'x')").await;
    let items = read_to_end(db, &mut connect(db, Start::Earliest).await.unwrap()).await;
    marks(&items).last().unwrap().clone()
}

async fn grow_past(db: &MariaDb, offset: u64) {
    let mut id = 100;
    while end(db).await.1 <= offset + 1_000 {
        db.run(&format!("INSERT INTO d.t VALUES ({id}, REPEAT('y', 200))")).await;
        id += 1;
    }
}

fn refused(outcome: Result<Binlog, Error>, says: &str) {
    let error = outcome.expect_err("it is another log");
    assert!(error.is_broken_lineage(), "{error:?}");
    let text = error.to_string();
    println!("{text}");
    for word in [says, "binlog.000001", "a new prefix", "--accept-gap"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn a_log_that_was_reset_is_another_however_much_it_has_grown() {
    let db = MariaDb::start();
    let mark = after_a_row(&db).await;
    resume(&db, &mark).await.unwrap();
    db.run("RESET MASTER").await;
    refused(resume(&db, &mark).await, "found was one that ends at");
    grow_past(&db, mark.position.offset).await;
    refused(resume(&db, &mark).await, "found was");
}

/// Both are server 1 of domain 0, and have files of the same names and the same rows. Of one second, they could not be told
/// apart: neither the logs, nor, once the servers are named differently, their histories.
#[tokio::test]
async fn another_server_is_refused_even_if_it_has_the_same_name() {
    let one = MariaDb::start();
    until_the_next_second(&one).await;
    let other = MariaDb::start();
    let mark = after_a_row(&one).await;
    until_the_next_second(&one).await;
    after_a_row(&other).await;
    grow_past(&other, mark.position.offset).await;
    refused(resume(&other, &mark).await, "saved was");
    other.run("SET GLOBAL server_id = 7").await;
    refused(resume(&other, &mark).await, "found was server 7 of GTID domain 0");
}

#[tokio::test]
async fn a_reset_is_noticed_within_seconds_by_a_source_that_waits() {
    let db = MariaDb::start();
    let mark = after_a_row(&db).await;
    let mut log = resume(&db, &mark).await.unwrap();
    let first = timeout(Duration::from_secs(5), log.next()).await;
    assert!(first.is_err(), "nothing to tell while the log is what it was: {first:?}");
    let reset = Instant::now();
    db.run("RESET MASTER").await;
    let error = timeout(PATIENCE, log.next()).await.expect("it is noticed").unwrap_err();
    assert!(reset.elapsed() < Duration::from_secs(10), "{:?}", reset.elapsed());
    refused(Err(error), "ends at");
}

/// The server writes on at once: it ends the stream by itself.
#[tokio::test]
async fn a_reset_is_noticed_when_the_new_log_grows() {
    let db = MariaDb::start();
    let mark = after_a_row(&db).await;
    let mut log = resume(&db, &mark).await.unwrap();
    db.run("RESET MASTER").await;
    grow_past(&db, mark.position.offset).await;
    let error = timeout(PATIENCE, log.next()).await.expect("it is noticed").unwrap_err();
    refused(Err(error), "found was");
}

#[tokio::test]
async fn a_log_that_a_crash_has_cut_is_refused() {
    let mut db = MariaDb::start();
    let mark = after_a_row(&db).await;
    db.shut_down().await;
    let file = std::fs::OpenOptions::new().write(true).open(db.log_file("binlog.000001")).unwrap();
    file.set_len(mark.position.lineage.last_event.unwrap().offset).unwrap();
    db.start_again();
    refused(resume(&db, &mark).await, "cut by a crash");
}

#[tokio::test]
async fn a_position_at_a_files_beginning_is_proved_by_the_files_age() {
    let db = MariaDb::start();
    after_a_row(&db).await;
    let mut log = connect(&db, Start::Earliest).await.unwrap();
    db.run("FLUSH BINARY LOGS").await;
    let mark = loop {
        match timeout(PATIENCE, log.next()).await.unwrap().unwrap().unwrap() {
            SourceItem::Mark(mark) if mark.position.file == "binlog.000002" => break mark,
            SourceItem::Mark(_) | SourceItem::Event(_) | SourceItem::Parked(_) => {}
        }
    };
    assert_eq!((mark.position.offset, mark.position.lineage.last_event), (4, None));
    db.run("INSERT INTO d.t VALUES (2, 'x')").await;
    let items = read_to_end(&db, &mut resume(&db, &mark).await.unwrap()).await;
    assert_eq!(reading::counts(&items, "d.t"), [1, 0, 0]);
    // A second is what the age is told in.
    until_the_next_second(&db).await;
    db.run("RESET MASTER; FLUSH BINARY LOGS").await;
    let error = resume(&db, &mark).await.unwrap_err();
    assert!(matches!(&error, Error::OtherLog { file, .. } if file == "binlog.000002"), "{error:?}");
}

async fn until_the_next_second(db: &MariaDb) {
    db.run("DO SLEEP(1.1)").await;
}

#[tokio::test]
async fn checksums_may_come_and_go() {
    let db = MariaDb::start();
    let mark = after_a_row(&db).await;
    for setting in ["NONE", "CRC32"] {
        db.run(&format!("SET GLOBAL binlog_checksum = {setting}")).await;
        db.run(&format!("DELETE FROM d.t WHERE id = 2; INSERT INTO d.t VALUES (2, '{setting}')")).await;
        let items = read_to_end(&db, &mut resume(&db, &mark).await.unwrap()).await;
        for mark in marks(&items) {
            resume(&db, mark).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_position_of_an_older_spillway_goes_on_and_is_proved_from_then_on() {
    let db = MariaDb::start();
    let mark = after_a_row(&db).await;
    let mut old = serde_json::to_value(Resume::from(mark.clone())).unwrap();
    old["position"].as_object_mut().unwrap().remove("lineage");
    let old: Resume = serde_json::from_value(old).unwrap();
    assert!(!old.position.lineage.is_known());
    let mut log = connect(&db, Start::Resume(Box::new(old))).await.unwrap();
    assert!(log.start_mark().position.lineage.is_known());
    db.run("INSERT INTO d.t VALUES (2, 'x')").await;
    assert_eq!(reading::counts(&read_to_end(&db, &mut log).await, "d.t"), [1, 0, 0]);
}

#[tokio::test]
async fn the_gtids_are_those_of_the_position() {
    let db = MariaDb::start();
    let mut log = connect(&db, Start::Earliest).await.unwrap();
    db.run(TABLE).await;
    db.run("SET gtid_domain_id = 7; INSERT INTO d.t VALUES (1, 'x'); FLUSH BINARY LOGS; INSERT INTO d.t VALUES (2, 'x')")
        .await;
    let mut last = read_to_end(&db, &mut log).await;
    for start in [Start::Now, Start::Earliest] {
        let mut log = connect(&db, start).await.unwrap();
        db.run("INSERT INTO d.t SELECT MAX(id) + 1, 'x' FROM d.t").await;
        last = read_to_end(&db, &mut log).await;
        let gtids: Option<String> =
            db.connect().await.query_first("SELECT @@GLOBAL.gtid_binlog_pos").await.unwrap();
        let mark = marks(&last).last().unwrap();
        let found = mark.position.lineage.gtids.as_ref().unwrap().to_string();
        assert_eq!(Some(found), gtids);
    }
    assert!(marks(&last).count() > 2);
}

#[tokio::test]
async fn a_start_that_is_no_place_in_the_log_is_told_as_what_it_is() {
    let db = MariaDb::start();
    let mark = after_a_row(&db).await;
    let last = mark.position.lineage.last_event.unwrap().offset;
    let at = |file: &str, offset| Start::At(LogPlace { file: file.to_owned(), offset });
    for (place, says) in [
        (at("binlog.000001", last + 3), "no event begins at"),
        (at("binlog.000001", 5), "no event begins at"),
        (at("binlog.000001", 1 << 30), "before the start at"),
        (at("binlog.000009", 4), "only binlog.000001 to binlog.000001"),
    ] {
        let error = connect(&db, place).await.unwrap_err();
        assert!(matches!(&error, Error::Config(text) if text.contains(says)), "{error:?}");
        assert!(!error.to_string().contains("max_allowed_packet"));
    }
    let rows: Vec<mysql_async::Row> =
        db.connect().await.query("SHOW BINLOG EVENTS IN 'binlog.000001'").await.unwrap();
    let offset_of = |kind: &str| -> u64 {
        let row = rows.iter().rfind(|row| row.get::<String, _>(2).unwrap() == kind).unwrap();
        row.get(1).unwrap()
    };
    let mut within = connect(&db, at("binlog.000001", offset_of("Write_rows_v1"))).await.unwrap();
    let error = timeout(PATIENCE, within.next()).await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Config(text) if text.contains("within a transaction")), "{error:?}");
    let mut good = connect(&db, at("binlog.000001", offset_of("Gtid"))).await.unwrap();
    assert_eq!(reading::counts(&read_to_end(&db, &mut good).await, "d.t"), [1, 0, 0]);
}
