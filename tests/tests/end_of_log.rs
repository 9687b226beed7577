//! A position comes to the end of the log, also when no transaction stands there, and is one to begin from again.
//!
//! The server is the one that `SPILLWAY_SERVER` names.

use object_store::local::LocalFileSystem;
use tests::command::Saved;
use tests::consumer::{Bucket, Options, compare_databases};
use tests::{Database, Spillway};

const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms";

#[tokio::test(flavor = "multi_thread")]
async fn a_position_comes_to_the_end_of_a_log_that_ends_with_no_transaction() {
    let server = Database::start().await.unwrap();
    for statement in ["CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)"] {
        server.query(statement).await.unwrap();
    }
    let target = tempfile::tempdir().unwrap();
    let store = LocalFileSystem::new_with_prefix(target.path()).unwrap();
    let sink = format!("file://{}?{PARAMETERS}", target.path().display());
    let command = Spillway::new(server.url(), sink).arg("--start=earliest");
    // Behind a row, behind the head of a file, of another one, and behind a row again.
    for (round, writes) in [true, false, false, true].into_iter().enumerate() {
        let mut running = command.start();
        if writes {
            server.query(format!("INSERT INTO d.t VALUES ({round})")).await.unwrap();
            Saved::reaches(&server.binlog_end().await.unwrap(), &mut running, &store, "").await;
        }
        server.query("FLUSH BINARY LOGS").await.unwrap();
        Saved::reaches(&server.binlog_end().await.unwrap(), &mut running, &store, "").await;
        assert!(running.kill().await.was_killed());
    }
    let bucket = Bucket::read_folder(target.path(), &Options::default()).await.unwrap();
    let replayed = bucket.replay().unwrap();
    assert_eq!(replayed.repeated_rows, 0);
    compare_databases(&server.pool(), &["d"], &replayed, &Options::default()).await.unwrap();
    println!("figures: the ends of 4 new files, {} rows", bucket.row_count());
}
