//! A server is followed while many clients write to it: in the end the bucket has its tables, row for row.

mod in_process;
mod workload;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use std::sync::Arc;
use tests::command::Saved;
use tests::consumer::{Bucket, CsvOptions, Format, Journal, Options, compare_databases};
use tests::{MariaDb, Moto, Spillway, until};
use workload::{Amount, DATABASES, Workload, end_of_log, seed};

const AMOUNT: Amount =
    Amount { writers: 4, transactions: Some(80), statements: Some(60), rows_per_statement: 2 };

/// Runs the command while the clients write, and stops it when it has everything.
async fn follow(mariadb: &MariaDb, seed: u64, run: &Spillway, store: &dyn ObjectStore, prefix: &str) {
    let mut running = run.start();
    until("it knows where it began", async || {
        assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
        Saved::read(store, prefix).await
    })
    .await;
    let done = Workload::start(mariadb, seed, AMOUNT).await.finished().await;
    println!("{done:?}");
    assert!(done.committed > 200, "too much was refused: {done:?}");
    let end = end_of_log(mariadb).await;
    Saved::reaches(&end, &mut running, store, prefix).await;
    running.terminate();
    running.ended().await.succeeded();
}

/// The bucket keeps every promise, and its tables are the server's.
async fn is_complete(mariadb: &MariaDb, store: Arc<dyn ObjectStore>, prefix: &str, options: &Options) {
    let bucket = Bucket::read(store, prefix, options).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    assert!(bucket.unpublished.is_empty(), "{:?}", bucket.unpublished);
    let replayed = bucket.replay().unwrap();
    assert_eq!(replayed.repeated_rows, 0);
    let rows: usize = replayed.tables.values().map(|table| table.row_count()).sum();
    println!("{} tables, {rows} rows, {} files", replayed.tables.len(), bucket.files.len());
    compare_databases(&mariadb.pool(), &DATABASES, &replayed, options).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_every_row_of_a_server_that_many_write_to() {
    let mariadb = MariaDb::start_with(&["--max-binlog-size=65536"]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let parameters = "protocol=csv&include-commit-ts=true&flush-interval=200ms&file-size=4096";
    let sink = format!("file://{}?{parameters}", folder.path().display());
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    follow(&mariadb, seed(11), &Spillway::new(mariadb.url(), sink), &*store, "").await;
    is_complete(&mariadb, store, "", &Options::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_has_every_row_of_a_server_that_many_write_to() {
    let mariadb = MariaDb::start().await.unwrap();
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let parameters = "protocol=canal-json&enable-tidb-extension=true&flush-interval=500ms";
    let sink = format!("{}&{parameters}", moto.sink_uri("bucket", "p"));
    let store = Arc::new(moto.store("bucket").unwrap());
    follow(&mariadb, seed(12), &Spillway::new(mariadb.url(), sink), &*store, "p").await;
    let options = Options { format: Format::CanalJson, ..Options::default() };
    is_complete(&mariadb, store, "p", &options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_before_what_it_builds_on() {
    let mariadb = MariaDb::start().await.unwrap();
    let done = Workload::start(&mariadb, seed(13), AMOUNT).await.finished().await;
    println!("{done:?}");
    let end = end_of_log(&mariadb).await;
    let journal = Journal::new(Arc::new(InMemory::new()));
    let config =
        in_process::config("protocol=csv&include-commit-ts=true&output-old-value=true&file-size=1024");
    in_process::follow(&config, Arc::new(journal.clone()), &mariadb, end).await;
    let csv = CsvOptions { output_old_value: true, ..CsvOptions::default() };
    let options = Options { format: Format::Csv(csv), ..Options::default() };
    let bucket = Bucket::read(Arc::new(journal.clone()), "", &options).await.unwrap();
    journal.check_write_order(&bucket, "").unwrap();
    is_complete(&mariadb, Arc::new(journal), "", &options).await;
}
