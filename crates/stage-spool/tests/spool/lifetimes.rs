//! Who may be dropped when, and what then goes.

use crate::rig::*;
use stage_spool::{Spool, Stored};
use tokio_test::{assert_pending, task};
use tower::Service;

#[tokio::test]
async fn the_last_handle_takes_the_segments_and_the_lock_with_it() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let other = spool.clone();
    drop(put(&spool, body(1, 100)).await.expect("placed"));
    drop(spool);
    put(&other, body(2, 100)).await.expect("a clone goes on");
    drop(other);
    assert_eq!(segments(dir.path()), []);
    Spool::open(config(&dir, 0, 16_000, 1000)).expect("the lock is free");
}

#[tokio::test]
async fn what_is_stored_outlives_the_handles() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let stored = vec![
        put(&spool, body(1, 100)).await.expect("placed"),
        put(&spool, body(2, 100)).await.expect("placed"),
    ];
    drop(spool);
    Spool::open(config(&dir, 0, 16_000, 1000)).expect_err("its segments are still in use");
    let expected = [body(1, 100), body(2, 100)].concat();
    assert_eq!(read(&stored, 1000).await.expect("whole"), expected);
    drop(stored);
    let next = Spool::open(config(&dir, 0, 16_000, 1000)).expect("now it is free");
    assert_eq!(segments(dir.path()), []);
    drop(next);
}

#[tokio::test]
async fn a_stream_keeps_what_it_reads() {
    use futures::TryStreamExt;
    use pipeline_core::Body;
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let stored = vec![put(&spool, body(1, 600)).await.expect("placed")];
    let stream = Stored::read(&stored, 100);
    drop(stored);
    drop(spool);
    assert_eq!(measured(dir.path()), SEGMENT + FRAME + 600);
    let parts: Vec<bytes::Bytes> = stream.try_collect().await.expect("whole");
    assert_eq!(parts.concat(), body(1, 600));
    until(|| segments(dir.path()).is_empty());
}

#[tokio::test]
async fn a_write_under_way_is_finished_after_the_last_handle() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
    let calls: Vec<_> = (0..10).map(|seed| start(&spool, body(seed, 50))).collect();
    drop(spool);
    disk.set(|faults| faults.stuck = false);
    for (seed, call) in calls.into_iter().enumerate() {
        let stored = [finish(call).await.expect("placed")];
        assert_eq!(read(&stored, 100).await.expect("whole"), body(seed as u64, 50));
    }
    until(|| segments(dir.path()).is_empty());
}

#[tokio::test]
async fn dropped_with_writes_under_way_nothing_is_left() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
    let calls: Vec<_> = (0..10).map(|seed| start(&spool, body(seed, 50))).collect();
    until(|| disk.set(|faults| faults.appends) == 1);
    drop(spool);
    drop(calls);
    disk.set(|faults| faults.stuck = false);
    let next = Spool::open(config(&dir, 0, 16_000, 1000)).expect("the writer thread has ended");
    assert_eq!(segments(dir.path()), []);
    drop(next);
}

#[tokio::test]
async fn a_future_dropped_while_its_piece_is_written_leaks_nothing() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
    let mut call = task::spawn(start(&spool, body(1, 50)));
    assert_pending!(call.poll());
    until(|| disk.set(|faults| faults.appends) == 1);
    drop(call);
    disk.set(|faults| faults.stuck = false);
    until(|| spool.stats().rotations == 1 && spool.stats().segments == 0);
    let stats = spool.stats();
    assert_eq!((stats.items, stats.waiting_bytes, stats.disk_live_bytes), (0, 0, 0));
    assert_eq!(spool.waiting_room().held(), 0);
    drop(spool);
    assert_eq!(segments(dir.path()), []);
}

#[tokio::test]
async fn a_future_dropped_after_its_piece_was_written_leaks_nothing() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
    let mut call = task::spawn(start(&spool, body(1, 50)));
    assert_pending!(call.poll());
    disk.set(|faults| faults.stuck = false);
    until(|| call.is_woken());
    assert_eq!(spool.stats().items, 1);
    drop(call);
    assert_eq!(spool.stats().items, 0);
    until(|| spool.stats().segments == 0);
}

#[tokio::test]
async fn a_future_dropped_at_the_head_of_the_line_lets_the_next_through() {
    let dir = directory();
    let spool = disk_only(&dir, 1000, 1000);
    let _kept = put(&spool, body(0, 500)).await.expect("placed");
    let mut late = let_in(&spool).await;
    let mut large = task::spawn(start(&spool, body(1, 800)));
    until(|| spool.waiting_room().is_shut());
    let mut small = task::spawn(late.call(envelope(body(2, 10))));
    assert_pending!(large.poll());
    assert_pending!(small.poll());
    drop(large);
    assert!(small.await.is_ok(), "there is room for it");
    put(&spool, body(3, 10)).await.expect("the room is open again");
    assert_eq!(spool.stats().waiting_bytes, 0);
}

#[tokio::test]
async fn a_future_dropped_behind_a_piece_that_waits_gives_its_bytes_back() {
    let dir = directory();
    let spool = disk_only(&dir, 1000, 1000);
    let _kept = put(&spool, body(0, 500)).await.expect("placed");
    let mut late = let_in(&spool).await;
    let large = start(&spool, body(1, 800));
    until(|| spool.waiting_room().is_shut());
    let small = late.call(envelope(body(2, 10)));
    assert_eq!(spool.stats().waiting_bytes, 810);
    drop(small);
    until(|| spool.stats().waiting_bytes == 800);
    drop(large);
    until(|| spool.stats().waiting_bytes == 0);
}
