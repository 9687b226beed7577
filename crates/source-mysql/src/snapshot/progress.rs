//! How far a copy is.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What was copied so far, and about how much there is. Shared with the readers.
#[derive(Debug, Default)]
pub struct CopyProgress {
    rows: AtomicU64,
    bytes: AtomicU64,
    tables: AtomicU64,
    expected: Copied,
}

/// An amount of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Tables, whole ones only.
    pub tables: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes that the rows take in memory.
    pub bytes: u64,
}

impl CopyProgress {
    pub(super) fn of(expected: Copied) -> Self {
        Self { expected, ..Self::default() }
    }

    /// What was handed over so far.
    pub fn copied(&self) -> Copied {
        Copied {
            tables: self.tables.load(Relaxed),
            rows: self.rows.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
        }
    }

    /// How much there is, by the server's own estimate; `bytes` is that of its files. Rows are 0 where it has none.
    pub fn expected(&self) -> Copied {
        self.expected
    }

    pub(super) fn add(&self, rows: u64, bytes: u64) {
        self.rows.fetch_add(rows, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
    }

    pub(super) fn table_is_through(&self) {
        self.tables.fetch_add(1, Relaxed);
    }
}
