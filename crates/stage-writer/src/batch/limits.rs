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
    /// The age of a batch's oldest payload at which a batch is closed, if it has [`least_bytes`](Self::least_bytes).
    /// Default 5 s.
    pub age: Duration,
    /// Bytes below which a batch waits longer: for more of them, or for its [`greatest_age`](Self::greatest_age). Default
    /// 0, so that none waits.
    pub least_bytes: u64,
    /// The greatest age of a batch's oldest payload, if it stays below [`least_bytes`](Self::least_bytes). No less than
    /// [`age`](Self::age). Default 5 s.
    pub greatest_age: Duration,
}

impl BatchLimits {
    /// How much longer than others a small batch waits.
    pub(super) fn patience(&self) -> Duration {
        self.greatest_age.saturating_sub(self.age)
    }
}

impl Default for BatchLimits {
    fn default() -> Self {
        let age = Duration::from_secs(5);
        Self { bytes: 64 << 20, rows: u64::MAX, age, least_bytes: 0, greatest_age: age }
    }
}
