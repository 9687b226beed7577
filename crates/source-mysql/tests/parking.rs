//! Events of which no change event can be made, as a real server logs them, between rows that can be taken: what is taken,
//! what is parked, and how a source that stops is led past.

mod reading;
mod server;

use change_event::{ChangeEvent, CommitTs, Op, TableFilter, TableName, Value};
use reading::{marks, parked, read_on, rows, words};
use server::MariaDb;
use source_mysql::parked::PassedBy;
use source_mysql::{Binlog, Error, LogPlace, OnUnsupported, Parked, Resume, SourceItem, SourceOptions};
use std::path::{Path, PathBuf};

/// Before the log that is read.
const TABLES: &str = "\
    CREATE DATABASE d; CREATE TABLE d.good (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET utf8mb4);
    CREATE TABLE d.other (id INT PRIMARY KEY);
    CREATE TABLE d.wide (id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET utf8mb4, b TEXT CHARACTER SET utf8mb4);
    CREATE TABLE d.packed (id INT PRIMARY KEY, a TEXT CHARACTER SET utf8mb4 COMPRESSED);
    CREATE TABLE d.odd (id INT PRIMARY KEY, a TEXT CHARACTER SET dec8);
    INSERT INTO d.wide VALUES (1, 'a', 'b'), (2, 'a', 'b'); INSERT INTO d.other VALUES (1); FLUSH BINARY LOGS";

/// Statements of which the log has one event that cannot be taken, the table it is about, and words of its reason; none
/// where it can be taken.
struct Poison {
    statements: &'static [&'static str],
    table: Option<&'static str>,
    reason: &'static str,
}

const fn poison(
    statements: &'static [&'static str],
    table: Option<&'static str>,
    reason: &'static str,
) -> Poison {
    Poison { statements, table, reason }
}

const POISONS: [Poison; 9] = [
    poison(
        &["SET binlog_format = STATEMENT", "UPDATE d.wide SET a = 'x'", "SET binlog_format = ROW"],
        Some("d.wide"),
        "as a statement (UPDATE",
    ),
    poison(
        &[
            "SET binlog_format = STATEMENT",
            "UPDATE d.wide JOIN d.other USING (id) SET a = 'joined'",
            "SET binlog_format = ROW",
        ],
        None,
        "as a statement (UPDATE",
    ),
    poison(
        &[
            "SET binlog_format = STATEMENT",
            "CREATE TABLE d.made AS SELECT * FROM d.other",
            "SET binlog_format = ROW",
        ],
        Some("d.made"),
        "CREATE TABLE",
    ),
    poison(
        &[
            "SET binlog_row_image = MINIMAL",
            "UPDATE d.wide SET a = 'y' WHERE id = 1",
            "SET binlog_row_image = FULL",
        ],
        Some("d.wide"),
        "lack columns",
    ),
    poison(
        &["SET binlog_row_image = MINIMAL", "DELETE FROM d.wide WHERE id = 2", "SET binlog_row_image = FULL"],
        Some("d.wide"),
        "lack columns",
    ),
    poison(
        &[
            "SET binlog_row_image = NOBLOB",
            "UPDATE d.wide SET a = 'z' WHERE id = 1",
            "SET binlog_row_image = FULL",
        ],
        Some("d.wide"),
        "lack columns",
    ),
    poison(&["INSERT INTO d.packed VALUES (1, 'x')"], Some("d.packed"), "COMPRESSED"),
    poison(&["INSERT INTO d.odd VALUES (1, 'x')"], Some("d.odd"), "charset dec8"),
    poison(&["INSERT INTO d.wide (id, a) VALUES (3, 'c')"], None, ""),
];

/// A log in which each poison stands alone, and then each in the middle of a transaction between rows of two tables.
/// Gives the file, how many events cannot be taken, and the rows that can be, as the log has them.
async fn log_with_poisons(db: &MariaDb) -> (PathBuf, Vec<i64>) {
    use mysql_async::prelude::Queryable;
    db.run(TABLES).await;
    let mut client = db.connect().await;
    let mut good = Vec::new();
    let mut next = 0;
    for in_transaction in [false, true] {
        for poison in &POISONS {
            if in_transaction && poison.reason.contains("CREATE TABLE") {
                continue; // It commits by itself.
            }
            let mut run: Vec<String> = Vec::new();
            let mut insert = |run: &mut Vec<String>| {
                next += 1;
                good.push(next);
                run.push(format!("INSERT INTO d.good VALUES ({next}, 'v')"));
            };
            insert(&mut run);
            match in_transaction {
                false => run.extend(poison.statements.iter().map(|&sql| sql.to_owned())),
                true => {
                    // A session's format cannot change within a transaction: all of it is logged in one.
                    let (set, rest) = poison.statements.split_at(poison.statements.len() / 2);
                    let sets = |sql: &&str| sql.starts_with("SET");
                    run.extend(set.iter().filter(|sql| sets(sql)).map(|&sql| sql.to_owned()));
                    run.push("BEGIN".to_owned());
                    let as_rows = !set.iter().any(|sql| sql.contains("STATEMENT"));
                    if as_rows {
                        insert(&mut run);
                    }
                    let changes = poison.statements.iter().filter(|sql| !sets(sql));
                    run.extend(changes.map(|sql| {
                        sql.replace("(1, 'x')", "(2, 'x')").replace("(3,", "(4,").replace("id = 2", "id = 3")
                    }));
                    if as_rows {
                        insert(&mut run);
                    }
                    run.push("COMMIT".to_owned());
                    run.extend(rest.iter().filter(|sql| sets(sql)).map(|&sql| sql.to_owned()));
                }
            }
            insert(&mut run);
            for sql in run {
                client.query_drop(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
        }
    }
    (db.log_file("binlog.000002"), good)
}

fn parking() -> SourceOptions {
    SourceOptions { on_unsupported: OnUnsupported::Park, ..SourceOptions::default() }
}

async fn read_with(
    path: &Path,
    options: SourceOptions,
    resume: Option<Resume>,
) -> (Vec<SourceItem>, Option<Error>) {
    read_on(&mut Binlog::open_file(path, options, resume).await.unwrap()).await
}

/// The numbers of the rows of one table, in order.
fn ids(items: &[SourceItem], table: &str) -> Vec<i64> {
    let of_table = rows(items).filter(|event| event.table.name.to_string() == table);
    let inserted = |event: &change_event::RowEvent| {
        let numbers = event.rows.iter().filter(|row| row.op == Op::Insert);
        let numbers = numbers.map(|row| match row.after.unwrap().value(0) {
            Value::Int(id) => id,
            other => panic!("{other:?}"),
        });
        numbers.collect::<Vec<_>>()
    };
    of_table.flat_map(inserted).collect()
}

fn in_words(parked: &Parked) -> (Option<String>, String) {
    (parked.table.as_ref().map(ToString::to_string), parked.reason.clone())
}

#[tokio::test]
async fn poison_of_every_kind_is_parked_and_every_row_around_it_is_taken() {
    let db = MariaDb::start();
    let (log, good) = log_with_poisons(&db).await;
    let (items, error) = read_with(&log, parking(), None).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids(&items, "d.good"), good);
    assert_eq!(ids(&items, "d.wide"), [3, 4], "whole rows of a table with poison");

    let found: Vec<_> = parked(&items).map(in_words).collect();
    let expected = POISONS.iter().filter(|poison| !poison.reason.is_empty());
    let twice = expected.clone().chain(expected.filter(|poison| !poison.reason.contains("CREATE TABLE")));
    let twice: Vec<&Poison> = twice.collect();
    println!("figures: {} events parked, {} rows taken", found.len(), good.len() + 2);
    for ((table, reason), poison) in found.iter().zip(&twice) {
        assert_eq!(table.as_deref(), poison.table, "{reason}");
        assert!(reason.contains(poison.reason), "{reason}");
    }
    assert_eq!(found.len(), twice.len(), "{found:#?}");
}

/// What a parked event says is what the log has there.
#[tokio::test]
async fn a_parked_event_is_the_events_bytes_and_comes_before_the_mark_of_its_transaction() {
    let db = MariaDb::start();
    let (log, _) = log_with_poisons(&db).await;
    let bytes = std::fs::read(&log).unwrap();
    let (items, _) = read_with(&log, parking(), None).await;
    let mut names = std::collections::HashSet::new();
    for parked in parked(&items) {
        let event = &bytes[parked.offset as usize..parked.end as usize];
        assert_eq!(event[4], parked.kind);
        assert_eq!(event[19..event.len() - 4], parked.body.to_bytes(), "without header and checksum");
        assert!(parked.gtid.as_ref().is_some_and(|gtid| gtid.starts_with("0-1-")), "{parked:?}");
        assert_eq!(parked.table_map.is_some(), parked.statement.is_none(), "{parked:?}");
        assert_eq!((parked.file.as_str(), parked.by), ("binlog.000002", PassedBy::Policy));
        assert!(names.insert(parked.name()), "{}", parked.name());
    }
    let (mut waiting, mut before) = (Vec::new(), CommitTs::default());
    for item in &items {
        match item {
            SourceItem::Parked(parked) => {
                assert!(parked.commit_ts > before, "it is a transaction like any other");
                waiting.push((parked.commit_ts, parked.end));
            }
            SourceItem::Mark(mark) => {
                before = mark.commit_ts;
                for (commit_ts, end) in waiting.drain(..) {
                    assert_eq!(mark.commit_ts, commit_ts);
                    assert!(mark.position.offset >= end);
                }
            }
            SourceItem::Event(_) => {}
        }
    }
    assert!(waiting.is_empty());
}

#[tokio::test]
async fn started_again_at_any_mark_the_same_events_are_parked_under_the_same_names() {
    let db = MariaDb::start();
    let (log, _) = log_with_poisons(&db).await;
    let (items, _) = read_with(&log, parking(), None).await;
    let all: Vec<String> = items.iter().map(words).collect();
    for (at, item) in items.iter().enumerate() {
        let SourceItem::Mark(mark) = item else { continue };
        let (again, error) = read_with(&log, parking(), Some(mark.clone().into())).await;
        assert!(error.is_none(), "{error:?}");
        for (more, item) in again.iter().enumerate() {
            assert_eq!(words(item), all[at + 1 + more], "item {more} after item {at}");
        }
        assert_eq!(again.len(), all.len() - at - 1);
    }
}

/// Led by its errors alone, one after the other.
#[tokio::test]
async fn a_source_that_stops_names_the_event_and_gets_past_it_when_that_is_given() {
    let db = MariaDb::start();
    let (log, good) = log_with_poisons(&db).await;
    let (all, _) = read_with(&log, parking(), None).await;
    let mut options = SourceOptions::default();
    let items = loop {
        let (items, error) = read_with(&log, options.clone(), None).await;
        let Some(error) = error else { break items };
        assert!(matches!(&error, Error::Unsupported { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("--on-unsupported park"), "{text}");
        let named = text.split("--skip-event ").nth(1).and_then(|rest| rest.split(' ').next());
        let place: LogPlace = named.unwrap().parse().unwrap();
        assert!(!options.skip_events.contains(&place), "it was given: {text}");
        // The same offset of another file leads past nothing.
        let elsewhere = LogPlace { file: "binlog.000009".to_owned(), ..place.clone() };
        let skip_events = [options.skip_events.clone(), vec![elsewhere]].concat();
        let (_, error) =
            read_with(&log, SourceOptions { skip_events, ..SourceOptions::default() }, None).await;
        assert_eq!(error.expect("it stops").to_string(), text);
        options.skip_events.push(place);
    };
    assert_eq!(options.skip_events.len(), parked(&all).count());
    assert_eq!(ids(&items, "d.good"), good);
    assert!(parked(&items).all(|parked| parked.by == PassedBy::Operator));
    assert!(parked(&items).all(|parked| parked.reason.starts_with("skipped by the operator: ")));
    assert_eq!(
        marks(&items).last().unwrap().commit_ts,
        marks(&all).last().unwrap().commit_ts,
        "one way or the other, the same commit-ts"
    );
}

#[tokio::test]
async fn an_event_that_can_be_taken_is_taken_though_it_is_named() {
    let db = MariaDb::start();
    db.run("CREATE DATABASE d; CREATE TABLE d.good (id INT PRIMARY KEY); INSERT INTO d.good VALUES (1)")
        .await;
    let log = db.log_file("binlog.000001");
    let every = (4..=std::fs::metadata(&log).unwrap().len())
        .map(|offset| LogPlace { file: "binlog.000001".to_owned(), offset });
    let options = SourceOptions { skip_events: every.collect(), ..SourceOptions::default() };
    let (items, error) = read_with(&log, options, None).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((ids(&items, "d.good"), parked(&items).count()), (vec![1], 0));
}

/// After a statement that may have done anything to a table nobody believes what was known of it.
#[tokio::test]
async fn a_table_that_a_parked_statement_made_is_not_read_by_the_columns_of_another() {
    let db = MariaDb::start();
    db.run(
        "SET GLOBAL binlog_row_metadata = NO_LOG; CREATE DATABASE d; CREATE TABLE d.t (a INT, b INT UNSIGNED); \
         CREATE TABLE d.u (id INT PRIMARY KEY); INSERT INTO d.t VALUES (1, 4000000000)",
    )
    .await;
    db.run(
        "SET binlog_format = STATEMENT; CREATE OR REPLACE TABLE d.t AS SELECT CAST(1 AS UNSIGNED INT) AS b, 1 AS a; \
         ALTER TABLE d.t MODIFY b INT UNSIGNED, MODIFY a INT; SET binlog_format = ROW; \
         INSERT INTO d.t VALUES (4000000000, 1); INSERT INTO d.u VALUES (1)",
    )
    .await;
    let (items, error) = read_with(&db.log_file("binlog.000001"), parking(), None).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids(&items, "d.t"), [1], "only those of before");
    assert_eq!(ids(&items, "d.u"), [1]);
    let reasons: Vec<_> = parked(&items).map(in_words).collect();
    assert_eq!(reasons.len(), 2, "{reasons:#?}");
    assert!(
        reasons[0].1.contains("CREATE TABLE") && reasons[1].1.contains("no column names"),
        "{reasons:#?}"
    );
}

/// Its rows so far are not in what was handed over, and that is told; those from now on are.
#[tokio::test]
async fn a_table_that_comes_in_through_the_filter_is_parked_as_its_statement_and_followed_from_there() {
    let db = MariaDb::start();
    db.run(
        "CREATE DATABASE d; CREATE DATABASE o; CREATE TABLE o.t (id INT PRIMARY KEY); INSERT INTO o.t VALUES (1); \
         RENAME TABLE o.t TO d.t; INSERT INTO d.t VALUES (2); CREATE TABLE o.packed (a TEXT COMPRESSED); \
         INSERT INTO o.packed VALUES ('x'); SET binlog_row_image = MINIMAL; CREATE TABLE o.u (id INT PRIMARY KEY, a INT); \
         INSERT INTO o.u VALUES (1, 1); UPDATE o.u SET a = 2; INSERT INTO d.t VALUES (3)",
    )
    .await;
    let tables = TableFilter::new(&["d.*"], false).unwrap();
    let log = db.log_file("binlog.000001");
    let stopping = SourceOptions { tables: tables.clone(), ..SourceOptions::default() };
    let (_, error) = read_with(&log, stopping, None).await;
    let text = error.expect("it stops").to_string();
    assert!(text.contains("d.t has got rows") && text.contains("--skip-event binlog.000001:"), "{text}");
    let (items, error) = read_with(&log, SourceOptions { tables, ..parking() }, None).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids(&items, "d.t"), [2, 3]);
    let found: Vec<_> = parked(&items).collect();
    assert_eq!(found.len(), 1, "what the filter leaves out is no poison: {found:#?}");
    assert_eq!(found[0].statement.as_ref().unwrap().sql, "RENAME TABLE o.t TO d.t");
    // What comes from now on must not overtake what came before.
    let name = TableName::new("o", "t");
    let mut statements = items.iter().filter_map(|item| match item {
        SourceItem::Event(ChangeEvent::Ddl(ddl)) => Some(ddl),
        _ => None,
    });
    assert!(statements.any(|ddl| ddl.changes.is_empty() && ddl.influence.concerns(&name)));
}
