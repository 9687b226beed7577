//! Work grows with what is active.

use crate::support::*;
use change_event::CommitTs;
use dispatcher::{BlackholeSink, Dispatchers, Options};

#[tokio::test(start_paused = true)]
async fn active_set_only_processes_active_dispatchers() {
    const REGISTERED: usize = 100_000;
    const ACTIVE: u64 = 100;
    let (sink, _pipeline) = BlackholeSink::spawn();
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    for number in 0..REGISTERED {
        dispatchers.register(&table(&format!("t{number}"))).await.unwrap();
    }
    assert_eq!(dispatchers.registered(), REGISTERED + 1);
    settle().await;
    assert_eq!(dispatchers.work(), Default::default(), "registering is no work");

    for ts in 1..=3 {
        for number in 0..ACTIVE {
            let event = rows(&format!("t{}", number * 997), ts);
            dispatchers.handle(event).await.unwrap();
        }
        settle().await;
        dispatchers.checkpoint();
    }
    let work = dispatchers.work();
    assert_eq!(work.events, 3 * ACTIVE);
    assert!(work.visits <= 3 * ACTIVE, "{work:?}");
    assert!(work.polls <= 3 * work.visits, "{work:?}");
    assert!(work.scanned <= 2 * 3 * ACTIVE, "{work:?}");
}

#[tokio::test(start_paused = true)]
async fn one_drive_serves_every_dispatcher_in_turn() {
    let (sink, _pipeline) = TestSink::spawn();
    let options = Options { drives: 1, batch_events: 1, ..Options::default() };
    let dispatchers = Dispatchers::builder(sink.clone()).options(options).spawn().unwrap();
    let events = (1..=4).flat_map(|ts| [rows("busy", 2 * ts), rows("busy", 2 * ts)]);
    hand(&dispatchers, events.chain([rows("calm", 9), resolved(10)])).await;
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(10));
    // The calm one comes up after one batch of the busy one, not after all of them.
    assert!(sink.control.place("store calm 9") < sink.control.place("store busy 6"));
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_a_verdict_take_no_drive() {
    let (sink, _pipeline) = TestSink::spawn();
    let options = Options { drives: 1, ..Options::default() };
    let dispatchers = Dispatchers::builder(sink.clone()).splitter(InThree).options(options).spawn().unwrap();
    hand(&dispatchers, [create("split", 1), rows("split", 2), alter("split", 3), resolved(4)]).await;
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(4));
    assert_eq!(sink.control.count("write"), 2);
}
