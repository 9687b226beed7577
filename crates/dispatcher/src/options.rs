//! The settings of a set of dispatchers.

use crate::Error;
use change_event::CommitTs;
use pipeline_core::Levels;
use std::time::Duration;

/// How much the dispatchers hold and do at once. Plain data; checked when they are spawned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes in all inboxes together: above high, [`handle`](crate::Dispatchers::handle) waits until low.
    pub inbox: Levels,
    /// The most row events a dispatcher sends before it waits for their wake. At least 1.
    pub batch_events: usize,
    /// The same in bytes; a heavier event goes alone. At least 1.
    pub batch_bytes: u64,
    /// How many dispatchers send or drain at once; the others wait for their turn. At least 1.
    ///
    /// Those that wait for a verdict do not count.
    pub drives: usize,
    /// How often the checkpoint is worked out and told. More than 0.
    pub checkpoint_interval: Duration,
    /// The checkpoint to begin with, known from an earlier run.
    pub start: CommitTs,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            inbox: Levels { high: 32 << 20, low: 16 << 20 },
            batch_events: 4096,
            batch_bytes: 8 << 20,
            drives: 1024,
            checkpoint_interval: Duration::from_secs(1),
            start: CommitTs(0),
        }
    }
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let at_least_1 = [
            ("batch_events", self.batch_events as u64),
            ("batch_bytes", self.batch_bytes),
            ("drives", self.drives as u64),
            ("checkpoint_interval (ns)", self.checkpoint_interval.as_nanos() as u64),
        ];
        for (key, value) in at_least_1 {
            if value == 0 {
                let allowed = "at least 1";
                return Err(Error::Options { key, value, allowed });
            }
        }
        if self.inbox.low > self.inbox.high {
            return Err(Error::Options {
                key: "inbox.low",
                value: self.inbox.low,
                allowed: "at most inbox.high",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        Options::default().check().unwrap();
    }

    #[test]
    fn an_error_names_the_setting() {
        let options = Options { drives: 0, ..Options::default() };
        let error = options.check().unwrap_err();
        assert_eq!(error.to_string(), "drives is 0, but must be at least 1");
    }
}
