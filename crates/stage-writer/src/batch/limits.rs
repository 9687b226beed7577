//! When a batch is closed.

use std::time::Duration;

/// When a batch is closed: at whichever of these comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Bytes at which a batch is closed; it may exceed this by one payload. Default 64 MiB.
    ///
    /// A batch reaches them only where the gates before it have room for it: the front door's has 8 MiB by default. See
    /// [`Batcher`](super::Batcher).
    pub bytes: u64,
    /// Rows at which a batch is closed; it may exceed this by one payload's. Default: no limit, `u64::MAX`.
    pub rows: u64,
    /// The greatest age of a batch's oldest payload. Default 5 s.
    pub age: Duration,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { bytes: 64 << 20, rows: u64::MAX, age: Duration::from_secs(5) }
    }
}
