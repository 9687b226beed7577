//! The timestamp that orders everything.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How many low bits of a [`CommitTs`] count within one millisecond.
const LOGICAL_BITS: u32 = 18;

/// A commit timestamp: milliseconds since the Unix epoch, shifted left by 18 bits, plus a logical counter.
///
/// This is the shape of a TiDB TSO (`output-format` section 14): consumers read the wall clock back with
/// `>> 18`. A source without a TSO derives one with [`CommitTs::after`], which is strictly monotone and
/// depends on nothing but the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommitTs(pub u64);

impl CommitTs {
    /// The first commit-ts of a millisecond.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis << LOGICAL_BITS)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> u64 {
        self.0 >> LOGICAL_BITS
    }

    /// The counter within the millisecond.
    pub const fn logical(self) -> u64 {
        self.0 & ((1 << LOGICAL_BITS) - 1)
    }

    /// The commit-ts of the next transaction, given the wall clock its log record carries.
    ///
    /// It is the clock's own value where the clock moved on, else one more than `self`: strictly monotone
    /// even when the clock stands still or steps back, and the same whenever the log is read again from here.
    pub fn after(self, clock_millis: u64) -> Self {
        Self::from_millis(clock_millis).max(Self(self.0 + 1))
    }

    /// The greatest commit-ts below this one.
    pub const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for CommitTs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::CommitTs;

    #[test]
    fn the_wall_clock_comes_back_out() {
        let ts = CommitTs(435_661_838_416_609_281);
        assert_eq!((ts.millis(), ts.logical()), (1_661_918_023_745, 1));
        assert_eq!(CommitTs::from_millis(1_661_918_023_745).0 + 1, ts.0);
    }

    #[test]
    fn it_grows_when_the_clock_stands_still_or_steps_back() {
        let first = CommitTs::default().after(1_000);
        let second = first.after(1_000);
        let third = second.after(10);
        assert_eq!(first, CommitTs::from_millis(1_000));
        assert_eq!([second.0, third.0], [first.0 + 1, first.0 + 2]);
        assert_eq!(third.after(1_001), CommitTs::from_millis(1_001));
    }
}
