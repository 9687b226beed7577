//! A replica takes over: reading goes on in its log, whose files, offsets and order are its own.
//!
//! Writers of two GTID domains (MariaDB), or with an applier in parallel (MySQL), write to a primary while the source is
//! stopped again and again, after any item, and opened at its last mark: on the other server each time. In the middle the
//! replica is promoted, and the old primary follows it.

#[path = "fail_over/door.rs"]
mod door;
mod mysql_server;
#[path = "fail_over/nodes.rs"]
mod nodes;
mod reading;
mod server;

use change_event::{ChangeEvent, CommitTs, Op, Value};
use door::Door;
use mysql_async::prelude::Queryable;
use nodes::Node;
use source_mysql::{Binlog, Error, Lineage, Mark, Resume, SourceItem, SourceOptions, Start};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(120);
const TABLES: [&str; 3] = ["a", "b", "c"];

/// As it comes back from a bucket.
fn stored(mark: &Mark) -> Start {
    let text = serde_json::to_string(&Resume::from(mark.clone())).unwrap();
    Start::Resume(Box::new(serde_json::from_str(&text).unwrap()))
}

/// A replica may still be behind the mark.
async fn connect(node: &Node, start: Start) -> Result<Binlog, Error> {
    let options = SourceOptions { wait_for_source: Some(PATIENCE), ..SourceOptions::default() };
    Binlog::connect(&node.url(), options, start).await
}

/// What one writer does, transaction by transaction: new rows of several tables, whose ids rise, and a change of each row
/// three transactions later.
async fn write(node: &Node, writer: u64, numbers: std::ops::Range<u64>) {
    let mut conn = node.connect().await;
    node.choose_domain(&mut conn, writer % 2).await;
    for number in numbers {
        let id = writer * 1_000_000 + number;
        let tables = TABLES.iter().cycle().skip((writer + number) as usize % 3).take(1 + number as usize % 3);
        nodes::run(&mut conn, "BEGIN").await;
        for table in tables {
            if number >= 3 {
                let update = format!("UPDATE d.{table} SET v = CONCAT(v, 'u') WHERE id = {}", id - 3);
                nodes::run(&mut conn, &update).await;
            }
            nodes::run(
                &mut conn,
                &format!("INSERT INTO d.{table} VALUES ({id}, REPEAT('x', {number} % 50))"),
            )
            .await;
        }
        nodes::run(&mut conn, "COMMIT").await;
    }
}

async fn write_all(node: &Node, numbers: std::ops::Range<u64>) {
    futures::future::join_all((0..4).map(|writer| write(node, writer, numbers.clone()))).await;
}

/// The rows of every table in the order in which they were handed over.
#[derive(Default)]
struct Seen {
    tables: BTreeMap<String, Vec<(i64, Op)>>,
    last: Option<CommitTs>,
    /// The latest of all that came, whether its mark came or not.
    latest: CommitTs,
    mark: Option<Mark>,
    pending: Vec<SourceItem>,
}

impl Seen {
    /// Takes an item. It counts once its mark has come.
    fn take(&mut self, item: SourceItem) {
        if let SourceItem::Event(ChangeEvent::Rows(event)) = &item {
            self.latest = self.latest.max(event.commit_ts);
        }
        let SourceItem::Mark(mark) = item else { return self.pending.push(item) };
        for event in reading::rows(&std::mem::take(&mut self.pending)) {
            assert!(self.last <= Some(event.commit_ts), "commit-ts rise");
            self.last = Some(event.commit_ts);
            let rows = self.tables.entry(event.table.name.table.clone()).or_default();
            rows.extend(event.rows.iter().filter_map(|row| match row.after?.value(0) {
                Value::Int(id) => Some((id, row.op)),
                _ => None,
            }));
        }
        self.mark = Some(mark);
    }

    /// Whose log it is in.
    fn server(&self) -> Option<&Lineage> {
        self.mark.as_ref().map(|mark| &mark.position.lineage)
    }

    fn rows(&self) -> usize {
        self.tables.values().map(Vec::len).sum()
    }
}

/// The next item.
async fn next(log: &mut Binlog) -> SourceItem {
    timeout(PATIENCE, log.next()).await.expect("the log goes on").unwrap().unwrap()
}

/// Reads so many items. Then the source is stopped, and what has no mark yet is lost with it.
async fn read(mut log: Binlog, seen: &mut Seen, items: usize) {
    for _ in 0..items {
        seen.take(next(&mut log).await);
    }
    seen.pending.clear();
}

/// Reads until all rows are there.
async fn read_rows(mut log: Binlog, seen: &mut Seen, rows: usize) {
    while seen.rows() < rows {
        seen.take(next(&mut log).await);
    }
}

/// Every table as the server has it: nothing twice, nothing missing, and of each row its insert before its update. (A MySQL
/// replica may log transactions that do not touch each other in another order.)
async fn is_complete(node: &Node, seen: &Seen) {
    for table in TABLES {
        let mut rows: BTreeMap<i64, Vec<Op>> = BTreeMap::new();
        seen.tables[table].iter().for_each(|&(id, op)| rows.entry(id).or_default().push(op));
        for (id, ops) in &rows {
            assert!(matches!(ops[..], [Op::Insert] | [Op::Insert, Op::Update]), "{table} {id}: {ops:?}");
        }
        let ids: Vec<i64> = rows.into_keys().collect();
        assert!(ids == node.ids(table).await, "{table}");
    }
}

/// How many rows so many transactions of each writer change.
fn count(numbers: u64) -> usize {
    let of_one = |number: u64| (1 + number as usize % 3) * if number < 3 { 1 } else { 2 };
    4 * (0..numbers).map(of_one).sum::<usize>()
}

/// A primary with the tables, and its replica.
async fn pair() -> [Node; 2] {
    let nodes = [Node::start(1), Node::start(2)];
    nodes[0].run(&["CREATE DATABASE d"]).await;
    for table in TABLES {
        nodes[0].run(&[&format!("CREATE TABLE d.{table} (id INT PRIMARY KEY, v VARCHAR(60))")]).await;
    }
    nodes[1].follow(&nodes[0]).await;
    nodes[1].has_table(TABLES[2]).await;
    nodes
}

/// Stops and goes on so many times while `numbers` transactions of each writer are written, half of them to each server.
async fn survives(stops: usize, numbers: u64) {
    let nodes = pair().await;
    let mut seen = Seen::default();
    let mut moved = 0;
    for half in 0..2_u64 {
        let reading = async {
            for stop in 0..stops {
                let node = &nodes[(stop + half as usize) % 2];
                let start = seen.mark.as_ref().map_or(Start::Earliest, stored);
                let log = connect(node, start).await.unwrap();
                let position = log.start_mark().position;
                let server = |mark: &Mark| mark.position.lineage.server.clone();
                if seen.mark.as_ref().is_some_and(|mark| server(mark) != position.lineage.server) {
                    moved += 1;
                    // Else a reader would take something else for what it has from before the stop.
                    assert!(position.commit_ts >= seen.latest, "all that comes is above all that came");
                }
                read(log, &mut seen, 40 + stop * 17 % 60).await;
            }
        };
        let range = half * numbers / 2..(half + 1) * numbers / 2;
        futures::future::join(reading, write_all(&nodes[half as usize], range)).await;
        // The other one takes over once it has everything.
        let rows = count((half + 1) * numbers / 2);
        let start = seen.mark.as_ref().map_or(Start::Earliest, stored);
        read_rows(connect(&nodes[1 - half as usize], start).await.unwrap(), &mut seen, rows).await;
        if half == 0 {
            nodes[1].stand_alone().await;
            nodes[0].follow(&nodes[1]).await;
        }
    }
    println!("{} rows, moved {moved} times", seen.rows());
    assert_eq!(moved, 2 * (stops - 1), "every stop but the first of a half goes on at the other server");
    is_complete(&nodes[1], &seen).await;
}

#[tokio::test]
async fn a_replica_takes_over_and_hands_back_and_nothing_is_lost_or_comes_twice() {
    survives(5, 90).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn a_replica_takes_over_and_hands_back_for_long() {
    survives(60, 3_000).await;
}

/// The connection breaks, and the same name leads to the other server.
#[tokio::test]
async fn a_name_that_comes_to_lead_to_another_server_is_followed_while_it_is_read() {
    let nodes = pair().await;
    let ports = [&nodes[0], &nodes[1]].map(|node| node.url().port().unwrap());
    let door = Door::to(ports[0]);
    let mut url = nodes[0].url();
    url.set_port(Some(door.port)).unwrap();
    let mut log = Binlog::connect(&url, SourceOptions::default(), Start::Earliest).await.unwrap();
    let mut seen = Seen::default();
    let mut moved = 0;
    let is_over = Cell::new(false);
    let reading = async {
        for switch in 1..=4 {
            for _ in 0..60 {
                seen.take(next(&mut log).await);
            }
            let before = seen.server().map(|lineage| lineage.server.clone());
            door.lead_to(ports[switch % 2]);
            // What is on its way comes first.
            while seen.server().map(|lineage| &lineage.server) == before.as_ref() {
                seen.take(next(&mut log).await);
            }
            moved += 1;
        }
        is_over.set(true);
    };
    // However long it takes: after each switch there is something to come.
    let writing = async {
        let mut numbers = 0;
        while !is_over.get() {
            write_all(&nodes[0], numbers..numbers + 10).await;
            numbers += 10;
        }
        numbers
    };
    let ((), numbers) = futures::future::join(reading, writing).await;
    read_rows(log, &mut seen, count(numbers)).await;
    println!("{} rows, moved {moved} times", seen.rows());
    is_complete(&nodes[0], &seen).await;
}

#[tokio::test]
async fn a_server_with_another_history_is_refused_whatever_its_numbers() {
    another_history(false).await;
    another_history(true).await;
}

/// `same_numbers`: both number their transactions alike, where a server can be made to.
async fn another_history(same_numbers: bool) {
    let nodes = [Node::start(1), Node::start(2)];
    let numbered = nodes[1].number_as(1).filter(|_| same_numbers);
    for (node, numbered) in nodes.iter().zip([None, numbered]) {
        let statements = [
            "CREATE DATABASE d",
            "CREATE TABLE d.a (id INT PRIMARY KEY, v VARCHAR(60))",
            "INSERT INTO d.a VALUES (1, 'x')",
            // Rows that look the same, of another second.
            "DO SLEEP(1.1)",
        ];
        node.run(&numbered.iter().map(String::as_str).chain(statements).collect::<Vec<_>>()).await;
    }
    nodes[1].run(&["INSERT INTO d.a VALUES (2, 'x')"]).await;
    let mut seen = Seen::default();
    read_rows(connect(&nodes[0], Start::Earliest).await.unwrap(), &mut seen, 1).await;
    let error = timeout(PATIENCE, connect(&nodes[1], stored(seen.mark.as_ref().unwrap())));
    let error = error.await.expect("it is not waited for").unwrap_err();
    println!("{error}");
    assert!(error.is_broken_lineage(), "{error:?}");
    for word in ["saved was server", "found was server", "--accept-gap", "a new prefix"] {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

/// A number alone does not tell one history of a MariaDB from another.
#[tokio::test]
async fn a_place_behind_which_nothing_was_read_leads_to_no_other_mariadb() {
    let nodes = pair().await;
    let Node::MariaDb(primary) = &nodes[0] else { return };
    let gtids: Option<String> =
        primary.connect().await.query_first("SELECT @@GLOBAL.gtid_binlog_pos").await.unwrap();
    let behind = Start::Behind(gtids.unwrap().parse().unwrap());
    let mark = connect(&nodes[0], behind).await.unwrap().start_mark();
    let error = connect(&nodes[1], stored(&mark)).await.unwrap_err();
    assert!(error.is_broken_lineage(), "{error:?}");
    assert!(error.to_string().contains("nothing that tells their history from another one"), "{error}");
}

/// The transaction that tells the history is then one of two servers ago.
#[tokio::test]
async fn a_server_that_nothing_was_read_from_yet_is_followed_by_another_one() {
    let nodes = pair().await;
    nodes[0].run(&["INSERT INTO d.a VALUES (1, 'x')"]).await;
    let mut seen = Seen::default();
    read_rows(connect(&nodes[0], Start::Earliest).await.unwrap(), &mut seen, 1).await;
    let mut start = stored(seen.mark.as_ref().unwrap());
    for node in [&nodes[1], &nodes[0], &nodes[1]] {
        let log = connect(node, start).await.unwrap();
        start = stored(&log.start_mark());
    }
    nodes[0].run(&["INSERT INTO d.a VALUES (2, 'x')"]).await;
    read_rows(connect(&nodes[1], start).await.unwrap(), &mut seen, 2).await;
    assert_eq!(seen.tables["a"], [(1, Op::Insert), (2, Op::Insert)]);
}
