//! Reading back: in order, in few reads, in bounded parts.

use crate::rig::*;
use stage_spool::{Spool, Stored};

async fn spilled(spool: &Spool, count: u64, len: usize) -> Vec<Stored> {
    let mut stored = Vec::new();
    for seed in 0..count {
        stored.push(put(spool, body(seed, len)).await.expect("placed"));
    }
    stored
}

fn expected(count: u64, len: usize) -> Vec<u8> {
    (0..count).flat_map(|seed| body(seed, len)).collect()
}

#[tokio::test]
async fn neighbours_come_with_one_read() {
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 160_000, 10_000), disk.clone()).expect("opens");
    let stored = spilled(&spool, 10, 88).await;
    assert_eq!(read(&stored, 10_000).await.expect("whole"), expected(10, 88));
    let reads = disk.set(|faults| std::mem::take(&mut faults.reads));
    assert_eq!(reads, [(0, 24), (24, 1000)], "the header once, and all frames");

    assert_eq!(read(&stored, 250).await.expect("whole"), expected(10, 88));
    let reads = disk.set(|faults| std::mem::take(&mut faults.reads));
    assert_eq!(reads, [(24, 200), (224, 200), (424, 200), (624, 200), (824, 200)]);
}

#[tokio::test]
async fn small_neighbours_fill_the_buffer_and_few_are_read_twice() {
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 160_000, 10_000), disk.clone()).expect("opens");
    let mut stored = spilled(&spool, 100, 8).await;
    drop(stored.remove(50));
    let mut whole = expected(100, 8);
    whole.drain(400..408);
    assert_eq!(read(&stored, 330).await.expect("whole"), whole);
    let reads = disk.set(|faults| std::mem::take(&mut faults.reads));
    assert_eq!(
        reads,
        [
            (0, 24),
            (24, 330),
            (344, 330),
            (664, 330),
            (984, 40),
            (1044, 330),
            (1364, 330),
            (1684, 330),
            (2004, 20)
        ]
    );
}

#[tokio::test]
async fn a_gap_is_not_read() {
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 160_000, 10_000), disk.clone()).expect("opens");
    let mut stored = spilled(&spool, 4, 88).await;
    stored.remove(1);
    let whole = [body(0, 88), body(2, 88), body(3, 88)].concat();
    assert_eq!(read(&stored, 10_000).await.expect("whole"), whole);
    let reads = disk.set(|faults| std::mem::take(&mut faults.reads));
    assert_eq!(reads, [(0, 24), (24, 100), (224, 200)]);
}

#[tokio::test]
async fn no_part_and_no_read_exceeds_the_buffer() {
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 1 << 20, 1 << 16), disk.clone()).expect("opens");
    let lens = [5, 3000, 64, 1, 52, 53, 700, 0, 64];
    let mut stored = Vec::new();
    for (seed, len) in lens.into_iter().enumerate() {
        stored.push(put(&spool, body(seed as u64, len)).await.expect("placed"));
    }
    let whole: Vec<u8> =
        lens.into_iter().enumerate().flat_map(|(seed, len)| body(seed as u64, len)).collect();
    for buffer in [0, 1, 12, 13, 64, 65, 1000, 1 << 20] {
        let parts = parts(&stored, buffer).await.expect("whole");
        assert!(parts.iter().all(|part| part.len() <= buffer.max(1)));
        assert_eq!(parts.concat(), whole);
        let reads = disk.set(|faults| std::mem::take(&mut faults.reads));
        // Headers are read into a place of their own.
        assert!(reads.iter().all(|(_, len)| *len <= buffer.max(SEGMENT as usize)));
    }
}

#[tokio::test]
async fn pieces_on_both_sides_of_a_segment_boundary_come_back_in_order() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let stored = spilled(&spool, 10, 476).await;
    assert_eq!(segments(dir.path()).len(), 5);
    for buffer in [100, 1000, 1500, 10_000] {
        assert_eq!(read(&stored, buffer).await.expect("whole"), expected(10, 476));
    }
    assert_eq!(spool.stats().read_back_bytes, 4 * 4760);
}

#[tokio::test]
async fn pieces_come_in_the_order_asked_for() {
    let dir = directory();
    let spool = disk_only(&dir, 16_000, 1000);
    let mut stored = spilled(&spool, 4, 30).await;
    stored.reverse();
    let whole: Vec<u8> = (0..4).rev().flat_map(|seed| body(seed, 30)).collect();
    assert_eq!(read(&stored, 1000).await.expect("whole"), whole);
}

#[tokio::test]
async fn bytes_in_memory_come_without_a_copy_between_those_on_disk() {
    let dir = directory();
    let spool = Spool::open(config(&dir, 50, 16_000, 1000)).expect("opens");
    let mine = body(0, 50);
    let kept = put(&spool, mine.clone()).await.expect("placed");
    let mut stored = spilled(&spool, 2, 30).await;
    stored.insert(1, kept);
    let parts = parts(&stored, 1000).await.expect("whole");
    assert_eq!(parts, [body(0, 30), mine.clone(), body(1, 30)]);
    assert_eq!(parts[1].as_ptr(), mine.as_ptr());
}

#[tokio::test]
async fn a_buffer_is_used_again_once_nothing_of_it_is_held() {
    use futures::StreamExt;
    use pipeline_core::Body;
    let dir = directory();
    let spool = disk_only(&dir, 160_000, 10_000);
    let stored = spilled(&spool, 6, 88).await;
    let mut stream = Stored::read(&stored, 100);
    let mut part = async || stream.next().await.expect("a part").expect("whole");
    let first = part().await;
    let place = first.as_ptr();
    assert_eq!(first, body(0, 88));
    drop(first);
    let second = part().await;
    assert_eq!((second.as_ptr(), &second), (place, &body(1, 88)));
    let third = part().await;
    assert_ne!(third.as_ptr(), place, "the second is still held");
    assert_eq!((second, third), (body(1, 88), body(2, 88)));
}

#[tokio::test]
async fn reading_does_not_wait_for_a_write() {
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 1 << 20, 1 << 16), disk.clone()).expect("opens");
    let stored = spilled(&spool, 3, 100).await;
    disk.set(|faults| faults.stuck = true);
    let call = start(&spool, body(9, 100));
    until(|| disk.set(|faults| faults.appends) == 4);
    assert_eq!(read(&stored, 1000).await.expect("whole"), expected(3, 100));
    disk.set(|faults| faults.stuck = false);
    assert!(call.await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_while_writing_gives_what_was_written() {
    let dir = directory();
    let spool = disk_only(&dir, 1 << 24, 1 << 16);
    let mut readers = tokio::task::JoinSet::new();
    for seed in 0..2000u64 {
        let len = (seed * 37 % 500) as usize;
        let stored = [put(&spool, body(seed, len)).await.expect("placed")];
        readers.spawn(async move { read(&stored, 128).await.expect("whole") == body(seed, len) });
    }
    assert!(readers.join_all().await.into_iter().all(|same| same));
    drop(spool);
    assert_eq!(segments(dir.path()), []);
}

#[tokio::test]
async fn who_keeps_what_was_read_keeps_little_else() {
    let dir = directory();
    let spool = disk_only(&dir, 160_000, 100_000);
    for len in [5, 300, 3000] {
        let stored = spilled(&spool, 20, len).await;
        for part in parts(&stored, 4096).await.expect("whole") {
            let bytes = part.len();
            let memory = part.try_into_mut().expect("nobody else has it").capacity();
            assert!(memory <= bytes * 8 / 7 + 8, "{memory} for {bytes}");
        }
    }
}
