//! Blocks in a file of their own.
//!
//! The file has no name: it is deleted as soon as it is made, so that whatever ends the process frees its room.

use super::block::{Block, HEAD, Reader, is_whole, split};
use super::spilled::First;
use crate::transaction::group::Entry;
use bytes::Bytes;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes a file without a name in a directory, which is made if it is not there.
fn make(dir: &Path) -> io::Result<File> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    fs::create_dir_all(dir)?;
    loop {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = dir.join(format!("transaction-{}-{number}.spill", std::process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            // Of a process that was killed between the two steps here, and had our number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => {
                fs::remove_file(&path)?;
                return Ok(file);
            }
        }
    }
}

/// Writes blocks at a place, into a new file if there is none.
pub(crate) fn append(
    dir: &Path,
    file: Option<Arc<File>>,
    mut at: u64,
    blocks: Vec<Block>,
) -> io::Result<Arc<File>> {
    let file = match file {
        Some(file) => file,
        None => Arc::new(make(dir)?),
    };
    for block in blocks {
        let (parts, head) = block.sealed(at);
        file.write_all_at(&head, at)?;
        at += HEAD as u64;
        for part in parts {
            file.write_all_at(&part, at)?;
            at += part.len() as u64;
        }
    }
    Ok(file)
}

/// Reads the block at a place, which is before `end`. Gives its entries and where the next block begins.
pub(crate) fn read(file: &File, at: u64, end: u64, firsts: &[First]) -> io::Result<(Vec<Entry>, u64)> {
    let damaged = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("what was written at {at} comes back as something else"),
        )
    };
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, at)?;
    let (len, sum) = split(head);
    let next = (at + HEAD as u64).checked_add(len).filter(|&next| next <= end).ok_or_else(damaged)?;
    let mut bytes = vec![0; usize::try_from(len).map_err(|_| damaged())?];
    file.read_exact_at(&mut bytes, at + HEAD as u64)?;
    if !is_whole(&bytes, at, sum) {
        return Err(damaged());
    }
    let bytes = Bytes::from(bytes);
    let mut reader = Reader::new(&bytes, firsts);
    let mut entries = Vec::new();
    while let Some(entry) = reader.next().map_err(|_| damaged())? {
        entries.push(entry);
    }
    Ok((entries, next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::RawRows;
    use crate::log::Place;
    use change_event::Op;
    use proptest::prelude::*;

    /// A file of two blocks, and where they end.
    fn written(images: &[Vec<u8>]) -> (Arc<File>, u64) {
        let dir = tempfile::tempdir().unwrap();
        let blocks = images.chunks(images.len().div_ceil(2)).map(|images| {
            let mut block = Block::default();
            for images in images {
                let images = Bytes::copy_from_slice(images);
                let (head, place) = (Bytes::from_static(b"head"), Place::default());
                block.rows(7, RawRows { op: Op::Insert, width: 1, absent: None, images, head, place });
            }
            block
        });
        let blocks: Vec<Block> = blocks.collect();
        let end = blocks.iter().map(|block| HEAD as u64 + block.len()).sum();
        (append(dir.path(), None, 0, blocks).unwrap(), end)
    }

    fn read_all(file: &File, end: u64) -> io::Result<Vec<Entry>> {
        let (mut entries, mut at) = (Vec::new(), 0);
        while at < end {
            let (more, next) = read(file, at, end, &[])?;
            entries.extend(more);
            at = next;
        }
        Ok(entries)
    }

    proptest! {
        #[test]
        fn what_comes_back_is_what_was_written_or_an_error(
            images in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..20),
            at: prop::sample::Index,
            bit in 0..8,
        ) {
            let (file, end) = written(&images);
            let entries = read_all(&file, end).unwrap();
            prop_assert_eq!(entries.len(), images.len());
            let mut byte = [0];
            let at = at.index(end as usize) as u64;
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ (1_u8 << bit)], at).unwrap();
            let error = read_all(&file, end).unwrap_err();
            prop_assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }

        #[test]
        fn a_block_in_another_place_is_an_error(images in prop::collection::vec(any::<u8>(), 0..50)) {
            let (file, end) = written(&[images]);
            let mut block = vec![0; end as usize];
            file.read_exact_at(&mut block, 0).unwrap();
            file.write_all_at(&block, end).unwrap();
            prop_assert!(read(&file, end, 2 * end, &[]).is_err());
        }
    }
}
