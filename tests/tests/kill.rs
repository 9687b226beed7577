//! The command is killed again and again while a server is written to, and started again each time: nothing is lost.

mod workload;

use futures::StreamExt;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use std::sync::Arc;
use tests::command::{Running, Saved};
use tests::consumer::{Bucket, Options, compare_databases};
use tests::{MariaDb, Moto, Spillway, until};
use workload::{Amount, DATABASES, Dice, Workload, end_of_log, seed};

/// Until they are stopped.
const AMOUNT: Amount = Amount { writers: 3, transactions: None, statements: None, rows_per_statement: 8 };
const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms&file-size=2048";

/// A command that follows a server, and the store that it writes to.
struct Target {
    mariadb: MariaDb,
    command: Spillway,
    store: Arc<dyn ObjectStore>,
    prefix: &'static str,
}

impl Target {
    /// How many objects there are, those of the sink itself included.
    async fn objects(&self) -> usize {
        self.store.list(Some(&Path::from(self.prefix))).count().await
    }

    /// Waits until there are so many more objects.
    async fn grows_by(&self, more: usize, running: &mut Running) {
        let before = self.objects().await;
        until("it writes", async || {
            assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
            (self.objects().await >= before + more).then_some(())
        })
        .await;
    }

    /// Reads the bucket, which is whole at every moment.
    async fn bucket(&self) -> Bucket {
        let options = Options { restarts: true, ..Options::default() };
        let bucket = Bucket::read(self.store.clone(), self.prefix, &options).await.unwrap();
        bucket.commit_ts_order_per_table().unwrap();
        bucket
    }

    /// Starts and kills it so many times, after `most` new objects each, while the server is written to, then lets it have everything.
    async fn survives(&self, kills: u64, most: u64, seed: u64) {
        let mut dice = Dice::new(seed);
        // Built before the clients begin, if it must be: they would write all the while.
        tests::command::program();
        let workload = Workload::start(&self.mariadb, seed, AMOUNT).await;
        for kill in 0..kills {
            let mut running = self.command.start();
            // At its very start, too, and then anywhere between two objects.
            let more = if kill % 5 == 4 { 0 } else { 1 + dice.below(most) };
            self.grows_by(more as usize, &mut running).await;
            let ended = running.kill().await;
            assert!(ended.was_killed() && ended.errors().is_empty(), "{ended:?}");
            self.bucket().await;
        }
        let done = workload.stop().await;
        let end = end_of_log(&self.mariadb).await;
        let mut running = self.command.start();
        Saved::reaches(&end, &mut running, &*self.store, self.prefix).await;
        running.terminate();
        running.ended().await.succeeded();

        let bucket = self.bucket().await;
        assert!(bucket.unpublished.is_empty(), "{:?}", bucket.unpublished);
        let replayed = bucket.replay().unwrap();
        println!("{done:?}, {} rows published, {} of them again", bucket.row_count(), replayed.repeated_rows);
        assert!(replayed.repeated_rows > 0, "no kill came between a file and its checkpoint");
        let options = Options::default();
        compare_databases(&self.mariadb.pool(), &DATABASES, &replayed, &options).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_loses_nothing_when_it_is_killed_again_and_again() {
    let mariadb = MariaDb::start_with(&["--max-binlog-size=65536"]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sink = format!("file://{}?{PARAMETERS}", folder.path().display());
    let command = Spillway::new(mariadb.url(), sink).arg("--start=earliest");
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    Target { mariadb, command, store, prefix: "" }.survives(20, 25, seed(21)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_loses_nothing_when_it_is_killed_again_and_again() {
    let mariadb = MariaDb::start().await.unwrap();
    let moto = Moto::start().await.unwrap();
    moto.create_bucket("bucket").await.unwrap();
    let sink = format!("{}&{PARAMETERS}", moto.sink_uri("bucket", "p"));
    let command = Spillway::new(mariadb.url(), sink).arg("--start=earliest");
    let store = Arc::new(moto.store("bucket").unwrap());
    Target { mariadb, command, store, prefix: "p" }.survives(6, 10, seed(22)).await;
}
