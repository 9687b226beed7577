//! The books of a spool: who holds how much, in numbers that cost an atomic add.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a spool holds, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpoolStats {
    /// Bytes in the memory tier: of payload, that of an oversized piece included, and the slack of blocks of small
    /// pieces.
    pub memory_bytes: u64,
    /// Bytes of frames on disk whose piece is still held.
    pub disk_live_bytes: u64,
    /// Bytes of segment files, those of dead frames included. This is what the quota binds.
    pub disk_physical_bytes: u64,
    /// Segment files.
    pub segments: u64,
    /// Pieces held, in memory and on disk.
    pub items: u64,
    /// Bytes of pieces that wait for room, or for the writer thread.
    pub waiting_bytes: u64,
    /// Segments that were ever begun.
    pub rotations: u64,
    /// Payload bytes that were ever read back from disk.
    pub read_back_bytes: u64,
}

/// The counters behind [`SpoolStats`].
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) memory: Count,
    pub(crate) disk_live: Count,
    pub(crate) disk_physical: Count,
    pub(crate) segments: Count,
    pub(crate) items: Count,
    /// Ranges on disk that are being read.
    pub(crate) reading: Count,
    pub(crate) rotations: Count,
    pub(crate) read_back: Count,
}

/// A number that many threads add to and take from.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::SeqCst);
    }

    pub(crate) fn subtract(&self, amount: u64) {
        self.0.fetch_sub(amount, Ordering::SeqCst);
    }

    /// Adds, unless the sum would exceed `limit`; nothing can always be added.
    pub(crate) fn add_within(&self, amount: u64, limit: u64) -> bool {
        let sum = |now: u64| now.checked_add(amount).filter(|sum| *sum <= limit);
        amount == 0 || self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, sum).is_ok()
    }
}
