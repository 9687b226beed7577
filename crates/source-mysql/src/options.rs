//! How a log is read.

use crate::Gtids;
use crate::parked::OnUnsupported;
use crate::position::Resume;
use change_event::{CommitTs, EventFilter, TableFilter, UpdateForm};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Settings of a source, for a file and a server alike.
#[derive(Clone, Debug)]
pub struct SourceOptions {
    /// The zone TIMESTAMP values are shown in. Default UTC.
    pub time_zone: TimeZone,
    /// Which UPDATEs are split into DELETE and INSERT. Default: all that somebody may be unable to apply whole.
    pub updates: UpdateForm,
    /// Which tables are taken: rows and statements of all others are passed over, whatever is in them. Default: all but
    /// the server's own.
    pub tables: TableFilter,
    /// Which changes of the tables that are taken are left out. Default: none.
    pub events: EventFilter,
    /// For a file: the server that wrote it keeps the names of databases and tables in lower case, because its
    /// `lower_case_table_names` is 1 or 2. A server is asked. Default off.
    pub lower_case_names: bool,
    /// Tables that are there before the log that is read, as a script that makes them: what `mysqldump --no-data` writes.
    /// Needed where a log has no column names and begins behind its CREATE TABLEs. A server is asked, unless there is a
    /// script.
    pub given_tables: Option<Arc<str>>,
    /// What becomes of an event that no change event can be made of. Default: it ends the source.
    pub on_unsupported: OnUnsupported,
    /// Events that are passed over if they cannot be taken, whatever [`on_unsupported`](Self::on_unsupported) says; one of
    /// rows even if it contradicts itself. One that can be taken is taken. Default none.
    pub skip_events: Vec<LogPlace>,
    /// The most memory for transactions that have not committed yet, in bytes: a half of it for the one that is being
    /// read, and a half for all XA transactions between their two phases. What outgrows it is written to
    /// [`spill_dir`](Self::spill_dir). A transaction of more than an eighth of it (at most 4 MiB) is handed over in
    /// pieces of that size, and while a piece is, its rows take about two to four times as much. Only a single row may
    /// take more than this, as often as it is copied. Default 64 MiB.
    pub transaction_memory: usize,
    /// Where transactions are kept that are too large for memory, until they commit and are handed over. It is made when
    /// it is needed. The files have no names, so that they are gone when the process is. Default: the system's directory
    /// for temporary files.
    pub spill_dir: PathBuf,
    /// The most bytes of one transaction, as they are in the log, and of all XA transactions between their two phases: what
    /// they may take of the disk. Default 64 GiB.
    pub max_transaction_bytes: u64,
    /// Where a source starts without a saved position, all its commit-ts are greater than this one: that of what the
    /// target holds already. Default 0.
    pub above: CommitTs,
    /// A server's heartbeat. After three silent periods the connection counts as lost. Default 10 s.
    pub heartbeat: Duration,
    /// How long a server that is not there yet is tried at the start; `None`: once. Default `None`.
    pub wait_for_source: Option<Duration>,
    /// How long a lost server is tried before the first error is returned. Default 5 min.
    pub give_up_after: Duration,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            updates: UpdateForm::default(),
            tables: TableFilter::default(),
            events: EventFilter::default(),
            lower_case_names: false,
            given_tables: None,
            on_unsupported: OnUnsupported::Stop,
            skip_events: Vec::new(),
            transaction_memory: 64 << 20,
            spill_dir: std::env::temp_dir(),
            max_transaction_bytes: 64 << 30,
            above: CommitTs::default(),
            heartbeat: Duration::from_secs(10),
            wait_for_source: None,
            give_up_after: Duration::from_secs(300),
        }
    }
}

/// An event of a log file. Reads and shows as `binlog.000007:4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// The file's name, without its folder.
    pub file: String,
    /// Where the event begins.
    pub offset: u64,
}

impl FromStr for LogPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let split = text.rsplit_once(':').filter(|(file, _)| !file.is_empty());
        let (file, offset) = split.ok_or("a place in a log is FILE:OFFSET, such as binlog.000007:4")?;
        let offset = offset.parse().ok().filter(|&offset| offset >= 4);
        let offset = offset.ok_or("the offset is a number, and 4 where the file's first event begins")?;
        Ok(Self { file: file.to_owned(), offset })
    }
}

impl fmt::Display for LogPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.offset)
    }
}

/// Where to begin with a server's log.
#[derive(Clone, Debug)]
pub enum Start {
    /// At its end: only what commits from now on.
    Now,
    /// At the oldest log file the server still has.
    Earliest,
    /// At an event of a log file: its offset, 4 for the first one.
    At(LogPlace),
    /// Right behind these transactions: everything that is not among them.
    Behind(Gtids),
    /// At the first transaction of the log at or after a moment, by the server's clock and in whole seconds. Where that clock
    /// was set back, moments come twice: the search begins in the last file that was begun before the moment.
    Since(Timestamp),
    /// Where an earlier run left off.
    Resume(Box<Resume>),
}

#[cfg(test)]
mod tests {
    use super::LogPlace;

    #[test]
    fn a_place_is_a_file_and_an_offset() {
        let place: LogPlace = "a:b.000007:4".parse().unwrap();
        assert_eq!((place.file.as_str(), place.offset), ("a:b.000007", 4));
        assert_eq!(place.to_string(), "a:b.000007:4");
        for text in ["", "binlog.000007", ":4", "binlog.000007:", "binlog.000007:3", "binlog.000007:x"] {
            assert!(text.parse::<LogPlace>().is_err(), "{text}");
        }
    }
}
