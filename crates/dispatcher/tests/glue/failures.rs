//! The first error ends everything, and everyone who waits gets it.

use crate::support::*;
use change_event::CommitTs;
use dispatcher::{Dispatchers, Error, InProcessMaintainer, Options};
use pipeline_core::{ErrorKind, Levels};
use std::error::Error as _;

#[tokio::test(start_paused = true)]
async fn a_failed_drain_at_a_barrier_reaches_everyone() {
    let (sink, _pipeline) = TestSink::spawn();
    sink.control.fail("drained split/2 10");
    let maintainer = InProcessMaintainer::new();
    let dispatchers =
        Dispatchers::builder(sink.clone()).maintainer(maintainer).splitter(InThree).spawn().unwrap();
    hand(&dispatchers, [rows("split", 3), alter("split", 10), resolved(20)]).await;
    let error = dispatchers.finish().await.unwrap_err();
    assert!(matches!(error, Error::BlockEvent { commit_ts: CommitTs(10), .. }), "{error:?}");
    assert_eq!(error.source().unwrap().to_string(), "drained split/2 10 fails");
    assert_eq!(dispatchers.failed().await.to_string(), error.to_string());
    let refused = dispatchers.handle(rows("split", 30)).await.unwrap_err();
    assert_eq!(refused.to_string(), error.to_string());
    assert_eq!(sink.control.count("write"), 0);
    assert!(dispatchers.checkpoint() < CommitTs(10));
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_at_a_barrier_lets_nobody_pass() {
    let (sink, _pipeline) = TestSink::spawn();
    sink.control.fail("write 10");
    let dispatchers = Dispatchers::builder(sink.clone()).splitter(InThree).spawn().unwrap();
    hand(&dispatchers, [rows("split", 3), alter("split", 10)]).await;
    // Should anybody pass, these would be stored. They may be refused already.
    for ts in 11..=13 {
        drop(dispatchers.handle(rows("split", ts)).await);
    }
    let error = dispatchers.failed().await;
    settle().await;
    assert!(matches!(error, Error::BlockEvent { commit_ts: CommitTs(10), .. }), "{error:?}");
    assert_eq!((sink.control.count("store split/0 3"), sink.control.count("store")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_receipt_fails_the_set() {
    let (sink, _pipeline) = TestSink::spawn();
    sink.control.fail("drop 10");
    let store = sink.control.hold_store(id("t", 0));
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    hand(&dispatchers, [rows("t", 10), rows("t", 20), resolved(30)]).await;
    // The wakes are given and forgotten: only the progress hears of the loss.
    settle().await;
    store.add_permits(2);
    let error = dispatchers.finish().await.unwrap_err();
    let Error::Door(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), ErrorKind::Lost);
    assert_eq!(dispatchers.checkpoint(), CommitTs(9), "what was lost is never passed");
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_fails_after_the_wake_is_named() {
    let (sink, _pipeline) = TestSink::spawn();
    sink.control.fail("store t 10");
    let store = sink.control.hold_store(id("t", 0));
    let dispatchers = Dispatchers::builder(sink.clone()).spawn().unwrap();
    hand(&dispatchers, [rows("t", 10), resolved(30)]).await;
    settle().await;
    store.add_permits(1);
    let Error::Door(error) = dispatchers.failed().await else { panic!("not the door's") };
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(error.source().unwrap().to_string(), "store t 10 fails");
}

#[tokio::test(start_paused = true)]
async fn one_who_waits_for_room_hears_of_the_end() {
    let (sink, pipeline) = TestSink::spawn();
    let _never = sink.control.hold_wakes();
    let options = Options { inbox: Levels { high: 1, low: 0 }, batch_events: 1, ..Options::default() };
    let dispatchers = Dispatchers::builder(sink.clone()).options(options).spawn().unwrap();
    hand(&dispatchers, [rows("t", 1)]).await;
    settle().await;
    hand(&dispatchers, [rows("t", 2)]).await;
    let mut waiting = tokio_test::task::spawn(dispatchers.handle(rows("t", 3)));
    assert!(waiting.poll().is_pending());
    drop(pipeline);
    assert!(matches!(waiting.await.unwrap_err(), Error::Door(e) if e.kind() == ErrorKind::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_sink_may_refuse_a_dispatcher() {
    let (sink, _pipeline) = TestSink::spawn();
    sink.control.fail("admit split/1");
    let dispatchers = Dispatchers::builder(sink.clone()).splitter(InThree).spawn().unwrap();
    let error = dispatchers.handle(rows("split", 1)).await.unwrap_err();
    assert_eq!(error.to_string(), "the sink refuses the dispatcher of db.split, span 1 of 3");
    assert_eq!(dispatchers.failed().await.to_string(), error.to_string());
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_too_late_is_an_error() {
    for (before, late) in [(rows("t", 10), rows("u", 9)), (resolved(10), rows("t", 10))] {
        let (sink, _pipeline) = TestSink::spawn();
        let dispatchers = Dispatchers::builder(sink).spawn().unwrap();
        hand(&dispatchers, [before]).await;
        let error = dispatchers.handle(late).await.unwrap_err();
        assert!(matches!(error, Error::OutOfOrder { last: CommitTs(10), .. }), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_sink_leaves_nobody_waiting() {
    #[derive(Clone)]
    struct Panics(TestSink);
    impl dispatcher::Sink for Panics {
        type Door = <TestSink as dispatcher::Sink>::Door;
        fn door(&self) -> Self::Door {
            self.0.door()
        }
        async fn write_block_event(&self, _: &change_event::DdlEvent) -> Result<(), dispatcher::SinkError> {
            panic!("as the test wants it")
        }
        fn add_checkpoint_ts(&self, _: CommitTs) {}
    }
    let (sink, _pipeline) = TestSink::spawn();
    let dispatchers = Dispatchers::builder(Panics(sink)).spawn().unwrap();
    dispatchers.handle(alter("t", 1)).await.unwrap();
    assert!(matches!(dispatchers.finish().await, Err(Error::Stopped)));
}
