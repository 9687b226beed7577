//! A disk that fails, fails the spool: everyone hears of it, with file and cause.

use crate::rig::*;
use stage_spool::{Spool, SpoolError};
use std::io;

fn rigged(dir: &tempfile::TempDir, memory: u64) -> (Spool, Rigged) {
    let disk = Rigged::default();
    let spool = Spool::open_on(config(dir, memory, 100_000, 1000), disk.clone()).expect("opens");
    (spool, disk)
}

fn cause(error: &SpoolError) -> io::ErrorKind {
    let SpoolError::Write { file, source } = error else {
        panic!("a failed write gave {error}");
    };
    assert!(error.to_string().contains(&file.display().to_string()));
    source.kind()
}

#[tokio::test]
async fn a_full_disk_fails_the_call_and_every_later_one() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 10);
    let kept = put(&spool, body(0, 10)).await.expect("in memory");
    disk.set(|faults| faults.space = Some(100));
    let error = put(&spool, body(1, 200)).await.expect_err("the disk is full");
    assert_eq!(cause(&error), io::ErrorKind::StorageFull);

    drop(kept);
    let error = put(&spool, body(2, 1)).await.expect_err("even what would fit in memory");
    assert_eq!(cause(&error), io::ErrorKind::StorageFull);
    assert_eq!(spool.stats().items, 0);
    drop(spool);
    assert_eq!(segments(dir.path()), [], "a torn frame does not stay");
}

#[tokio::test]
async fn all_that_wait_hear_of_the_failure() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 0);
    disk.set(|faults| faults.stuck = true);
    let mut written = vec![start(&spool, body(0, 10))];
    until(|| disk.set(|faults| faults.appends) == 1);
    written.extend((1..20).map(|seed| start(&spool, body(seed, 10))));
    disk.set(|faults| (faults.stuck, faults.space) = (false, Some(0)));
    for call in written {
        let error = finish(call).await.expect_err("the disk is full");
        assert_eq!(cause(&error), io::ErrorKind::StorageFull);
    }
    assert_eq!(spool.stats().waiting_bytes, 0);
}

#[tokio::test]
async fn who_waits_at_the_full_room_hears_of_the_failure() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 0);
    disk.set(|faults| faults.stuck = true);
    let large = start(&spool, body(0, 90_000));
    let mut waiting = vec![large];
    while let Some(call) = try_start(&spool, body(1, 90_000)) {
        waiting.push(call);
    }
    let mut blocked = tokio_test::task::spawn(put(&spool, body(2, 10)));
    tokio_test::assert_pending!(blocked.poll());
    disk.set(|faults| (faults.stuck, faults.space) = (false, Some(0)));
    blocked.await.expect_err("the spool has failed");
}

#[tokio::test]
async fn what_was_written_before_a_failure_is_still_readable() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 0);
    let stored = [put(&spool, body(1, 50)).await.expect("placed")];
    disk.set(|faults| faults.space = Some(10));
    put(&spool, body(2, 50)).await.expect_err("the disk is full");
    assert_eq!(read(&stored, 1000).await.expect("it is there"), body(1, 50));
}

#[tokio::test]
async fn short_writes_are_gone_on_with() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 0);
    disk.set(|faults| faults.bite = Some(7));
    let mut stored = Vec::new();
    for seed in 0..20 {
        stored.push(put(&spool, body(seed, 100)).await.expect("placed"));
    }
    let expected: Vec<u8> = (0..20).flat_map(|seed| body(seed, 100)).collect();
    assert_eq!(read(&stored, 500).await.expect("whole"), expected);
    assert!(disk.set(|faults| faults.appends) > 300);
}

#[tokio::test]
async fn a_segment_that_cannot_be_made_fails_the_spool() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 0);
    disk.set(|faults| faults.refuse_create = true);
    let error = put(&spool, body(1, 10)).await.expect_err("no file");
    assert_eq!(cause(&error), io::ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_segment_that_cannot_be_deleted_fails_the_spool_since_its_bytes_stay() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 0);
    let stored = put(&spool, body(1, 10)).await.expect("placed");
    disk.set(|faults| faults.refuse_remove = true);
    drop(stored);
    until(|| spool.stats().segments == 0);
    let error = put(&spool, body(2, 10)).await.expect_err("the quota cannot be kept");
    assert_eq!(cause(&error), io::ErrorKind::PermissionDenied);
    assert_eq!(spool.stats().disk_physical_bytes, measured(dir.path()));
}

#[tokio::test]
async fn a_segment_that_somebody_else_deleted_is_no_failure() {
    let dir = directory();
    let spool = disk_only(&dir, 100_000, 1000);
    let stored = put(&spool, body(1, 10)).await.expect("placed");
    std::fs::remove_file(dir.path().join("segment-000001.spool")).expect("it is there");
    let stored = [stored];
    assert_eq!(read(&stored, 100).await.expect("an open file stays readable"), body(1, 10));
    drop(stored);
    until(|| spool.stats().disk_physical_bytes == 0);
    put(&spool, body(2, 10)).await.expect("the spool goes on");
}

#[tokio::test]
async fn a_read_that_fails_names_file_and_offset() {
    let dir = directory();
    let (spool, disk) = rigged(&dir, 0);
    let _first = put(&spool, body(1, 10)).await.expect("placed");
    let second = [put(&spool, body(2, 10)).await.expect("placed")];
    disk.set(|faults| faults.refuse_read = true);
    let error = read(&second, 100).await.expect_err("the disk does not read");
    let SpoolError::Read { file, offset, source } = &error else { panic!("{error}") };
    assert!(file.ends_with("segment-000001.spool"));
    assert_eq!((*offset, source.kind()), (SEGMENT + FRAME + 10, io::ErrorKind::PermissionDenied));
}
