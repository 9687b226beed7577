//! Tables that the filter leaves out stop nobody and leave nothing in the bucket; the others are all there.
//!
//! The server is the one that `SPILLWAY_SERVER` names.

mod in_process;

use in_process::{Reading, config_with};
use object_store::memory::InMemory;
use pipeline_core::BoxError;
use source_mysql::Start;
use std::sync::Arc;
use tests::Database;
use tests::consumer::{Bucket, Options, compare_databases};
use tests::contents;

const PARAMETERS: &str = "protocol=csv&include-commit-ts=true";

async fn run(server: &Database, statements: &[&str]) {
    // One connection: a session's settings hold from one statement to the next.
    let mut conn = server.pool().get_conn().await.unwrap();
    for statement in statements {
        use mysql_async::prelude::Queryable;
        conn.query_drop(*statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// Takes a server's whole log.
async fn taken(server: &Database, toml: &str) -> Result<Arc<InMemory>, BoxError> {
    let config = config_with(PARAMETERS, toml);
    let store = Arc::new(InMemory::new());
    let end = server.binlog_end().await.unwrap();
    Reading::with(config, &server.url(), Start::Earliest).await?.until(store.clone(), end).await?;
    Ok(store)
}

async fn paths(store: &InMemory) -> Vec<String> {
    contents(store, "").await.unwrap().into_keys().collect()
}

/// What hosted servers and their tools write as statements, and what no version can read.
const OF_OTHERS: [&str; 14] = [
    "CREATE TABLE mysql.rds_heartbeat2 (id INT PRIMARY KEY, value BIGINT)",
    "CREATE DATABASE percona",
    "CREATE TABLE percona.checksums (db VARCHAR(9), tbl VARCHAR(9), cnt INT, PRIMARY KEY (db, tbl))",
    "CREATE TABLE percona.odd (a TEXT CHARACTER SET dec8)",
    "INSERT INTO percona.odd VALUES ('x')",
    "SET SESSION binlog_format = 'STATEMENT'",
    "INSERT INTO mysql.rds_heartbeat2(id, value) VALUES (1, 2) ON DUPLICATE KEY UPDATE value = 2",
    "REPLACE INTO percona.checksums (db, tbl, cnt) SELECT 'd', 't', COUNT(*) FROM d.t",
    "UPDATE percona.checksums SET cnt = 7 WHERE db = 'd'",
    "SET SESSION binlog_format = 'ROW'",
    "ALTER TABLE percona.checksums ADD COLUMN more INT",
    "INSERT INTO percona.checksums VALUES ('e', 't', 1, 2)",
    "TRUNCATE TABLE percona.checksums",
    "CREATE TABLE percona.`a/../b` (id INT)",
];

const TAKEN: [&str; 3] = [
    "CREATE DATABASE d",
    "CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4)",
    "INSERT INTO d.t VALUES (1, 'a'), (2, 'b')",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_filter_leaves_out_stops_nobody_and_leaves_nothing() {
    let server = Database::start().await.unwrap();
    run(&server, &TAKEN).await;
    run(&server, &OF_OTHERS).await;
    run(
        &server,
        &["BEGIN", "INSERT INTO percona.odd VALUES ('y')", "UPDATE d.t SET v = 'c' WHERE id = 2", "COMMIT"],
    )
    .await;
    let store = taken(&server, "[filter]\nrules = ['*.*', '!percona.*']").await.unwrap();
    let bucket = Bucket::read(store.clone(), "", &Options::default()).await.unwrap();
    let replayed = bucket.replay().unwrap();
    compare_databases(&server.pool(), &["d"], &replayed, &Options::default()).await.unwrap();
    assert_eq!(replayed.tables.len(), 1);
    let others = |path: &String| path.starts_with("percona/") || path.starts_with("mysql/");
    let others: Vec<String> = paths(&store).await.into_iter().filter(others).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_on_a_table_that_is_taken_stops_all_the_same() {
    for statement in [
        "INSERT INTO d.t VALUES (3, 'c')",
        "UPDATE d.t, percona.checksums SET d.t.v = 'x' WHERE cnt > 0",
        "DELETE FROM d.t USING d.t JOIN percona.checksums",
    ] {
        let server = Database::start().await.unwrap();
        run(&server, &TAKEN).await;
        run(&server, &OF_OTHERS[1..3]).await;
        run(&server, &["SET SESSION binlog_format = 'STATEMENT'", statement]).await;
        let error = taken(&server, "[filter]\nrules = ['*.*', '!percona.*']").await.unwrap_err().to_string();
        assert!(error.contains("logged as a statement"), "{statement}: {error}");
    }
}

/// A view, or a table with triggers: what is written to it may be a change of what is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_on_another_name_of_a_taken_database_stops_all_the_same() {
    for (made, written) in [
        (&["CREATE VIEW d.v AS SELECT * FROM d.t"][..], "INSERT INTO d.v VALUES (3, 'c')"),
        (
            &[
                "CREATE TABLE d.u (id INT PRIMARY KEY)",
                "CREATE TRIGGER d.copies AFTER INSERT ON d.u FOR EACH ROW INSERT INTO d.t VALUES (NEW.id, 'c')",
            ],
            "INSERT INTO d.u VALUES (3)",
        ),
    ] {
        let server = Database::start().await.unwrap();
        run(&server, &TAKEN).await;
        run(&server, made).await;
        run(&server, &["SET SESSION binlog_format = 'STATEMENT'", written]).await;
        let error = taken(&server, "[filter]\nrules = ['d.t']").await.unwrap_err().to_string();
        assert!(error.contains("logged as a statement"), "{written}: {error}");
    }
}

/// A view is taken by its own name, whatever it looks at, and one that comes in later is told by nobody.
#[tokio::test(flavor = "multi_thread")]
async fn views_are_taken_by_their_names() {
    let server = Database::start().await.unwrap();
    run(&server, &TAKEN).await;
    run(
        &server,
        &[
            "CREATE VIEW d.taken AS SELECT * FROM d.t",
            "CREATE VIEW d.hidden AS SELECT id FROM d.t",
            "CREATE VIEW d.hidden_too AS SELECT 1 AS one",
            "DROP VIEW d.hidden, d.taken",
            "RENAME TABLE d.hidden_too TO d.seen",
            "INSERT INTO d.t VALUES (3, 'c')",
        ],
    )
    .await;
    let without_views =
        "[[filter.event-filters]]\nmatcher = ['*.*']\nignore-event = ['create view', 'drop view']";
    for (rules, wanted) in [
        ("rules = ['d.*', '!d.hidden*']", vec![(21, "taken".to_owned()), (24, "taken".to_owned())]),
        (without_views, vec![]),
    ] {
        let store = taken(&server, &format!("[filter]\n{rules}")).await.unwrap();
        let bucket = Bucket::read(store, "", &Options::default()).await.unwrap();
        let of_views =
            bucket.schema_files.iter().filter(|file| file.key.schema == "d" && !file.key.table.is_empty());
        let of_views = of_views.filter(|file| file.key.table != "t");
        let views: Vec<(u64, String)> = of_views.map(|file| (file.kind, file.key.table.clone())).collect();
        assert_eq!(views, wanted, "{rules}");
    }
}

/// Rows of a table that is left out come into one that is taken, and are nowhere in the log.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_come_in_from_a_table_that_is_left_out_are_told() {
    const PARTS: &str =
        "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))";
    let server = Database::start().await.unwrap();
    let orders = format!("CREATE TABLE d.orders (id INT PRIMARY KEY) {PARTS}");
    run(&server, &["CREATE DATABASE d", &orders, "CREATE TABLE d.staging (id INT PRIMARY KEY)"]).await;
    run(&server, &["INSERT INTO d.staging VALUES (1)", "FLUSH LOGS"]).await;
    let (file, offset) = server.binlog_end().await.unwrap();
    run(&server, &["ALTER TABLE d.orders EXCHANGE PARTITION p0 WITH TABLE d.staging"]).await;
    // The tables are told by the log from its beginning, or by nobody behind the statements that made them.
    for start in [Start::Earliest, Start::At(source_mysql::LogPlace { file, offset })] {
        let config = config_with(PARAMETERS, "[filter]\nrules = ['d.orders']");
        let end = server.binlog_end().await.unwrap();
        let reading = Reading::with(config, &server.url(), start).await.unwrap();
        let error = reading.until(Arc::new(InMemory::new()), end).await.unwrap_err().to_string();
        assert!(error.contains("d.orders has got rows"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_takes_rows_out_of_the_filter_but_never_in() {
    let server = Database::start().await.unwrap();
    run(&server, &TAKEN).await;
    run(&server, &["RENAME TABLE d.t TO d.t_old", "INSERT INTO d.t_old VALUES (3, 'c')"]).await;
    let rules = "[filter]\nrules = ['d.*', '!d.*_old']";
    let store = taken(&server, rules).await.unwrap();
    let bucket = Bucket::read(store, "", &Options::default()).await.unwrap();
    assert_eq!(bucket.row_count(), 2, "what came after the rename is left out");
    run(&server, &["RENAME TABLE d.t_old TO d.t"]).await;
    let error = taken(&server, rules).await.unwrap_err().to_string();
    assert!(error.contains("d.t has got rows") && error.contains("new prefix"), "{error}");
}

#[test]
fn a_wrong_rule_is_told() {
    use sink_cloudstorage::config::{Config, SinkUri};
    let uri = SinkUri::parse("memory://x?protocol=csv").unwrap();
    let refused = |toml: &str| Config::read(&uri, toml).unwrap_err().to_string();
    assert!(refused("[filter]\nrules = ['shop']").contains("\"shop\""));
    assert!(refused("[filter]\nrules = 'a.*'").contains("a list of texts"));
    assert!(refused("[filter]\nrule = ['a.*']").contains("did you mean \"rules\""));
}
