//! The bounds of both tiers, and what happens at them.

use crate::rig::*;
use pipeline_core::Body;
use stage_spool::{Spool, SpoolConfig, SpoolStats};
use tokio_test::{assert_pending, task};
use tower::Service;

#[tokio::test]
async fn memory_is_used_first_and_disk_when_it_is_full() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 100, 16_000, 1000)).expect("opens");
    let one = put(&spool, body(1, 60)).await.expect("placed");
    let two = put(&spool, body(2, 41)).await.expect("placed");
    let three = put(&spool, body(3, 40)).await.expect("placed");
    assert_eq!([one.in_memory(), two.in_memory(), three.in_memory()], [true, false, true]);
    let stats = SpoolStats {
        memory_bytes: 100,
        disk_live_bytes: FRAME + 41,
        disk_physical_bytes: SEGMENT + FRAME + 41,
        segments: 1,
        items: 3,
        rotations: 1,
        ..SpoolStats::default()
    };
    assert_eq!(spool.stats(), stats);
    drop((one, three));
    assert!(put(&spool, body(4, 100)).await.expect("placed").in_memory());
}

#[test]
fn a_piece_that_fits_in_memory_is_ready_at_once() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 100, 16_000, 1000)).expect("opens");
    let mut call = task::spawn(start(&spool, body(1, 100)));
    assert!(call.poll().is_ready());
}

#[tokio::test]
async fn a_dead_frame_counts_while_another_pins_its_segment() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let dead = put(&spool, body(1, 100)).await.expect("placed");
    let live = put(&spool, body(2, 100)).await.expect("placed");
    drop(dead);
    let stats = spool.stats();
    assert_eq!(stats.disk_live_bytes, FRAME + 100);
    assert_eq!(stats.disk_physical_bytes, SEGMENT + 2 * (FRAME + 100));
    assert_eq!(stats.disk_physical_bytes, measured(dir.path()));
    drop(live);
    until(|| spool.stats().disk_physical_bytes == 0);
    assert_eq!(segments(dir.path()), [], "a spool at rest takes no bytes");
}

#[tokio::test]
async fn a_full_segment_is_sealed_and_deleted_with_its_last_frame() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let size = (1000 - SEGMENT) / 2 - FRAME;
    let mut stored = Vec::new();
    for seed in 0..5 {
        stored.push(put(&spool, body(seed, size as usize)).await.expect("placed"));
    }
    let lens = segments(dir.path()).into_iter().map(|(_, len)| len).collect::<Vec<_>>();
    assert_eq!(lens, [1000, 1000, 1000 - FRAME - size]);
    stored.drain(2..4);
    // The file goes after the count.
    until(|| spool.stats().segments == 2 && segments(dir.path()).len() == 2);
    let names = segments(dir.path()).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names, ["segment-000001.spool", "segment-000003.spool"]);
    assert_eq!(spool.stats().rotations, 3);
}

#[tokio::test]
async fn a_piece_larger_than_a_segment_has_one_of_its_own() {
    let dir = directory();
    let spool = disk_only(&dir, 160_000, 1000);
    let mut stored = Vec::new();
    for (seed, len) in [(1, 100), (2, 5000), (3, 100)] {
        stored.push(put(&spool, body(seed, len)).await.expect("placed"));
    }
    let lens = segments(dir.path()).into_iter().map(|(_, len)| len).collect::<Vec<_>>();
    assert_eq!(lens, [136, 5036, 136]);
    let expected = [body(1, 100), body(2, 5000), body(3, 100)].concat();
    assert_eq!(read(&stored, 700).await.expect("whole"), expected);
}

/// Fills a disk of 16 segments of 1000 bytes with two pieces each.
async fn filled(spool: &Spool) -> Vec<stage_spool::Stored> {
    let mut stored = Vec::new();
    for seed in 0..32 {
        stored.push(put(spool, body(seed, 476)).await.expect("placed"));
    }
    assert_eq!(spool.stats().disk_physical_bytes, 16_000);
    stored
}

#[tokio::test]
async fn a_piece_that_finds_the_disk_full_of_dead_bytes_waits_until_a_segment_goes() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let mut stored = filled(&spool).await;
    // Half of all bytes are dead, and every segment is pinned.
    let mut at = 0;
    stored.retain(|_| {
        at += 1;
        at % 2 == 0
    });
    let mut call = task::spawn(start(&spool, body(99, 500)));
    until(|| spool.waiting_room().is_shut());
    assert_pending!(call.poll());
    assert!(measured(dir.path()) <= 16_000);
    drop(stored.remove(5));
    let placed = call.await.expect("a segment went").payload.body;
    assert!(!placed.in_memory());
    assert!(measured(dir.path()) <= 16_000);
    stored.push(placed);
    assert_eq!(read(&stored[15..], 100).await.expect("whole"), body(99, 500));
}

#[tokio::test]
async fn while_a_piece_waits_the_room_is_shut_and_makes_pressure() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let mut stored = filled(&spool).await;
    let mut pressure = spool.waiting_room().pressure();
    let mut pressed = task::spawn(std::future::poll_fn(move |cx| pressure.poll_shut(cx)));
    assert_pending!(pressed.poll());
    let call = start(&spool, body(99, 500));
    until(|| pressed.is_woken());
    assert!(pressed.poll().is_ready());
    assert!(!is_ready(&spool), "nobody else is let in meanwhile");

    let mut next = task::spawn(put(&spool, body(100, 10)));
    assert_pending!(next.poll());
    stored.drain(..2);
    let placed = finish(call).await.expect("a segment went");
    assert!(next.await.is_ok(), "and the next is woken");
    assert!(!spool.waiting_room().is_shut());
    drop(placed);
}

#[tokio::test]
async fn a_waiting_piece_takes_memory_that_is_given_back() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 500, 16_000, 1000)).expect("opens");
    let kept = put(&spool, body(98, 500)).await.expect("placed");
    let _stored = filled(&spool).await;
    let call = start(&spool, body(99, 500));
    until(|| spool.waiting_room().is_shut());
    drop(kept);
    assert!(finish(call).await.expect("placed").in_memory());
}

#[tokio::test]
async fn nothing_overtakes_a_piece_that_waits() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 500, 16_000, 1000)).expect("opens");
    let kept = put(&spool, body(98, 400)).await.expect("placed");
    let mut stored = filled(&spool).await;
    // Let in before the room was shut, and called after.
    let mut late = let_in(&spool).await;
    let mut first = task::spawn(start(&spool, body(99, 500)));
    until(|| spool.waiting_room().is_shut());
    let mut second = task::spawn(late.call(envelope(body(100, 10))));
    assert_pending!(second.poll(), "although memory has room for it");
    assert_pending!(first.poll());
    stored.drain(..2);
    assert!(first.await.is_ok());
    assert!(second.await.is_ok());
    drop(kept);
}

#[tokio::test]
async fn a_piece_heavier_than_the_disk_stays_in_memory_and_one_at_a_time() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 100, 1000, 100)).expect("opens");
    let small = put(&spool, body(0, 100)).await.expect("placed");
    let heavy = put(&spool, body(1, 1000)).await.expect("placed");
    assert!(heavy.in_memory());
    assert_eq!(spool.stats().memory_bytes, 1100, "the tier and one piece");

    let mut next = task::spawn(start(&spool, body(2, 2000)));
    until(|| spool.waiting_room().is_shut());
    assert_pending!(next.poll());
    drop(heavy);
    let next = [next.await.expect("it is its turn").payload.body];
    assert!(next[0].in_memory());
    assert_eq!(read(&next, 10).await.expect("whole"), body(2, 2000));
    assert_eq!(segments(dir.path()), []);
    drop(small);
}

#[tokio::test]
async fn an_empty_piece_fits_in_memory_even_if_that_is_exceeded() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 100, 1000, 100)).expect("opens");
    let _small = put(&spool, body(0, 100)).await.expect("placed");
    let _heavy = put(&spool, body(1, 1000)).await.expect("placed");
    let mut empty = task::spawn(start(&spool, body(2, 0)));
    assert!(empty.poll().is_ready());
}

#[tokio::test]
async fn the_heaviest_piece_that_the_disk_can_hold_goes_there() {
    let dir = directory();
    let spool = disk_only(&dir, 1000, 100);
    let stored = put(&spool, body(1, (1000 - SEGMENT - FRAME) as usize)).await.expect("placed");
    assert!(!stored.in_memory());
    assert_eq!(measured(dir.path()), 1000);
}

#[tokio::test]
async fn without_a_disk_pieces_wait_for_memory() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 100, 0, 100)).expect("opens");
    let first = put(&spool, body(1, 100)).await.expect("placed");
    let second = put(&spool, body(2, 50)).await.expect("one may exceed");
    let mut third = task::spawn(start(&spool, body(3, 50)));
    until(|| spool.waiting_room().is_shut());
    assert_pending!(third.poll());
    drop(first);
    assert!(third.await.is_ok());
    drop(second);
    assert_eq!(segments(dir.path()), []);
}

#[test]
fn bytes_on_their_way_to_a_slow_disk_are_bounded() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let spool = Spool::open_on(config(&dir, 0, 1 << 30, 1 << 20), disk.clone()).expect("opens");
    let mut calls = Vec::new();
    while let Some(call) = try_start(&spool, body(1, 100_000)) {
        calls.push(call);
    }
    assert_eq!(calls.len(), 11, "a room of 1 MiB, exceeded by one piece");
    assert_eq!(spool.stats().waiting_bytes, 1_100_000);
    disk.set(|faults| faults.stuck = false);
}

#[tokio::test]
async fn all_that_wait_are_written_at_once() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let spool = Spool::open_on(config(&dir, 0, 1 << 30, 1 << 20), disk.clone()).expect("opens");
    let first = start(&spool, body(0, 10));
    until(|| disk.set(|faults| faults.appends) == 1);
    let calls: Vec<_> = (1..100).map(|seed| start(&spool, body(seed, 10))).collect();
    disk.set(|faults| faults.stuck = false);
    let mut stored = vec![finish(first).await.expect("placed")];
    for call in calls {
        stored.push(finish(call).await.expect("placed"));
    }
    assert_eq!(disk.set(|faults| faults.appends), 2);
    let expected: Vec<u8> = (0..100).flat_map(|seed| body(seed, 10)).collect();
    assert_eq!(read(&stored, 1 << 20).await.expect("whole"), expected);
}

#[test]
fn the_waiting_room_is_as_large_as_it_is_set() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let settings = SpoolConfig { waiting: 300, ..config(&dir, 0, 1 << 30, 1 << 20) };
    let spool = Spool::open_on(settings, disk.clone()).expect("opens");
    let mut calls = Vec::new();
    while let Some(call) = try_start(&spool, body(1, 100)) {
        calls.push(call);
    }
    assert_eq!(calls.len(), 4, "a room of 300 bytes, exceeded by one piece");
    disk.set(|faults| faults.stuck = false);
}

#[tokio::test]
async fn small_and_large_pieces_in_one_write_keep_their_order() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let spool = Spool::open_on(config(&dir, 0, 1 << 30, 1 << 20), disk.clone()).expect("opens");
    let first = start(&spool, body(0, 10));
    until(|| disk.set(|faults| faults.appends) == 1);
    let lens = [10, 5000, 0, 4095, 4096, 4097, 20_000, 20_000, 1, 2];
    let calls: Vec<_> = (1..).zip(lens).map(|(seed, len)| start(&spool, body(seed, len))).collect();
    disk.set(|faults| faults.stuck = false);
    let mut stored = vec![finish(first).await.expect("placed")];
    for call in calls {
        stored.push(finish(call).await.expect("placed"));
    }
    assert_eq!(disk.set(|faults| faults.appends), 2);
    let rest = (1..).zip(lens).flat_map(|(seed, len)| body(seed, len));
    let expected: Vec<u8> = body(0, 10).into_iter().chain(rest).collect();
    assert_eq!(read(&stored, 1 << 20).await.expect("whole"), expected);
}

#[tokio::test]
async fn of_a_long_line_the_first_are_answered_before_the_last_are_written() {
    let (dir, disk) = (directory(), Rigged::default());
    disk.set(|faults| faults.stuck = true);
    let settings = SpoolConfig { waiting: 1 << 30, ..config(&dir, 0, 1 << 30, 1 << 30) };
    let spool = Spool::open_on(settings, disk.clone()).expect("opens");
    let first = start(&spool, body(0, 10));
    until(|| disk.set(|faults| faults.appends) == 1);
    let calls: Vec<_> = (1..=30).map(|seed| start(&spool, body(seed, 100_000))).collect();
    disk.set(|faults| faults.space = Some(SEGMENT as usize + 10 + FRAME as usize + 1_500_000));
    disk.set(|faults| faults.stuck = false);
    assert!(first.await.is_ok());
    let mut written = 0;
    for call in calls {
        written += usize::from(finish(call).await.is_ok());
    }
    assert_eq!(written, 11, "a write is of about 1 MiB, and the second failed");
}
