//! When a checkpoint is told, and to whom.

use crate::support::*;
use change_event::CommitTs;
use dispatcher::{CheckpointStore, Dispatchers, Error, Options};
use pipeline_core::{BoxError, Levels};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_stream::StreamExt;

/// Saves in the sink's journal, when it is let.
struct Journal(Arc<Control>, Arc<Semaphore>);

impl CheckpointStore for Journal {
    async fn persist(&self, checkpoint: CommitTs) -> Result<(), BoxError> {
        self.1.acquire().await?.forget();
        self.0.note(format!("saved {checkpoint}"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_is_saved_before_the_sink_is_told() {
    let (sink, _pipeline) = TestSink::spawn();
    let saves = Arc::new(Semaphore::new(0));
    let store = Journal(sink.control.clone(), saves.clone());
    let dispatchers = Dispatchers::builder(sink.clone()).checkpoint_store(store).spawn().unwrap();
    hand(&dispatchers, [resolved(10)]).await;
    tokio::time::advance(Duration::from_secs(5)).await;
    settle().await;
    assert_eq!(sink.control.journal(), [""; 0], "it is not saved yet");
    saves.add_permits(1);
    settle().await;
    assert_eq!(sink.control.journal(), ["saved 10", "checkpoint 10"]);
    tokio::time::advance(Duration::from_secs(5)).await;
    settle().await;
    assert_eq!(sink.control.journal().len(), 2, "nothing new, nothing told");
    assert_eq!(dispatchers.checkpoints().next().await, Some(CommitTs(10)));
}

#[tokio::test(start_paused = true)]
async fn whoever_follows_gets_the_latest_checkpoint_until_the_dispatchers_are_gone() {
    let (sink, _pipeline) = TestSink::spawn();
    let options = Options { start: CommitTs(3), ..Options::default() };
    let dispatchers = Dispatchers::builder(sink).options(options).spawn().unwrap();
    let (mut quick, mut slow) = (dispatchers.checkpoints(), dispatchers.checkpoints());
    assert_eq!(quick.next().await, Some(CommitTs(3)), "where it began");
    for ts in [10, 20] {
        hand(&dispatchers, [resolved(ts)]).await;
        assert_eq!(quick.next().await, Some(CommitTs(ts)));
    }
    assert_eq!(slow.next().await, Some(CommitTs(20)));
    dispatchers.finish().await.unwrap();
    let mut more = tokio_test::task::spawn(slow.next());
    assert!(more.poll().is_pending(), "it was told already");
    drop(more);
    drop(dispatchers);
    assert_eq!((quick.next().await, slow.next().await), (None, None));
}

#[tokio::test(start_paused = true)]
async fn the_last_checkpoint_is_told_by_finish() {
    let (sink, _pipeline) = TestSink::spawn();
    let store = Journal(sink.control.clone(), Arc::new(Semaphore::new(9)));
    let options = Options { checkpoint_interval: Duration::from_secs(3600), ..Options::default() };
    let dispatchers =
        Dispatchers::builder(sink.clone()).checkpoint_store(store).options(options).spawn().unwrap();
    settle().await;
    hand(&dispatchers, [rows("t", 5), resolved(10)]).await;
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(10));
    assert_eq!(sink.control.journal(), ["admit t", "store t 5", "saved 10", "checkpoint 10"]);
    assert!(matches!(dispatchers.handle(rows("t", 11)).await, Err(Error::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_cannot_be_saved_ends_everything() {
    let (sink, _pipeline) = TestSink::spawn();
    let full = Arc::new(Semaphore::new(0));
    full.close();
    let store = Journal(sink.control.clone(), full);
    let dispatchers = Dispatchers::builder(sink.clone()).checkpoint_store(store).spawn().unwrap();
    hand(&dispatchers, [resolved(10)]).await;
    let error = dispatchers.failed().await;
    assert!(matches!(error, Error::Persist { checkpoint: CommitTs(10), .. }), "{error:?}");
    assert_eq!(sink.control.count("checkpoint"), 0);
}

#[tokio::test(start_paused = true)]
async fn it_begins_where_the_last_run_ended() {
    let (sink, _pipeline) = TestSink::spawn();
    let options = Options { start: CommitTs(100), ..Options::default() };
    let dispatchers = Dispatchers::builder(sink.clone()).options(options).spawn().unwrap();
    hand(&dispatchers, [rows("t", 90), resolved(95)]).await;
    settle().await;
    assert_eq!(dispatchers.checkpoint(), CommitTs(100), "what comes again was durable then");
    hand(&dispatchers, [resolved(110)]).await;
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(110));
    assert_eq!(sink.control.count("checkpoint"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_hand_over_was_given_up_is_never_passed() {
    let (sink, _pipeline) = TestSink::spawn();
    let wakes = sink.control.hold_wakes();
    let options = Options { inbox: Levels { high: 1, low: 0 }, batch_events: 1, ..Options::default() };
    let dispatchers = Dispatchers::builder(sink.clone()).options(options).spawn().unwrap();
    hand(&dispatchers, [rows("t", 1)]).await;
    settle().await;
    hand(&dispatchers, [rows("t", 2)]).await;
    let mut given_up = tokio_test::task::spawn(dispatchers.handle(rows("t", 7)));
    assert!(given_up.poll().is_pending());
    drop(given_up);
    wakes.add_permits(10);
    hand(&dispatchers, [resolved(20)]).await;
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(6));
}

/// The windows between two threads: handing over, taking a turn, acknowledging, and working out the checkpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_checkpoint_reaches_an_event_that_is_on_its_way() {
    const EVENTS: u64 = 20_000;
    let (sink, _pipeline) = TestSink::spawn();
    let dispatchers = Arc::new(Dispatchers::builder(sink.clone()).spawn().unwrap());
    let (passed, stepped_back) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (seen, weak) = (passed.clone(), Arc::downgrade(&dispatchers));
    sink.control.on_store(move |ts| {
        if weak.upgrade().is_some_and(|dispatchers| dispatchers.checkpoint() >= ts) {
            seen.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (looked, looking) = (stepped_back.clone(), dispatchers.clone());
    let look = tokio::spawn(async move {
        let mut last = CommitTs(0);
        while last < CommitTs(EVENTS) {
            let next = looking.checkpoint();
            looked.fetch_add(u64::from(next < last), Ordering::Relaxed);
            last = next;
            tokio::task::yield_now().await;
        }
    });
    for ts in 1..=EVENTS {
        let name = ["a", "b", "c", "d", "e"][(ts % 5) as usize];
        let event = if ts % 1000 == 0 { alter(name, ts) } else { rows(name, ts) };
        hand(&dispatchers, [event, resolved(ts)]).await;
    }
    assert_eq!(dispatchers.finish().await.unwrap(), CommitTs(EVENTS));
    look.await.unwrap();
    assert_eq!((passed.load(Ordering::Relaxed), stepped_back.load(Ordering::Relaxed)), (0, 0));
}
