//! A run goes on only where the log proves to be the one it has read, and the target the one it has written.

mod sample;

use futures::TryStreamExt;
use mysql_async::prelude::Queryable;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde_json::Value;
use std::path::Path as FilePath;
use std::sync::Arc;
use tests::command::{Running, Saved};
use tests::consumer::{Bucket, Options};
use tests::{MariaDb, Moto, Spillway, contents};

const PARAMETERS: &str = "protocol=csv&include-commit-ts=true&flush-interval=100ms";
const SOURCE_JSON: &str = ".spillway/source.json";

/// A server with a table, and a command that follows it into a folder.
async fn server() -> MariaDb {
    let mariadb = MariaDb::start().await.unwrap();
    mariadb.query("CREATE DATABASE d").await.unwrap();
    mariadb.query("CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(300))").await.unwrap();
    insert(&mariadb, 1).await;
    mariadb
}

async fn insert(mariadb: &MariaDb, id: u32) {
    mariadb.query(format!("INSERT INTO d.t VALUES ({id}, REPEAT('x', 200))")).await.unwrap();
}

fn follow(mariadb: &MariaDb, folder: &FilePath, start: &str) -> Spillway {
    let sink = format!("file://{}?{PARAMETERS}", folder.display());
    Spillway::new(mariadb.url(), sink).arg(format!("--start={start}"))
}

fn store(folder: &FilePath) -> LocalFileSystem {
    LocalFileSystem::new_with_prefix(folder).unwrap()
}

/// Waits until the run has everything, and asks it to stop.
async fn finish(mariadb: &MariaDb, mut running: Running, folder: &FilePath) {
    let end = mariadb.binlog_end().await.unwrap();
    Saved::reaches(&end, &mut running, &store(folder), "").await;
    running.terminate();
    running.ended().await.succeeded();
}

/// How many rows the bucket has, in the right order.
async fn rows(folder: &FilePath) -> usize {
    let bucket = Bucket::read_folder(folder, &Options::default()).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    bucket.row_count()
}

fn gaps(folder: &FilePath) -> Vec<Value> {
    let Ok(text) = std::fs::read_to_string(folder.join(".spillway/gaps.json")) else { return Vec::new() };
    let json: Value = serde_json::from_str(&text).unwrap();
    json["gaps"].as_array().unwrap().clone()
}

fn metadata(folder: &FilePath) -> u64 {
    let text = std::fs::read_to_string(folder.join("metadata")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["checkpoint-ts"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_the_run_and_only_an_accepted_gap_leads_on() {
    let (mariadb, folder) = (server().await, tempfile::tempdir().unwrap());
    let command = follow(&mariadb, folder.path(), "earliest");
    let mut running = command.start();
    let end = mariadb.binlog_end().await.unwrap();
    Saved::reaches(&end, &mut running, &store(folder.path()), "").await;
    mariadb.query("RESET MASTER").await.unwrap();
    let ended = running.ended().await;
    let error = ended.failed(1);
    assert!(error.contains("--accept-gap") && error.contains("a new prefix"), "{error}");

    // Grown past the offset again, which is where it used to be silent.
    for id in 2..20 {
        insert(&mariadb, id).await;
    }
    let before = contents(&store(folder.path()), "").await.unwrap();
    let error = command.run().await.failed(2).to_owned();
    assert!(error.contains("saved was") && error.contains("found was"), "{error}");
    assert!(before == contents(&store(folder.path()), "").await.unwrap(), "nothing was written");

    let told = metadata(folder.path());
    let command = command.arg("--accept-gap");
    finish(&mariadb, command.start(), folder.path()).await;
    assert!(rows(folder.path()).await == 19 && metadata(folder.path()) > told);
    let recorded = gaps(folder.path());
    assert_eq!(recorded.len(), 1);
    let gap = &recorded[0];
    assert!(gap["above_ts"].as_u64() >= Some(told), "{gap}");
    for place in ["from", "to"] {
        assert!(gap[place]["offset"].is_u64() && gap[place]["lineage"]["log"].is_object(), "{gap}");
    }
    assert!(gap["why"].as_str().unwrap().contains("saved was"), "{gap}");

    // What can be continued is continued, whatever is accepted.
    insert(&mariadb, 20).await;
    finish(&mariadb, command.start(), folder.path()).await;
    assert_eq!((rows(folder.path()).await, gaps(folder.path()).len()), (20, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_servers_rows_do_not_land_beside_the_first_ones() {
    let one = server().await;
    // Logs that were begun in one second may be the same to the byte.
    one.query("DO SLEEP(1.1)").await.unwrap();
    let other = server().await;
    let folder = tempfile::tempdir().unwrap();
    finish(&one, follow(&one, folder.path(), "earliest").start(), folder.path()).await;
    for id in 2..20 {
        insert(&other, id).await;
    }
    let before = contents(&store(folder.path()), "").await.unwrap();
    let error = follow(&other, folder.path(), "earliest").run().await.failed(2).to_owned();
    assert!(error.contains("is not the log that was read"), "{error}");
    assert!(before == contents(&store(folder.path()), "").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_with_data_but_without_a_position_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "a file of the user's").unwrap();
    let command =
        Spillway::into_folder(sample::path(), folder.path(), sample::PARAMETERS).config(sample::CONFIG);
    command.run().await.succeeded();
    let saved = std::fs::read(folder.path().join(SOURCE_JSON)).unwrap();
    let store = store(folder.path());

    std::fs::remove_file(folder.path().join(SOURCE_JSON)).unwrap();
    let before = contents(&store, "").await.unwrap();
    let refused = async |has: &str| {
        let error = command.run().await.failed(2).to_owned();
        for word in [has, SOURCE_JSON, "restore it", "a new prefix", "--accept-gap"] {
            assert!(error.contains(word), "{word}: {error}");
        }
    };
    refused("the target has").await;
    assert!(before == contents(&store, "").await.unwrap(), "nothing was written");

    std::fs::write(folder.path().join(SOURCE_JSON), &saved).unwrap();
    command.run().await.succeeded();

    // `metadata` alone, and then nothing of ours.
    std::fs::remove_file(folder.path().join(SOURCE_JSON)).unwrap();
    for key in contents(&store, "").await.unwrap().keys() {
        if !["metadata", "notes.txt"].contains(&key.as_str()) {
            store.delete(&Path::from(key.as_str())).await.unwrap();
        }
    }
    refused("metadata").await;
    std::fs::remove_file(folder.path().join("metadata")).unwrap();
    command.run().await.succeeded();
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_gap_no_commit_ts_is_below_what_was_told() {
    let (mariadb, folder) = (server().await, tempfile::tempdir().unwrap());
    finish(&mariadb, follow(&mariadb, folder.path(), "earliest").start(), folder.path()).await;
    std::fs::remove_file(folder.path().join(SOURCE_JSON)).unwrap();
    // A year ahead of the server's clock.
    let told = metadata(folder.path()) + (31_536_000_000 << 18);
    std::fs::write(folder.path().join("metadata"), format!("{{\"checkpoint-ts\":{told}}}")).unwrap();
    let (file, offset) = mariadb.binlog_end().await.unwrap();
    insert(&mariadb, 2).await;
    let command = follow(&mariadb, folder.path(), &format!("{file}:{offset}")).arg("--accept-gap");
    finish(&mariadb, command.start(), folder.path()).await;
    let bucket = Bucket::read_folder(folder.path(), &Options::default()).await.unwrap();
    bucket.commit_ts_order_per_table().unwrap();
    let above = bucket.files.iter().flat_map(|file| &file.rows).filter(|row| row.commit_ts > told);
    assert_eq!(above.count(), 1);
    assert!(metadata(folder.path()) > told);
    let recorded = gaps(folder.path());
    assert!(recorded.len() == 1 && recorded[0]["from"].is_null(), "{recorded:?}");
}

/// Every statement of the transaction stops it once, and the sentence names it each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_passes_what_stops_it_by_the_advice_it_gives() {
    let (mariadb, folder) = (server().await, tempfile::tempdir().unwrap());
    finish(&mariadb, follow(&mariadb, folder.path(), "earliest").start(), folder.path()).await;
    let mut client = mariadb.pool().get_conn().await.unwrap();
    for statement in [
        "SET binlog_format = STATEMENT",
        "BEGIN",
        "UPDATE d.t SET v = 'one' WHERE id = 1",
        "UPDATE d.t SET v = 'two' WHERE id = 1",
        "COMMIT",
    ] {
        client.query_drop(statement).await.unwrap();
    }
    client.disconnect().await.unwrap();
    insert(&mariadb, 2).await;
    let mut command = follow(&mariadb, folder.path(), "earliest");
    for _ in 0..2 {
        let error = command.run().await.failed(1).to_owned();
        let advised = error.split_once("--skip-event ").and_then(|(_, rest)| rest.split(' ').next());
        let place = advised.unwrap_or_else(|| panic!("no way on: {error}"));
        command = command.arg(format!("--skip-event={place}"));
    }
    finish(&mariadb, command.start(), folder.path()).await;
    assert_eq!(rows(folder.path()).await, 2);
    let parked = || {
        let logs = std::fs::read_dir(folder.path().join(".spillway/parked")).unwrap();
        logs.map(|log| std::fs::read_dir(log.unwrap().path()).unwrap().count()).sum::<usize>()
    };
    assert_eq!((parked(), gaps(folder.path()).len()), (2, 0));
    // Once past them, the same command merely goes on.
    insert(&mariadb, 3).await;
    finish(&mariadb, command.start(), folder.path()).await;
    assert_eq!((rows(folder.path()).await, parked()), (3, 2));
}

/// What the run saved is taken away under it; then a row comes.
async fn is_emptied(mariadb: &MariaDb, command: &Spillway, store: Arc<dyn ObjectStore>, prefix: &str) {
    let mut running = command.start();
    let end = mariadb.binlog_end().await.unwrap();
    Saved::reaches(&end, &mut running, &*store, prefix).await;
    let all: Vec<_> = store.list(Some(&Path::from(prefix))).try_collect().await.unwrap();
    for object in all {
        // The run itself deletes an outdated part now and then.
        match store.delete(&object.location).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    insert(mariadb, 100).await;
    let ended = running.ended().await;
    let error = ended.failed(1);
    assert!(error.contains("it was emptied or replaced"), "{error}");
    assert_eq!(Saved::read(&*store, prefix).await, None, "no position stands for what is gone");
    let error = command.run().await.failed(2).to_owned();
    assert!(error.contains("no saved position"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_emptied_while_a_run_goes_on_ends_it() {
    let (mariadb, folder) = (server().await, tempfile::tempdir().unwrap());
    let command = follow(&mariadb, folder.path(), "earliest");
    is_emptied(&mariadb, &command, Arc::new(store(folder.path())), "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_emptied_while_a_run_goes_on_ends_it() {
    let (mariadb, moto) = (server().await, Moto::start().await.unwrap());
    moto.create_bucket("bucket").await.unwrap();
    let sink = format!("{}&{PARAMETERS}", moto.sink_uri("bucket", "p"));
    let command = Spillway::new(mariadb.url(), sink).arg("--start=earliest");
    is_emptied(&mariadb, &command, Arc::new(moto.store("bucket").unwrap()), "p").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_none_is_explained() {
    let (mariadb, folder) = (server().await, tempfile::tempdir().unwrap());
    let (file, offset) = mariadb.binlog_end().await.unwrap();
    for (start, says) in [
        ("yesterday", "use now, earliest or a place"),
        ("binlog.000001:3", "4 where the file's first event begins"),
        (&format!("{file}:{}", offset - 3), "no event begins at"),
        (&format!("{file}:{}", offset + 3), "before the start at"),
        ("binlog.000009:4", "only binlog.000001 to binlog.000001"),
    ] {
        let ended = follow(&mariadb, folder.path(), start).run().await;
        assert!(ended.failed(2).contains(says) || ended.stderr.contains(says), "{start}: {ended:?}");
    }
    let without = Spillway::new(mariadb.url(), format!("file://{}?{PARAMETERS}", folder.path().display()));
    let ended = without.arg("--accept-gap").run().await;
    assert!(ended.code() == Some(2) && ended.stderr.contains("--start"), "{ended:?}");
    assert!(contents(&store(folder.path()), "").await.unwrap().is_empty());
}
