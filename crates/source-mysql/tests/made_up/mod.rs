//! Logs put together from events of the recorded one and events of our own.
#![allow(dead_code)] // Each test file uses its part of it.

use crate::reading::{read_on, sample};
use source_mysql::{Binlog, Error, SourceItem, SourceOptions};
use std::sync::LazyLock;

pub const HEADER: usize = 19;
pub const CHECKSUM: usize = 4;

/// The recorded log, cut into events: magic and format description first.
pub static EVENTS: LazyLock<(Vec<u8>, Vec<Vec<u8>>)> = LazyLock::new(|| {
    let log = std::fs::read(sample()).unwrap();
    let mut events = Vec::new();
    let mut rest = &log[4..];
    while !rest.is_empty() {
        let size = u32::from_le_bytes(rest[9..13].try_into().unwrap()) as usize;
        let (event, tail) = rest.split_at(size);
        events.push(event.to_vec());
        rest = tail;
    }
    let head = [&log[..4], &events.remove(0)].concat();
    (head, events)
});

/// Makes the size and the checksum of an event right.
pub fn seal(mut event: Vec<u8>) -> Vec<u8> {
    let size = (event.len() + CHECKSUM) as u32;
    event[9..13].copy_from_slice(&size.to_le_bytes());
    let sum = crc32fast::hash(&event);
    event.extend(sum.to_le_bytes());
    event
}

pub fn read(log: &[u8]) -> Result<Vec<SourceItem>, Error> {
    read_with(log, &SourceOptions::default())
}

pub fn read_with(log: &[u8], options: &SourceOptions) -> Result<Vec<SourceItem>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made-up.binlog");
        std::fs::write(&file, log).unwrap();
        let mut log = Binlog::open_file(&file, options.clone(), None).await?;
        let (items, error) = read_on(&mut log).await;
        error.map_or(Ok(items), Err)
    })
}

/// An event of this kind with this body.
pub fn event(kind: u8, body: &[u8]) -> Vec<u8> {
    seal([&[0; 4][..], &[kind], &[0; 14], body].concat())
}

/// A statement without a default database.
pub fn query(sql: &str) -> Vec<u8> {
    event(2, &[&[0; 14][..], sql.as_bytes()].concat())
}
