//! What was changed on disk comes back as an error that says where, never as bytes.

use crate::rig::*;
use stage_spool::{Flaw, Spool, SpoolError};

/// Three pieces of 20 bytes in one segment: 24 + 3 * 32 bytes.
const PIECES: u64 = 3;
const LEN: u64 = 20;

fn offset(piece: u64) -> u64 {
    SEGMENT + piece * (FRAME + LEN)
}

fn expect_corrupt(error: SpoolError, at: u64) -> Flaw {
    let message = error.to_string();
    let SpoolError::Corrupt { file, offset, flaw } = error else {
        panic!("corrupt bytes gave {message}");
    };
    assert_eq!(offset, at);
    assert!(message.contains(&format!("byte {at}")) && message.contains("segment-000001.spool"), "{message}");
    assert!(file.ends_with("segment-000001.spool"));
    flaw
}

/// Flips each byte of the file in turn, and reads with a buffer for all, for one, and for less than one.
#[tokio::test]
async fn each_flipped_byte_is_an_error_that_names_file_and_offset() {
    for at in 0..offset(PIECES) {
        for buffer in [500, 40, 8] {
            let (dir, disk) = (directory(), Rigged::default());
            let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
            let mut stored = Vec::new();
            for piece in 0..PIECES {
                stored.push(put(&spool, body(piece, LEN as usize)).await.expect("placed"));
            }
            disk.set(|faults| faults.rot = Some((at, 0x10)));
            let error = read(&stored, buffer).await.expect_err("a byte was flipped");
            let begin = (0..PIECES).map(offset).rfind(|begin| *begin <= at).unwrap_or(0);
            let flaw = expect_corrupt(error, begin);
            let expected = match at.checked_sub(begin) {
                _ if at < SEGMENT => Flaw::Header,
                Some(0..8) => Flaw::Length,
                Some(_) | None => Flaw::Checksum,
            };
            assert_eq!(flaw, expected, "byte {at}");
        }
    }
}

#[tokio::test]
async fn what_comes_before_a_corrupt_frame_is_still_right() {
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
    let mut stored = Vec::new();
    for piece in 0..PIECES {
        stored.push(put(&spool, body(piece, LEN as usize)).await.expect("placed"));
    }
    disk.set(|faults| faults.rot = Some((offset(1) + FRAME, 1)));
    assert_eq!(read(&stored[..1], 100).await.expect("whole"), body(0, 20));
    assert_eq!(read(&stored[2..], 100).await.expect("whole"), body(2, 20));
    expect_corrupt(read(&stored[1..], 100).await.expect_err("flipped"), offset(1));
}

#[tokio::test]
async fn a_file_cut_short_is_an_error_at_the_frame_that_is_cut() {
    for (cut, named, flaw) in [
        (offset(3) - 1, offset(2), Flaw::Short),
        (offset(2), offset(2), Flaw::Short),
        (offset(1) + 5, offset(1), Flaw::Short),
        (SEGMENT - 1, 0, Flaw::Header),
        (0, 0, Flaw::Header),
    ] {
        for buffer in [1000, 8] {
            let dir = directory();
            let spool = disk_only(&dir, 16_000, 1000);
            let mut stored = Vec::new();
            for piece in 0..PIECES {
                stored.push(put(&spool, body(piece, LEN as usize)).await.expect("placed"));
            }
            let path = dir.path().join("segment-000001.spool");
            let file = std::fs::File::options().write(true).open(path).expect("the segment");
            file.set_len(cut).expect("cut");
            let error = read(&stored, buffer).await.expect_err("it was cut");
            assert_eq!(expect_corrupt(error, named), flaw);
        }
    }
}

#[tokio::test]
async fn the_last_part_of_a_large_corrupt_piece_is_withheld() {
    use futures::StreamExt;
    use pipeline_core::Body;
    let (dir, disk) = (directory(), Rigged::default());
    let spool = Spool::open_on(config(&dir, 0, 16_000, 1000), disk.clone()).expect("opens");
    let stored = [put(&spool, body(1, 100)).await.expect("placed")];
    disk.set(|faults| faults.rot = Some((SEGMENT + FRAME, 1)));
    let mut stream = stage_spool::Stored::read(&stored, 40);
    let mut given = 0;
    while let Some(Ok(part)) = stream.next().await {
        given += part.len();
    }
    assert_eq!(given, 80, "two parts of 40 bytes, and no third");
}
