//! What became durable, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of what is durable and visible; nothing else is ever counted here.
#[derive(Debug, Default)]
pub struct Tally {
    rows: AtomicU64,
    bytes: AtomicU64,
    files: AtomicU64,
}

impl Tally {
    pub(crate) fn add(&self, rows: u64, bytes: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// Rows in visible files.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Bytes of visible data files, as they stand in the store.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Visible data files.
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }
}
