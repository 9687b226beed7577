//! One bound for all memory, and who may take how much of it.
//!
//! ```text
//!  spool-memory-quota
//! ┌────────┬───────┬──────────────────────────────┬───────────────┬──────────┬─────────┐
//! │ source │ front │ tier                         │ bookkeeping   │ readback │ to disk │
//! └────────┴───────┴──────────────────────────────┴───────────────┴──────────┴─────────┘
//!   trans-   rows    encoded rows, in memory until  envelopes,      spilled    pieces on
//!   actions  before  they are durable; uploads      receipts and    rows on    their way
//!   without  their   send them from here            addresses,      their way  to disk
//!   an end   wake                                   spilled or not  back, and
//!                                                                   compressed
//!                                                                   files
//! ```
//!
//! The parts are fixed: what one holds never has to be let go for another to go on, so nothing can wait in a circle.
//! What is not in it: the program itself, and the sources' own inboxes.

use crate::config::Config;
use pipeline_core::Levels;
use pipeline_core::body::PIECE_OVERHEAD;

/// What a source has room for: a large transaction goes to disk beyond it, which costs little.
const MOST_SOURCE: u64 = 16 << 20;
/// Whatever the bound is, a source does not go to disk for less.
const LEAST_SOURCE: u64 = 256 << 10;
/// Unencoded rows need not wait in large numbers: encoders are fast.
const MOST_FRONT: u64 = 8 << 20;
/// One large write to disk, and the next one.
const MOST_TO_DISK: u64 = 16 << 20;
/// The gate shuts above this share of the quota, and opens again at the lower one (`output-format` 5.1).
const HIGH_PERCENT: u64 = 80;
const LOW_PERCENT: u64 = 60;

/// How a sink's memory is shared out, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryPlan {
    /// Transactions that have not committed yet, in the source.
    pub(crate) source: u64,
    /// Rows before their wake, encoded or not.
    pub(crate) front: u64,
    /// Encoded rows in memory.
    pub(crate) tier: u64,
    /// What it takes to carry pieces besides their bytes.
    pub(crate) bookkeeping: u64,
    /// Spilled rows that are read back for their upload, and files that are compressed for it.
    pub(crate) read_back: u64,
    /// Pieces on their way to disk.
    pub(crate) to_disk: u64,
}

impl MemoryPlan {
    /// Shares out the bound; what the smaller parts do not need goes to the tier.
    pub(crate) fn of(bound: u64) -> Self {
        let source = (bound / 16).min(MOST_SOURCE);
        let front = (bound / 16).min(MOST_FRONT);
        let to_disk = (bound / 16).min(MOST_TO_DISK);
        let (bookkeeping, read_back) = (bound / 4, bound / 8);
        let tier = bound - source - front - to_disk - bookkeeping - read_back;
        Self { source, front, tier, bookkeeping, read_back, to_disk }
    }

    /// Bytes that a source takes for transactions, for this bound.
    pub(crate) fn for_transactions(bound: u64) -> u64 {
        Self::of(bound).source.max(LEAST_SOURCE)
    }

    /// The levels of the front door's gate. What a quota that is smaller than the memory leaves free is not needed.
    pub(crate) fn front_levels(&self, config: &Config) -> Levels {
        let high = self.front.min(config.spool_disk_quota / 4);
        Levels { high, low: high / 2 }
    }

    /// The levels of the watermark gate: bytes of pieces, in memory and on disk…
    pub(crate) fn bytes(config: &Config) -> Levels {
        let percent = config.spool_disk_quota / 100;
        Levels { high: percent * HIGH_PERCENT, low: percent * LOW_PERCENT }
    }

    /// …and their number, since each takes memory wherever its bytes are.
    pub(crate) fn pieces(&self) -> Levels {
        let high = self.bookkeeping / PIECE_OVERHEAD;
        Levels { high, low: high / HIGH_PERCENT * LOW_PERCENT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_whole() {
        for bound in [0, 1, 13_107, 64 << 20, 2 << 30] {
            let MemoryPlan { source, front, tier, bookkeeping, read_back, to_disk } = MemoryPlan::of(bound);
            assert_eq!(source + front + tier + bookkeeping + read_back + to_disk, bound);
        }
    }
}
