//! How a log is read.

use crate::position::Resume;
use change_event::UpdateForm;
use jiff::tz::TimeZone;
use std::time::Duration;

/// Settings of a source, for a file and a server alike.
#[derive(Clone, Debug)]
pub struct SourceOptions {
    /// The zone TIMESTAMP values are shown in. Default UTC.
    pub time_zone: TimeZone,
    /// Which UPDATEs are split into DELETE and INSERT. Default: all that somebody may be unable to apply whole.
    pub updates: UpdateForm,
    /// The most bytes of one transaction, as they are in the log: it is held in memory until it commits, and its
    /// rows of one table take about two to four times that while they are handed over. Default 1 GiB.
    pub max_transaction_bytes: usize,
    /// A server's heartbeat. After three silent periods the connection counts as lost. Default 10 s.
    pub heartbeat: Duration,
    /// How long a lost server is tried before the first error is returned. Default 5 min.
    pub give_up_after: Duration,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            updates: UpdateForm::default(),
            max_transaction_bytes: 1 << 30,
            heartbeat: Duration::from_secs(10),
            give_up_after: Duration::from_secs(300),
        }
    }
}

/// Where to begin with a server's log.
#[derive(Clone, Debug)]
pub enum Start {
    /// At its end: only what commits from now on.
    Now,
    /// At the oldest log file the server still has.
    Earliest,
    /// Where an earlier run left off.
    Resume(Box<Resume>),
}
