//! Where reading begins: behind a set of GTIDs, at a moment, and once a server is there.

mod reading;
mod server;

use change_event::{ChangeEvent, Value};
use mysql_async::prelude::Queryable;
use server::MariaDb;
use source_mysql::{Binlog, Error, SourceItem, SourceOptions, Start};
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

async fn connect(db: &MariaDb, start: Start) -> Result<Binlog, Error> {
    Binlog::connect(&db.url("reader"), SourceOptions::default(), start).await
}

fn ids(items: &[SourceItem]) -> Vec<i64> {
    reading::rows(items)
        .flat_map(|event| event.rows.iter().filter_map(|row| row.after))
        .filter_map(|image| match image.value(0) {
            Value::Int(id) => Some(id),
            _ => None,
        })
        .collect()
}

/// The first column of all rows up to this one.
async fn ids_up_to(log: &mut Binlog, last: i64) -> Vec<i64> {
    let mut items = Vec::new();
    while ids(&items).last() != Some(&last) {
        items.push(timeout(PATIENCE, log.next()).await.expect("the log goes on").unwrap().unwrap());
    }
    ids(&items)
}

async fn text(db: &MariaDb, sql: &str) -> String {
    db.connect().await.query_first::<String, _>(sql).await.unwrap().unwrap()
}

/// Rows 1 to 6 in two domains and four files, each so many seconds after the one before. Gives the GTIDs behind each row,
/// and when it was written.
async fn rows(db: &MariaDb, pause: f64) -> Vec<(String, jiff::Timestamp)> {
    db.run("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, at BIGINT)").await;
    let mut places = Vec::new();
    for id in 1..=6 {
        let domain = id % 2;
        db.run(&format!(
            "DO SLEEP({pause}); SET gtid_domain_id = {domain}; INSERT INTO d.t VALUES ({id}, UNIX_TIMESTAMP())"
        ))
        .await;
        let gtids = text(db, "SELECT @@GLOBAL.gtid_binlog_pos").await;
        let second = text(db, &format!("SELECT CAST(at AS CHAR) FROM d.t WHERE id = {id}")).await;
        places.push((gtids, jiff::Timestamp::from_second(second.parse().unwrap()).unwrap()));
        if id % 2 == 0 {
            db.run("FLUSH BINARY LOGS").await;
        }
    }
    places
}

#[tokio::test]
async fn behind_gtids_comes_everything_that_is_not_among_them() {
    let db = MariaDb::start();
    let places = rows(&db, 0.0).await;
    for (behind, (gtids, _)) in places.iter().enumerate().take(5) {
        let start = Start::Behind(gtids.parse().unwrap());
        let mut log = connect(&db, start).await.unwrap();
        let position = log.start_mark().position;
        assert_eq!(position.lineage.gtids.unwrap().to_string(), *gtids);
        let rest: Vec<i64> = (behind as i64 + 2..=6).collect();
        assert_eq!(ids_up_to(&mut log, 6).await, rest, "{gtids}");
    }
    // The domains' places need not have been there at one time: of domain 0 one row, of domain 1 all.
    let mixed = format!("{},{}", domain(&places[1].0, 0), domain(&places[4].0, 1));
    let mut log = connect(&db, Start::Behind(mixed.parse().unwrap())).await.unwrap();
    assert_eq!(ids_up_to(&mut log, 6).await, [4, 6]);
}

/// The part of a domain.
fn domain(gtids: &str, domain: u32) -> String {
    let begin = format!("{domain}-");
    gtids.split(',').find(|part| part.starts_with(&begin)).unwrap().to_owned()
}

#[tokio::test]
async fn gtids_that_are_purged_or_were_never_there_are_told_with_the_ways_on() {
    let db = MariaDb::start();
    let places = rows(&db, 0.0).await;
    let last = text(&db, "SELECT @@GLOBAL.gtid_binlog_pos").await;
    // A server keeps a file for as long as it may need it after a crash, and says so only in a warning.
    while db.log_file("binlog.000002").exists() {
        db.run("PURGE BINARY LOGS TO 'binlog.000003'; DO SLEEP(0.05)").await;
    }
    let never = last.replace("0-1-", "0-1-9");
    let other = last.replace("0-1-", "0-7-");
    for (gtids, says) in [
        (&places[0].0, "no longer has everything behind"),
        (&never, "its log ends without 0-1-9"),
        (&other, "0-7-"),
    ] {
        let error = connect(&db, Start::Behind(gtids.parse().unwrap())).await.unwrap_err();
        let text = error.to_string();
        println!("{text}");
        assert!(matches!(&error, Error::Config(_)), "{error:?}");
        for word in [says, gtids.as_str(), "--start earliest", "--accept-gap", "a new prefix"] {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
}

#[tokio::test]
async fn at_a_moment_begins_the_first_transaction_that_is_not_before_it() {
    let db = MariaDb::start();
    let places = rows(&db, 1.1).await;
    for (i, (_, moment)) in places.iter().enumerate() {
        let mut log = connect(&db, Start::Since(*moment)).await.unwrap();
        let rest: Vec<i64> = (i as i64 + 1..=6).collect();
        assert_eq!(ids_up_to(&mut log, 6).await, rest, "{moment}");
    }
    let early = places[0].1 - jiff::SignedDuration::from_hours(1);
    let error = connect(&db, Start::Since(early)).await.unwrap_err().to_string();
    assert!(error.contains("begins after --start time:") && error.contains("--start earliest"), "{error}");
}

#[tokio::test]
async fn a_file_knows_gtids_and_moments_too() {
    let db = MariaDb::start();
    let places = rows(&db, 1.1).await;
    let file = db.log_file("binlog.000002");
    let open = async |start| Binlog::open_file_at(&file, SourceOptions::default(), start).await;
    let rest = async |start| {
        let (items, error) = reading::read_on(&mut open(start).await.unwrap()).await;
        assert!(error.is_none(), "{error:?}");
        ids(&items)
    };
    assert_eq!(rest(Start::Behind(places[1].0.parse().unwrap())).await, [3, 4]);
    assert_eq!(rest(Start::Behind(places[2].0.parse().unwrap())).await, [4]);
    assert_eq!(rest(Start::Behind(places[3].0.parse().unwrap())).await, [0_i64; 0]);
    assert_eq!(rest(Start::Since(places[2].1)).await, [3, 4]);
    assert_eq!(rest(Start::Since(places[3].1)).await, [4]);
    // A little later the second of row 3 has begun.
    assert_eq!(rest(Start::Since(places[2].1 + jiff::SignedDuration::from_millis(1))).await, [4]);
    // Row 4 comes behind row 3, and is known all the same.
    let mixed = format!("{},{}", domain(&places[3].0, 0), domain(&places[1].0, 1));
    assert_eq!(rest(Start::Behind(mixed.parse().unwrap())).await, [3]);
    for (at, says) in [(0, "binlog.000002 begins behind"), (5, "it ends without")] {
        let error = open(Start::Behind(places[at].0.parse().unwrap())).await.unwrap_err().to_string();
        assert!(error.contains(says) && error.contains(&places[at].0), "{error}");
    }
}

/// It was followed where it came first.
#[tokio::test]
async fn a_statement_that_is_known_has_no_effect_and_is_passed() {
    let db = MariaDb::start();
    db.run("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)").await;
    let before = text(&db, "SELECT @@GLOBAL.gtid_binlog_pos").await;
    db.run("INSERT INTO d.t VALUES (1); SET gtid_domain_id = 1; CREATE TABLE d.u (id INT PRIMARY KEY)").await;
    let after = text(&db, "SELECT @@GLOBAL.gtid_binlog_pos").await;
    let start = Start::Behind(format!("{before},{}", domain(&after, 1)).parse().unwrap());
    let file = db.log_file("binlog.000001");
    let mut log = Binlog::open_file_at(&file, SourceOptions::default(), start).await.unwrap();
    let (items, error) = reading::read_on(&mut log).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids(&items), [1]);
    assert!(!items.iter().any(|item| matches!(item, SourceItem::Event(ChangeEvent::Ddl(_)))));
    let end = std::fs::metadata(&file).unwrap().len();
    assert_eq!(reading::marks(&items).last().unwrap().position.offset, end);
}

#[tokio::test]
async fn a_server_that_comes_later_is_waited_for_and_a_wrong_password_is_not() {
    let mut db = MariaDb::start();
    db.run("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)").await;
    db.kill();
    let options = SourceOptions { wait_for_source: Some(Duration::MAX), ..SourceOptions::default() };
    let url = db.url("reader");
    let waiting = tokio::spawn({
        let (url, options) = (url.clone(), options.clone());
        async move { Binlog::connect(&url, options, Start::Earliest).await }
    });
    let mut now = db.url("reader");
    now.set_port(Some(db.port)).unwrap();
    let error = Binlog::connect(&now, SourceOptions::default(), Start::Earliest).await.unwrap_err();
    assert!(matches!(&error, Error::Unreached { seconds: 0, .. }), "{error:?}");
    assert!(!waiting.is_finished());
    db.start_again();
    timeout(PATIENCE, waiting).await.expect("it is found").unwrap().unwrap();

    let mut wrong = url.clone();
    wrong.set_password(Some("another")).unwrap();
    let refused = Binlog::connect(&wrong, options, Start::Earliest);
    let error = timeout(PATIENCE, refused).await.expect("it is not waited for").unwrap_err();
    assert!(matches!(&error, Error::Server(text) if text.contains("refuses the login")), "{error:?}");
}

/// The clock is paused: it jumps whenever there is nothing to do but wait.
#[tokio::test(start_paused = true)]
async fn a_wait_has_an_end_and_tells_the_first_error() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("mysql://u@{gone}").parse().unwrap();
    let options =
        SourceOptions { wait_for_source: Some(Duration::from_secs(90)), ..SourceOptions::default() };
    let error = Binlog::connect(&url, options, Start::Now).await.unwrap_err();
    let Error::Unreached { seconds, first, .. } = &error else { panic!("{error:?}") };
    assert!(*seconds >= 90 && first.contains("refused"), "{error}");
}
