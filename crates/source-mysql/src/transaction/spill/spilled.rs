//! What is known of the entries on disk without reading them.

use super::block::{Block, HEAD};
use super::file::read;
use crate::decode::Query;
use crate::log::Place;
use crate::transaction::group::Entry;
use bytes::Bytes;
use change_event::{Influence, Op};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// What a commit must know of a transaction before its first row is handed over.
#[derive(Clone, Debug)]
pub(crate) enum First {
    /// A statement.
    Statement { query: Query, body: Bytes, place: Place },
    /// An event that was passed over, with what it may have changed; or the first one.
    PassedOver { touches: Option<Influence> },
    /// The first rows of a table that were inserted, updated or deleted, and the first of those that leave out columns.
    Rows { table: usize, op: Op, absent: Option<Box<[bool]>> },
}

/// The entries on disk.
#[derive(Debug, Default)]
pub(crate) struct Spilled {
    /// None before the first block is written.
    pub(crate) file: Option<Arc<File>>,
    /// Where the last block ends.
    pub(crate) end: u64,
    /// Bytes of the entries, as they are in the log.
    pub(crate) bytes: usize,
    /// In the order of the log.
    pub(crate) firsts: Vec<First>,
    /// The rows that are among the firsts: of which table, and whether they leave out columns.
    rows: HashSet<(usize, Op, bool)>,
    /// Whether something that was passed over is among the firsts.
    passed_over: bool,
    /// Where the blocks ended, and how many firsts they had, before a rollback to a savepoint that is not done yet.
    cut: Option<(u64, usize)>,
}

impl Spilled {
    /// The numbers of the tables that it has rows of.
    pub(crate) fn tables(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().map(|(table, ..)| *table)
    }

    /// Makes blocks of at most `size` bytes of the log, unless a single entry is larger. They belong where the last one
    /// ended, and count from now on.
    pub(crate) fn blocks(&mut self, entries: Vec<Entry>, size: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let (mut block, mut held) = (Block::default(), 0);
        for entry in entries {
            let bytes = entry.bytes();
            if held > 0 && held + entry.memory() > size {
                blocks.push(std::mem::take(&mut block));
                held = 0;
            }
            held += entry.memory();
            self.bytes += bytes;
            match entry {
                Entry::Statement { query, body, place } => {
                    block.statement(self.firsts.len());
                    self.firsts.push(First::Statement { query, body, place });
                }
                Entry::PassedOver { parked, touches } => {
                    block.passed_over(*parked, touches.is_some().then_some(self.firsts.len()));
                    if touches.is_some() || !self.passed_over {
                        self.firsts.push(First::PassedOver { touches });
                    }
                    self.passed_over = true;
                }
                Entry::Rows { table, rows } => {
                    if self.rows.insert((table, rows.op, rows.absent.is_some())) {
                        let (op, absent) = (rows.op, rows.absent.clone());
                        self.firsts.push(First::Rows { table, op, absent });
                    }
                    block.rows(table, rows);
                }
            }
        }
        if held > 0 {
            blocks.push(block);
        }
        self.end += blocks.iter().map(|block| HEAD as u64 + block.len()).sum::<u64>();
        blocks
    }

    /// Forgets the blocks from a place on. What came before the savepoint of those is to be
    /// [read back](Self::reading_back).
    pub(crate) fn go_back(&mut self, end: u64, firsts: usize) {
        self.cut = Some((end, firsts));
    }

    /// Whether it must be read back.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// What reads back so many entries from where the blocks that stay end, and frees the room behind those.
    pub(crate) fn reading_back(
        &self,
        wanted: usize,
    ) -> impl FnOnce() -> io::Result<Vec<Entry>> + Send + 'static {
        let (at, _) = self.cut.unwrap_or((self.end, 0));
        let (file, end, firsts) = (self.file.clone(), self.end, self.firsts.clone());
        move || {
            let Some(file) = file else { return Ok(Vec::new()) };
            let mut entries = Vec::new();
            let mut next = at;
            while entries.len() < wanted {
                let (more, after) = read(&file, next, end, &firsts)?;
                next = after;
                entries.extend(more);
            }
            entries.truncate(wanted);
            file.set_len(at)?;
            Ok(entries)
        }
    }

    /// Notes that this was done, and that `bytes` of the log are left on disk.
    pub(crate) fn was_cut(&mut self, bytes: usize) {
        let Some((end, firsts)) = self.cut.take() else { return };
        (self.end, self.bytes) = (end, bytes);
        self.firsts.truncate(firsts);
        let rows = self.firsts.iter().filter_map(|first| match first {
            First::Rows { table, op, absent } => Some((*table, *op, absent.is_some())),
            First::Statement { .. } | First::PassedOver { .. } => None,
        });
        self.rows = rows.collect();
        self.passed_over = self.firsts.iter().any(|first| matches!(first, First::PassedOver { .. }));
    }
}
