//! How much of the transactions that have not committed yet is in memory, and how much may be on disk.

use crate::SourceOptions;
use std::path::PathBuf;

/// The largest piece that a large transaction is handed over in.
const LARGEST_PIECE: usize = 4 << 20;

/// The room for transactions.
#[derive(Debug)]
pub(super) struct Room {
    /// The most memory that the open transaction takes, and that all prepared ones take.
    pub(super) memory: usize,
    /// Bytes of the log that are handed over at a time, and read from disk.
    pub(super) piece: usize,
    /// The most bytes of the log that a transaction may have.
    pub(super) most: u64,
    /// Where the rest goes.
    pub(super) dir: PathBuf,
}

impl Room {
    pub(super) fn of(options: &SourceOptions) -> Self {
        Self {
            memory: options.transaction_memory / 2,
            piece: (options.transaction_memory / 8).min(LARGEST_PIECE),
            most: options.max_transaction_bytes,
            dir: options.spill_dir.clone(),
        }
    }
}
