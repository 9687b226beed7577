//! What the enqueue ack lets go on, and what only the flush ack does.

use crate::support::*;
use change_event::CommitTs;
use dispatcher::{BlackholeSink, Dispatchers, Options};
use pipeline_core::Levels;

#[tokio::test(start_paused = true)]
async fn early_wake_does_not_advance_checkpoint() {
    let (sink, _pipeline) = TestSink::spawn();
    let store = sink.control.hold_store(id("t", 0));
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    hand(&dispatchers, [rows("t", 10), rows("t", 20), resolved(30)]).await;
    settle().await;
    // Both batches went through: the wake was given, though the store has nothing yet.
    assert_eq!(dispatchers.work().events, 2);
    assert!(!dispatchers.inboxes().is_shut() && dispatchers.inboxes().held() == 0);
    assert_eq!(dispatchers.checkpoint(), CommitTs(9));
    store.add_permits(1);
    settle().await;
    assert_eq!(dispatchers.checkpoint(), CommitTs(19));
    store.add_permits(1);
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(30));
}

#[tokio::test(start_paused = true)]
async fn the_next_batch_waits_for_the_wake_of_this_one() {
    let (sink, _pipeline) = TestSink::spawn();
    let wakes = sink.control.hold_wakes();
    let options = Options { batch_events: 2, ..Options::default() };
    let dispatchers = Dispatchers::builder(sink.clone()).options(options).spawn().unwrap();
    hand(&dispatchers, (1..=5).map(|ts| rows("t", ts))).await;
    let mut sent = Vec::new();
    for _ in 0..6 {
        settle().await;
        sent.push(dispatchers.work().events);
        wakes.add_permits(1);
    }
    assert_eq!(sent, [2, 2, 4, 4, 5, 5]);
    settle().await;
    assert_eq!(sink.control.journal()[1..], [1, 2, 3, 4, 5].map(|ts| format!("store t {ts}")));
}

#[tokio::test(start_paused = true)]
async fn handle_waits_while_the_inboxes_are_full() {
    let (sink, _pipeline) = TestSink::spawn();
    let wakes = sink.control.hold_wakes();
    let one = 384 + 16 + 1;
    let options =
        Options { inbox: Levels { high: 2 * one, low: one }, batch_events: 1, ..Options::default() };
    let dispatchers = Dispatchers::builder(sink.clone()).options(options).spawn().unwrap();
    hand(&dispatchers, [rows("t", 1)]).await;
    settle().await;
    // The first is with the door; three wait, which is above high.
    hand(&dispatchers, (2..=4).map(|ts| rows("t", ts))).await;
    let mut fifth = tokio_test::task::spawn(dispatchers.handle(rows("u", 5)));
    assert!(fifth.poll().is_pending());
    wakes.add_permits(1);
    settle().await;
    assert!(fifth.poll().is_pending(), "two wait: not low yet");
    wakes.add_permits(1);
    settle().await;
    assert!(fifth.poll().is_ready());
    assert_eq!(dispatchers.inboxes().peak(), 3 * one);
}

#[tokio::test(start_paused = true)]
async fn a_sink_without_drains_needs_only_the_default() {
    let (sink, pipeline) = BlackholeSink::spawn();
    let dispatchers = Dispatchers::builder(sink.clone()).splitter(InThree).spawn().unwrap();
    for event in [create("split", 1), rows("split", 2), rows("t", 3), alter("split", 4), resolved(5)] {
        dispatchers.handle(event).await.unwrap();
    }
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(5));
    assert_eq!((sink.events(), sink.rows(), sink.statements()), (2, 2, 2));
    assert_eq!(sink.checkpoint(), CommitTs(5));
    pipeline.close().await.unwrap();
}
