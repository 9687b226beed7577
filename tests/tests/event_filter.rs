//! Event filters leave out the changes they name, and column selectors the columns, and nothing else.
//!
//! The server is the one that `SPILLWAY_SERVER` names.

mod in_process;

use in_process::{Reading, config_with};
use mysql_async::prelude::Queryable;
use object_store::memory::InMemory;
use pipeline_core::BoxError;
use source_mysql::Start;
use std::collections::BTreeSet;
use std::sync::Arc;
use tests::consumer::{Bucket, Options, TableKey, compare_databases};
use tests::{Database, contents};

/// What a server logs of `statements`, as it stands in a bucket that is written with a configuration file.
async fn written(server: &Database, statements: &[&str], parameters: &str, toml: &str) -> Arc<InMemory> {
    let mut conn = server.pool().get_conn().await.unwrap();
    for statement in statements {
        conn.query_drop(*statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let store = Arc::new(InMemory::new());
    let end = server.binlog_end().await.unwrap();
    let reading = Reading::with(config_with(parameters, toml), &server.url(), Start::Earliest).await.unwrap();
    reading.until(store.clone(), end).await.unwrap();
    store
}

/// The lines of a table's data files, in the order of the files.
async fn lines(store: &InMemory, table: &str) -> Vec<String> {
    let files = contents(store, &format!("{table}/")).await.unwrap();
    let data = files.into_iter().filter(|(path, _)| path.ends_with(".csv"));
    data.flat_map(|(_, bytes)| {
        String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    })
    .collect()
}

/// The statements that the schema files of a table or a database tell, in the order of the files.
async fn statements(store: &InMemory, place: &str) -> Vec<String> {
    let files = contents(store, &format!("{place}/meta/")).await.unwrap();
    let mut told: Vec<serde_json::Value> =
        files.into_values().map(|bytes| serde_json::from_slice(&bytes).unwrap()).collect();
    told.sort_by_key(|file| file["TableVersion"].as_u64());
    told.iter().map(|file| file["Query"].as_str().unwrap().to_owned()).filter(|sql| !sql.is_empty()).collect()
}

const EVENTS: &str = r#"
    [filter]
    [[filter.event-filters]]
    matcher = ["d.t"]
    ignore-event = ["delete"]
    ignore-sql = ["add column"]
    [[filter.event-filters]]
    matcher = ["d.gone"]
    ignore-event = ["update", "truncate table", "drop table"]
    [[filter.event-filters]]
    matcher = ["d.log"]
    ignore-event = ["all dml"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_that_are_named_are_left_out_and_no_others() {
    let server = Database::start().await.unwrap();
    let store = written(
        &server,
        &[
            "CREATE DATABASE d",
            "CREATE TABLE d.t (id INT PRIMARY KEY, v INT)",
            "CREATE TABLE d.gone (id INT PRIMARY KEY, v INT)",
            "CREATE TABLE d.log (id INT)",
            "BEGIN",
            "INSERT INTO d.t VALUES (1, 1), (2, 2)",
            "INSERT INTO d.log VALUES (1)",
            "UPDATE d.t SET v = 3 WHERE id = 2",
            "DELETE FROM d.t WHERE id = 1",
            "INSERT INTO d.gone VALUES (1, 1)",
            // A change of a key is an update, however it is written.
            "UPDATE d.gone SET id = 7",
            "DELETE FROM d.gone",
            "COMMIT",
            "ALTER TABLE d.t ADD COLUMN w INT",
            "INSERT INTO d.t VALUES (4, 4, 4)",
            "ALTER TABLE d.t DROP COLUMN v",
            "INSERT INTO d.t VALUES (5, 5)",
            "TRUNCATE TABLE d.gone",
            "INSERT INTO d.gone VALUES (8, 8)",
            "DROP TABLE d.gone",
        ],
        "protocol=csv",
        EVENTS,
    )
    .await;
    assert_eq!(
        lines(&store, "d/t").await,
        [
            r#""I","t","d",1,1"#,
            r#""I","t","d",2,2"#,
            r#""U","t","d",2,3"#,
            r#""I","t","d",4,4,4"#,
            r#""I","t","d",5,5"#
        ],
        "rows after a statement that is left out have its columns"
    );
    assert_eq!(
        lines(&store, "d/gone").await,
        [r#""I","gone","d",1,1"#, r#""D","gone","d",7,1"#, r#""I","gone","d",8,8"#]
    );
    assert!(lines(&store, "d/log").await.is_empty());
    let told = statements(&store, "d/t").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("CREATE TABLE") && told[1].contains("DROP COLUMN"), "{told:?}");
    let told = statements(&store, "d/gone").await;
    assert!(told.len() == 1 && told[0].starts_with("CREATE TABLE"), "{told:?}");
}

/// A transaction that once went wrong is passed over by the timestamp that its rows show.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_left_out_by_its_timestamp() {
    let server = Database::start().await.unwrap();
    let all =
        ["CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)", "INSERT INTO d.t VALUES (1), (2)"];
    let store = written(&server, &all, "protocol=csv&include-commit-ts=true", "").await;
    let first = lines(&store, "d/t").await;
    let commit_ts = first[0].split(',').nth(3).unwrap();
    let toml = format!("[filter]\nignore-txn-start-ts = [{commit_ts}]");
    let again = written(&server, &["INSERT INTO d.t VALUES (3)"], "protocol=csv", &toml).await;
    assert_eq!(lines(&again, "d/t").await, [r#""I","t","d",3"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_with_the_same_selectors_sees_the_servers_tables() {
    let toml = r#"
        [[sink.column-selectors]]
        matcher = ["d.t"]
        columns = ["*", "!secret*"]
        [[sink.column-selectors]]
        matcher = ["d.*"]
        columns = ["*"]
    "#;
    let server = Database::start().await.unwrap();
    let store = written(
        &server,
        &[
            "CREATE DATABASE d",
            "CREATE TABLE d.t (secret_a VARCHAR(9), id INT PRIMARY KEY, v VARCHAR(9), secret_b INT)",
            "CREATE TABLE d.other (secret_a VARCHAR(9), id INT PRIMARY KEY)",
            "INSERT INTO d.t VALUES ('hidden', 1, 'a', 1), ('hidden', 2, 'b', 2)",
            "UPDATE d.t SET secret_b = 9, v = 'c' WHERE id = 2",
            "DELETE FROM d.t WHERE id = 1",
            "INSERT INTO d.other VALUES ('shown', 1)",
        ],
        "protocol=csv&include-commit-ts=true&output-field-header=false",
        toml,
    )
    .await;
    let left_out = ["secret_a", "secret_b"].map(|column| (TableKey::new("d", "t"), column.to_owned()));
    let options = Options { left_out: BTreeSet::from(left_out), ..Options::default() };
    let bucket = Bucket::read(store.clone(), "", &options).await.unwrap();
    compare_databases(&server.pool(), &["d"], &bucket.replay().unwrap(), &options).await.unwrap();
    let text = contents(&*store, "d/t/").await.unwrap();
    assert!(text.values().all(|bytes| !bytes.windows(6).any(|window| window == b"hidden")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_that_leaves_out_the_key_is_told() {
    let server = Database::start().await.unwrap();
    let mut conn = server.pool().get_conn().await.unwrap();
    for statement in
        ["CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY, v INT)", "INSERT INTO d.t VALUES (1, 1)"]
    {
        conn.query_drop(statement).await.unwrap();
    }
    let toml = "[[sink.column-selectors]]\nmatcher = ['d.t']\ncolumns = ['v']";
    let config = config_with("protocol=canal-json", toml);
    let end = server.binlog_end().await.unwrap();
    let reading = Reading::with(config, &server.url(), Start::Earliest).await.unwrap();
    let error: BoxError = reading.until(Arc::new(InMemory::new()), end).await.unwrap_err();
    let causes = std::iter::successors(Some(&*error as &dyn std::error::Error), |error| error.source());
    let text = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    assert!(text.contains("column id of table d.t") && text.contains("column-selectors"), "{text}");
}
