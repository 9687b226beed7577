//! How much room a spool has, and where.

use crate::SpoolError;
use pipeline_core::Levels;
use std::path::PathBuf;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The settings of a [`Spool`](crate::Spool).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolConfig {
    /// Where segments go. It is made if it is not there, and belongs to one spool at a time.
    pub dir: PathBuf,
    /// The memory tier, in bytes of payload. 0 sends everything to disk. Default 2 GiB.
    pub memory: u64,
    /// The most bytes that segment files take on disk, dead ones included. 0 keeps everything in memory.
    /// Default 10 GiB.
    pub disk: u64,
    /// The size of a segment file, in bytes. Kept between a 1024th and a 16th of `disk`, so that a few live frames
    /// pin little and the files stay few. At least 1. Default 64 MiB.
    pub segment: u64,
    /// The most bytes of pieces on their way to the disk at once; these are in memory, besides the memory tier. When
    /// more are, the service is not ready until half of that is. At least 1. Default 16 MiB.
    pub waiting: u64,
}

impl SpoolConfig {
    /// The defaults, in a directory.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), memory: 2 * GIB, disk: 10 * GIB, segment: 64 * MIB, waiting: 16 * MIB }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`SpoolError::Config`] for the first one that is out of range.
    pub fn validate(&self) -> Result<(), SpoolError> {
        let fault = |key, value: String, allowed| Err(SpoolError::Config { key, value, allowed });
        if self.dir.as_os_str().is_empty() {
            return fault("dir", "empty".to_owned(), "the path of a directory");
        }
        if self.segment == 0 {
            return fault("segment", "0".to_owned(), "at least 1 byte");
        }
        if self.waiting == 0 {
            return fault("waiting", "0".to_owned(), "at least 1 byte");
        }
        if self.memory == 0 && self.disk == 0 {
            return fault("disk", "0".to_owned(), "at least 1 byte while `memory` is 0");
        }
        if self.memory.checked_add(self.disk).is_none() {
            return fault("memory", self.memory.to_string(), "below 2^64 bytes together with `disk`");
        }
        Ok(())
    }

    /// The size that segments really have.
    pub(crate) fn segment_size(&self) -> u64 {
        self.segment.clamp(self.disk / 1024, self.disk / 16).max(1)
    }

    /// The levels of the waiting room before the writer thread.
    pub(crate) fn waiting_room(&self) -> Levels {
        Levels { high: self.waiting, low: self.waiting / 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        SpoolConfig::new("spool").validate().expect("defaults hold");
    }

    #[test]
    fn a_setting_out_of_range_is_named_with_its_value() {
        let valid = SpoolConfig::new("spool");
        for (config, named) in [
            (SpoolConfig::new(""), "`dir` is empty"),
            (SpoolConfig { segment: 0, ..valid.clone() }, "`segment` is 0"),
            (SpoolConfig { waiting: 0, ..valid.clone() }, "`waiting` is 0"),
            (SpoolConfig { memory: 0, disk: 0, ..valid.clone() }, "`disk` is 0"),
            (SpoolConfig { memory: 7, disk: u64::MAX, ..valid.clone() }, "`memory` is 7"),
        ] {
            let message = config.validate().expect_err(named).to_string();
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn segments_are_a_small_share_of_the_quota_but_not_too_small() {
        let size = |segment, disk| SpoolConfig { segment, disk, ..SpoolConfig::new("spool") }.segment_size();
        assert_eq!(size(64 * MIB, 10 * GIB), 64 * MIB);
        assert_eq!(size(64 * MIB, 160 * MIB), 10 * MIB);
        assert_eq!(size(1, 10 * GIB), 10 * MIB);
        assert_eq!(size(1, 1), 1);
    }
}
