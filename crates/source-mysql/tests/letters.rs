//! Names of any letters, with the server as judge: what it takes for one name is one.

mod reading;
mod server;

use change_event::{ChangeEvent, Value};
use mysql_async::prelude::Queryable;
use reading::{read_all, rows};
use server::MariaDb;
use source_mysql::SourceItem;
use std::collections::BTreeSet;

/// Every letter that is a capital or has one, as far as names can have it.
fn letters() -> Vec<char> {
    let has_case = |c: &char| !c.to_lowercase().eq([*c]) || !c.to_uppercase().eq([*c]);
    ('\0'..='\u{FFFF}').filter(has_case).collect()
}

#[tokio::test]
async fn on_a_server_that_lowers_names_each_is_what_the_server_makes_of_it() {
    let db = MariaDb::start_with(&["--lower-case-table-names=1"]);
    let mut client = db.connect().await;
    client.query_drop("SET NAMES utf8mb4; CREATE DATABASE d; USE d").await.unwrap();
    let letters = letters();
    let names: Vec<String> = letters.chunks(40).map(|letters| letters.iter().collect()).collect();
    for name in &names {
        client
            .query_drop(format!("CREATE TABLE `{name}Σ` (a INT); INSERT INTO `{name}Σ` VALUES (1)"))
            .await
            .unwrap();
    }
    let kept: Vec<String> = client.query("SHOW TABLES IN d").await.unwrap();
    client.query_drop("FLUSH BINARY LOGS").await.unwrap();
    let options = source_mysql::SourceOptions { lower_case_names: true, ..Default::default() };
    let mut log =
        source_mysql::Binlog::open_file(&db.log_file("binlog.000001"), options, None).await.unwrap();
    let (items, error) = reading::read_on(&mut log).await;
    assert!(error.is_none(), "{error:?}");
    let of_rows: BTreeSet<&str> = rows(&items).map(|event| event.table.name.table.as_str()).collect();
    let of_statements = items.iter().filter_map(|item| match item {
        SourceItem::Event(ChangeEvent::Ddl(event)) => Some(&event.changes),
        SourceItem::Event(ChangeEvent::Rows(_) | ChangeEvent::Resolved(_))
        | SourceItem::Parked(_)
        | SourceItem::Mark(_) => None,
    });
    let of_statements = of_statements.flatten().map(|change| change.table.as_str());
    let of_statements: BTreeSet<&str> = of_statements.filter(|table| !table.is_empty()).collect();
    assert_eq!(of_statements, kept.iter().map(String::as_str).collect());
    assert_eq!(of_statements, of_rows);
    println!("{} letters in {} names", letters.len(), names.len());
}

fn number(value: Value<'_>) -> i64 {
    match value {
        Value::Int(number) => number,
        other => panic!("{other:?} is no number"),
    }
}

/// Two savepoints of one name are one, the later.
#[tokio::test]
async fn savepoints_are_one_where_the_server_takes_their_names_for_one() {
    let db = MariaDb::start();
    let mut client = db.connect().await;
    client.query_drop("SET NAMES utf8mb4; CREATE DATABASE d; USE d; CREATE TABLE t (a INT)").await.unwrap();
    let letters = letters();
    for (number, &letter) in (1..).zip(&letters) {
        // Letters by one weight of which many have the same.
        let other: Option<String> = client
            .exec_first(
                "SELECT CONVERT(WEIGHT_STRING(CONVERT(? USING utf8mb3) COLLATE utf8mb3_general_ci) USING ucs2)",
                (letter.to_string(),),
            )
            .await
            .unwrap();
        let other = other.unwrap();
        let of_letter = [
            // It makes a server log its savepoints.
            "BEGIN; CREATE TEMPORARY TABLE IF NOT EXISTS passing (a INT)".to_owned(),
            format!("SAVEPOINT `{other}`; INSERT INTO t VALUES (10 * {number})"),
            format!("SAVEPOINT `{letter}`; INSERT INTO t VALUES (10 * {number} + 1)"),
            format!("ROLLBACK TO `{other}`; INSERT INTO t VALUES (10 * {number} + 2); COMMIT"),
        ];
        client.query_drop(of_letter.join("; ")).await.unwrap();
    }
    let kept: Vec<i64> = client.query("SELECT a FROM d.t ORDER BY a").await.unwrap();
    client.query_drop("FLUSH BINARY LOGS").await.unwrap();
    let items = read_all(&db.log_file("binlog.000001")).await;
    let images = rows(&items).flat_map(|event| event.rows.iter().filter_map(|row| row.after));
    let found: Vec<i64> = images.map(|image| number(image.value(0))).collect();
    println!("{} letters, {} rows", letters.len(), kept.len());
    assert_eq!(found, kept);
}
