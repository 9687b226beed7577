//! Bodies that follow each other become one, and nobody who reads or counts sees a difference.

use crate::rig::*;
use bytes::Bytes;
use futures::StreamExt;
use pipeline_core::Body;
use proptest::prelude::*;
use stage_spool::{Flaw, Spool, SpoolConfig, SpoolError, Stored};
use tower::Service;

/// Puts what comes into the body before it where that takes it, as a batch does.
fn gather(stored: impl IntoIterator<Item = Stored>) -> Vec<Stored> {
    let mut bodies: Vec<Stored> = Vec::new();
    for next in stored {
        let refused = match bodies.last_mut() {
            Some(last) => last.absorb(next).err(),
            None => Some(next),
        };
        bodies.extend(refused);
    }
    bodies
}

async fn put_all(spool: &Spool, lens: impl IntoIterator<Item = usize>) -> Vec<Stored> {
    let mut stored = Vec::new();
    for (seed, len) in lens.into_iter().enumerate() {
        stored.push(put(spool, body(seed as u64, len)).await.expect("placed"));
    }
    stored
}

fn expected(lens: impl IntoIterator<Item = usize>) -> Vec<u8> {
    lens.into_iter().enumerate().flat_map(|(seed, len)| body(seed as u64, len)).collect()
}

#[tokio::test]
async fn thousands_of_rows_in_memory_become_a_few_blocks() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 1 << 20, 0, 1000)).expect("opens");
    let bodies = gather(put_all(&spool, vec![220; 2000]).await);
    assert_eq!(bodies.len(), 440_000_usize.div_ceil(64 << 10), "blocks of 64 KiB");
    assert!(bodies.iter().all(Body::in_memory));
    let stats = spool.stats();
    assert_eq!(stats.items, 2000);
    assert!((440_000..=bodies.len() as u64 * (64 << 10)).contains(&stats.memory_bytes), "{stats:?}");
    let parts = parts(&bodies, 100).await.expect("whole");
    assert_eq!(parts.len(), bodies.len(), "without a copy");
    assert_eq!(parts.concat(), expected(vec![220; 2000]));
    drop(bodies);
    let stats = spool.stats();
    assert_eq!((stats.items, stats.memory_bytes), (0, 0));
}

#[tokio::test]
async fn a_piece_worth_an_allocation_keeps_its_own() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 1 << 20, 0, 1000)).expect("opens");
    for lens in [[10, 4096], [4096, 10], [5000, 5000]] {
        assert_eq!(gather(put_all(&spool, lens).await).len(), 2, "{lens:?}");
    }
    assert_eq!(gather(put_all(&spool, [4095, 4095]).await).len(), 1);
}

#[tokio::test]
async fn a_block_whose_slack_finds_no_room_gives_the_next_piece_back() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 1000, 0, 1000)).expect("opens");
    let bodies = gather(put_all(&spool, [400, 300]).await);
    assert_eq!(bodies.len(), 2, "together they would take 1050 bytes");
    assert_eq!(spool.stats().memory_bytes, 700);
    assert_eq!(read(&bodies, 10).await.expect("whole"), expected([400, 300]));
}

#[tokio::test]
async fn slack_counts_as_held_and_is_used_before_more_is_taken() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 10_000, 0, 1000)).expect("opens");
    let mut bodies = gather(put_all(&spool, [400, 200]).await);
    assert_eq!((bodies.len(), spool.stats().memory_bytes), (1, 900));
    let next = put(&spool, body(2, 300)).await.expect("placed");
    assert_eq!(spool.stats().memory_bytes, 1200);
    bodies[0].absorb(next).expect("there is room for it");
    assert_eq!(spool.stats().memory_bytes, 900);
    assert_eq!(read(&bodies, 10).await.expect("whole"), expected([400, 200, 300]));
}

#[tokio::test]
async fn what_is_read_of_a_block_stays_as_it_was_while_the_block_grows() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 10_000, 0, 1000)).expect("opens");
    let mut bodies = gather(put_all(&spool, [100, 100]).await);
    let mut reading = Stored::read(&bodies, 10);
    let next = put(&spool, body(2, 50)).await.expect("placed");
    bodies[0].absorb(next).expect("taken in");
    assert_eq!(reading.next().await.expect("one part").expect("whole"), expected([100, 100]));
    assert_eq!(read(&bodies, 10).await.expect("whole"), expected([100, 100, 50]));
}

#[tokio::test]
async fn the_piece_that_exceeds_memory_is_not_joined() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 1000, 0, 1000)).expect("opens");
    let kept = put(&spool, body(0, 900)).await.expect("placed");
    let oversized = put(&spool, body(1, 200)).await.expect("one may exceed");
    assert_eq!(spool.stats().memory_bytes, 1100);
    drop(kept);
    let mut bodies = put_all(&spool, [20, 20]).await;
    bodies.insert(1, oversized);
    assert_eq!(gather(bodies).len(), 3);
}

#[tokio::test]
async fn neighbours_on_disk_become_one_and_come_with_one_read() {
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 160_000, 10_000), disk.clone()).expect("opens");
    let bodies = gather(put_all(&spool, vec![88; 10]).await);
    assert_eq!((bodies.len(), bodies[0].len(), bodies[0].in_memory()), (1, 880, false));
    let stats = spool.stats();
    assert_eq!((stats.items, stats.disk_live_bytes), (10, 1000));
    assert_eq!(read(&bodies, 10_000).await.expect("whole"), expected(vec![88; 10]));
    let reads = disk.set(|faults| std::mem::take(&mut faults.reads));
    assert_eq!(reads, [(0, 24), (24, 1000)], "the header once, and all frames");

    assert_eq!(parts(&bodies, 250).await.expect("whole").len(), 5, "two frames to a buffer");
    let reads = disk.set(|faults| std::mem::take(&mut faults.reads));
    assert_eq!(reads, [(24, 250), (224, 250), (424, 250), (624, 250), (824, 200)]);
    drop(bodies);
    let stats = spool.stats();
    assert_eq!((stats.items, stats.disk_live_bytes), (0, 0));
    until(|| spool.stats().segments == 0);
}

#[tokio::test]
async fn a_gap_and_another_segment_and_the_wrong_order_are_not_joined() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let mut stored = put_all(&spool, vec![476; 4]).await;
    let last = stored.pop().expect("four");
    let first = stored.remove(0);
    assert_eq!(gather([first, last]).len(), 2, "of two segments");
    assert_eq!(gather(stored).len(), 2, "of two segments, side by side in time");

    let mut stored = put_all(&spool, vec![10; 3]).await;
    drop(stored.remove(1));
    assert_eq!(gather(stored).len(), 2, "a gap");
    let mut stored = put_all(&spool, vec![10; 2]).await;
    stored.reverse();
    assert_eq!(gather(stored).len(), 2, "the wrong order");
}

#[tokio::test]
async fn memory_and_disk_are_not_joined() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 50, 16_000, 1000)).expect("opens");
    let bodies = gather(put_all(&spool, [50, 10, 0, 10]).await);
    assert_eq!(bodies.iter().map(Body::in_memory).collect::<Vec<_>>(), [true, false, true, false]);
}

/// Flips each byte of a run of frames in turn, and reads with a buffer for all, for two, for one, and for less than one.
#[tokio::test]
async fn each_flipped_byte_of_a_run_is_an_error_that_names_its_frame() {
    for at in SEGMENT..SEGMENT + 3 * 32 {
        for buffer in [1000, 70, 40, 8] {
            let (dir, disk) = (directory(), Rigged::default());
            let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
            let bodies = gather(put_all(&spool, vec![20; 3]).await);
            assert_eq!(bodies.len(), 1);
            // The lowest bit: a length that is wrong by one is still one that the run has room for.
            disk.set(|faults| faults.rot = Some((at, 1)));
            let begin = at - (at - SEGMENT) % 32;
            match read(&bodies, buffer).await.expect_err("a byte was flipped") {
                SpoolError::Corrupt { offset, flaw, .. } => {
                    assert_eq!(offset, begin, "byte {at}, buffer {buffer}");
                    assert_ne!(flaw, Flaw::Header);
                }
                error => panic!("a flipped byte gave {error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_file_cut_short_names_the_frame_of_a_run_that_is_cut() {
    for (cut, named) in [(24 + 95, 24 + 64), (24 + 64, 24 + 64), (24 + 40, 24 + 32), (24 + 3, 24)] {
        for buffer in [1000, 70, 8] {
            let dir = directory();
            let spool = disk_only(&dir, 16_000, 1000);
            let bodies = gather(put_all(&spool, vec![20; 3]).await);
            let path = dir.path().join("segment-000001.spool");
            std::fs::File::options().write(true).open(path).expect("the segment").set_len(cut).expect("cut");
            match read(&bodies, buffer).await.expect_err("it was cut") {
                SpoolError::Corrupt { offset, flaw, .. } => assert_eq!((offset, flaw), (named, Flaw::Short)),
                error => panic!("a cut file gave {error}"),
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Case {
    memory: u64,
    waiting: u64,
    segment: u64,
    /// Lengths, and whether the piece is let go before bodies are joined: that leaves gaps.
    pieces: Vec<(usize, bool)>,
    /// Whether a body is offered to the one before it.
    offered: Vec<bool>,
    buffer: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let len = prop_oneof![4 => 0usize..300, 2 => 3000usize..5000, 1 => 5000usize..20_000];
    let pieces = prop::collection::vec((len, prop::bool::weighted(0.1)), 1..80);
    (
        0u64..100_000,
        1u64..100_000,
        1u64..200_000,
        pieces,
        prop::collection::vec(any::<bool>(), 1..10),
        0usize..70_000,
    )
        .prop_map(|(memory, waiting, segment, pieces, offered, buffer)| Case {
            memory,
            waiting,
            segment,
            pieces,
            offered,
            buffer,
        })
}

/// A body, and what it should give.
type Held = (Stored, Vec<Bytes>);

fn check(spool: &Spool, memory: u64, bodies: &[Held]) {
    let stats = spool.stats();
    let (mut in_memory, mut on_disk) = (0, 0);
    for (stored, pieces) in bodies {
        let len: usize = pieces.iter().map(Bytes::len).sum();
        assert_eq!(stored.len(), len as u64);
        if stored.in_memory() {
            in_memory += stored.len();
        } else {
            on_disk += stored.len() + FRAME * pieces.len() as u64;
        }
    }
    assert_eq!(stats.items, bodies.iter().map(|(_, pieces)| pieces.len() as u64).sum::<u64>());
    assert_eq!(stats.disk_live_bytes, on_disk);
    assert!(in_memory <= stats.memory_bytes && stats.memory_bytes <= memory, "{in_memory} of {stats:?}");
    assert!(stats.memory_bytes <= in_memory + in_memory / 2, "{in_memory} of {stats:?}");
}

async fn run(case: Case) {
    let dir = directory();
    let settings = SpoolConfig { waiting: case.waiting, ..config(&dir, case.memory, 1 << 30, case.segment) };
    let spool = Spool::open(settings).expect("opens");
    let mut calls = Vec::new();
    for (seed, (len, let_go)) in case.pieces.into_iter().enumerate() {
        let body = body(seed as u64, len);
        let call = tokio::spawn(finish(let_in(&spool).await.call(envelope(body.clone()))));
        calls.push((call, body, let_go));
    }
    let mut bodies: Vec<Held> = Vec::new();
    let mut offered = case.offered.into_iter().cycle();
    for (call, body, let_go) in calls {
        let stored = call.await.expect("no panic").expect("placed");
        if !let_go {
            bodies.push((stored, vec![body]));
        }
    }
    check(&spool, case.memory, &bodies);
    let mut joined: Vec<Held> = Vec::new();
    for (next, pieces) in bodies {
        let offered = offered.next().unwrap_or_default();
        let refused = match joined.last_mut().filter(|_| offered) {
            Some((last, before)) => last.absorb(next).map(|()| before.extend(pieces.clone())).err(),
            None => Some(next),
        };
        joined.extend(refused.map(|next| (next, pieces)));
    }
    check(&spool, case.memory, &joined);

    let (stored, pieces): (Vec<Stored>, Vec<Vec<Bytes>>) = joined.into_iter().unzip();
    for buffer in [case.buffer, 1 << 20] {
        assert_eq!(read(&stored, buffer).await.expect("whole"), pieces.concat().concat());
    }
    let mut joined: Vec<Held> = stored.into_iter().zip(pieces).collect();
    joined.truncate(joined.len() / 2);
    check(&spool, case.memory, &joined);
    drop(joined);
    check(&spool, case.memory, &[]);
    until(|| spool.stats().segments == 0);
}

proptest! {
    #[test]
    fn joining_changes_neither_what_is_read_nor_the_books(case in case()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(run(case));
    }
}
