//! What stands in the store, and when.

mod line;

use line::{Options, keys, start, text};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use pipeline_core::{RouteId, Scope};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_batch_is_written_when_its_oldest_piece_is_old_enough() {
    let store = Arc::new(InMemory::new());
    let mut line = start(store.clone(), Options::default());
    let first = line.send(1, 7, "a").await;
    tokio::time::advance(Duration::from_secs(4)).await;
    let second = line.send(1, 7, "b").await;
    assert!(keys(&*store).await.is_empty());
    let before = tokio::time::Instant::now();
    first.flushed().await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 1, "five seconds after the first piece");
    second.flushed().await.unwrap();
    assert_eq!(keys(&*store).await, ["t/7/0/CDC000001.txt", "t/7/0/meta/CDC.index", "t/meta/schema_7"]);
    assert_eq!(text(&*store, "t/7/0/CDC000001.txt").await, "#ab");
    assert_eq!(text(&*store, "t/7/0/meta/CDC.index").await, "CDC000001.txt\n");
    assert_eq!((line.tally.rows(), line.tally.files(), line.tally.bytes()), (2, 1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_closed_in_time_whoever_brought_it_and_however_little_was_left_of_their_turn() {
    // Some of these are on the other lane: the first batch there is brought by a task that has used up its budget.
    for id in 2..10 {
        let mut line = start(Arc::new(InMemory::new()), Options { lanes: 2, ..Options::default() });
        tokio::task::yield_now().await;
        for _ in 0..128 {
            drop(line.send(1, 7, "often").await);
        }
        let receipt = line.send(id, 8, "once").await;
        let flushed = tokio::time::timeout(Duration::from_secs(60), receipt.flushed()).await;
        flushed.expect("five seconds have passed").unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_marker_closes_its_routes_batch_and_no_other() {
    let store = Arc::new(InMemory::new());
    let mut line = start(store.clone(), Options { age: Duration::from_secs(3600), ..Options::default() });
    let mine = line.send(1, 7, "mine").await;
    let other = line.send(2, 8, "other").await;
    line.door.drain(Scope::Route(RouteId(1))).await.unwrap();
    assert!(mine.is_flushed() && !other.is_flushed());
    line.pipeline.close().await.unwrap();
    other.flushed().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_shut_gate_lets_batches_go() {
    let store = Arc::new(InMemory::new());
    let levels = pipeline_core::Levels { high: 2_000, low: 1_000 };
    let mut line =
        start(store.clone(), Options { age: Duration::from_secs(3600), levels, ..Options::default() });
    for _ in 0..50 {
        drop(line.send(1, 7, &"x".repeat(200)).await);
    }
    assert!(line.gate.shut_count() > 1);
    assert!(line.gate.peak() <= 2_000 + 456, "one element over the level, and no more");
    line.pipeline.close().await.unwrap();
    assert_eq!(line.gate.held(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_new_version_becomes_visible_after_the_old_one() {
    let store = Arc::new(InMemory::new());
    let mut line = start(store.clone(), Options::default());
    let old = line.send(1, 7, "old").await;
    line.send(1, 8, "new").await.flushed().await.unwrap();
    assert!(old.is_flushed());
    assert_eq!(text(&*store, "t/7/0/meta/CDC.index").await, "CDC000001.txt\n");
    assert_eq!(text(&*store, "t/8/0/meta/CDC.index").await, "CDC000001.txt\n");
}

#[tokio::test(start_paused = true)]
async fn a_local_directory_is_gone_on_with_by_the_next_writer() {
    let root = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let store = Arc::new(LocalFileSystem::new_with_prefix(root.path()).unwrap());
        let mut line = start(store.clone(), Options::default());
        line.send(1, 7, "a").await.flushed().await.unwrap();
        line.send(1, 7, "b").await.flushed().await.unwrap();
        line.pipeline.close().await.unwrap();
        let last = format!("CDC{:06}.txt", 2 * round + 2);
        assert_eq!(text(&*store, &format!("t/7/0/{last}")).await, "#b");
        assert_eq!(text(&*store, "t/7/0/meta/CDC.index").await, format!("{last}\n"));
    }
}
