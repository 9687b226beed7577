//! The command is killed again and again while a server is written to, and started again each time: nothing is lost.

mod workload;

use object_store::local::LocalFileSystem;
use std::path::Path;
use std::sync::Arc;
use tests::command::{Running, Saved};
use tests::consumer::{Bucket, Options, compare_databases};
use tests::{MariaDb, Spillway, until};
use workload::{Amount, DATABASES, Dice, Workload, seed};

const KILLS: u64 = 20;
/// Until they are stopped.
const AMOUNT: Amount = Amount { writers: 3, transactions: None, statements: None, rows_per_statement: 8 };
const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms&file-size=2048";

/// How many files there are, unfinished ones and those of the sink itself included.
fn files(folder: &Path) -> u64 {
    // A file or folder that goes away meanwhile is not counted.
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

/// Lets a run write so many more files.
async fn let_it_write(running: &mut Running, folder: &Path, more: u64) {
    let before = files(folder);
    until("it writes", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        (files(folder) >= before + more).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_it_is_killed_again_and_again() {
    let seed = seed(21);
    let mut dice = Dice::new(seed);
    let mariadb = MariaDb::start_with(&["--max-binlog-size=65536"]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sink = format!("file://{}?{PARAMETERS}", folder.path().display());
    let command = Spillway::new(mariadb.url(), sink).arg("--start=earliest");
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());

    let workload = Workload::start(&mariadb, seed, AMOUNT).await;
    for kill in 0..KILLS {
        let mut running = command.start();
        // At its very start, too, and then anywhere between two files.
        let more = if kill % 5 == 4 { 0 } else { 1 + dice.below(25) };
        let_it_write(&mut running, folder.path(), more).await;
        let ended = running.kill().await;
        assert!(ended.was_killed() && ended.errors().is_empty(), "{ended:?}");
        // What is there is whole at every moment.
        let bucket = Bucket::read(store.clone(), "", &options()).await.unwrap();
        bucket.commit_ts_order_per_table().unwrap();
    }
    let done = workload.stop().await;
    let end = mariadb.binlog_end().await.unwrap();

    let mut running = command.start();
    until("everything is durable", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        Saved::read(&*store, "").await.filter(|saved| saved.has_passed(&end))
    })
    .await;
    running.terminate();
    running.ended().await.succeeded();

    let bucket = Bucket::read(store, "", &options()).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    assert!(bucket.unpublished.is_empty(), "{:?}", bucket.unpublished);
    let replayed = bucket.replay().unwrap();
    println!("{done:?}, {} rows published, {} of them again", bucket.row_count(), replayed.repeated_rows);
    assert!(replayed.repeated_rows > 0, "no kill came between a file and its checkpoint");
    compare_databases(&mariadb.pool(), &DATABASES, &replayed, &options()).await.unwrap();
}

fn options() -> Options {
    Options { restarts: true, ..Options::default() }
}
