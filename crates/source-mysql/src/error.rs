//! What can go wrong while a log is read, and what the caller does next.

use crate::Position;
use crate::lineage::Broken;
use thiserror::Error;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be done where a saved position has no way on.
const WAYS_ON: &str = "write to a new prefix, or go on behind the gap with --accept-gap and --start";

/// Why a binlog cannot be read, or cannot be read on.
#[derive(Debug, Error)]
pub enum Error {
    /// The URL, an option or a saved position does not fit. Fix the configuration and start again.
    #[error("{0}")]
    Config(String),
    /// The server is not set up for row-based replication, or refuses us. Change the server as the text says.
    #[error("{0}")]
    Server(String),
    /// The file is something else. Name another file.
    #[error("{path} is not a binlog: {reason}")]
    NotABinlog {
        /// The file.
        path: String,
        /// What was found instead.
        reason: &'static str,
    },
    /// The file ends inside a transaction or an event. Everything before it was handed over; copy the file again.
    #[error("{file} is torn: it ends inside what begins at offset {offset}; copy the whole file again")]
    Torn {
        /// The file.
        file: String,
        /// Where the incomplete transaction or event begins.
        offset: u64,
    },
    /// The bytes contradict themselves. Copy the file again; if that does not help it is a bug of ours, and an event of rows
    /// can be passed over by its place ([`skip_events`](crate::SourceOptions::skip_events)).
    #[error("{file} at offset {offset} is corrupt: {reason}")]
    Corrupt {
        /// The log file.
        file: String,
        /// Where the event or its transaction begins.
        offset: u64,
        /// What does not fit.
        reason: String,
    },
    /// The log holds something that no change event can be made of. The text says how to go on without it, if that can be
    /// ([`skip_events`](crate::SourceOptions::skip_events), [`on_unsupported`](crate::SourceOptions::on_unsupported)), and
    /// which setting avoids it.
    #[error("{file} at offset {offset}: {what}")]
    Unsupported {
        /// The log file.
        file: String,
        /// Where the event or its transaction begins.
        offset: u64,
        /// What it is, and what to do about it.
        what: String,
    },
    /// A transaction exceeds [`max_transaction_bytes`](crate::SourceOptions::max_transaction_bytes). Raise it.
    #[error(
        "the transaction at offset {offset} of {file} exceeds {limit} bytes; raise --max-transaction-bytes"
    )]
    TransactionTooLarge {
        /// The log file.
        file: String,
        /// Where the transaction begins.
        offset: u64,
        /// The limit in force.
        limit: u64,
    },
    /// A transaction that does not fit in memory cannot be kept on disk: it is full, say. Make room there, or name another
    /// [directory](crate::SourceOptions::spill_dir).
    #[error(
        "a transaction is larger than the memory for it and cannot be kept in {dir} until it commits; make room there, or \
         use another directory (spool-base-dir)"
    )]
    Spill {
        /// The directory.
        dir: String,
        /// What the system said, or that the bytes are not those that were written.
        #[source]
        source: std::io::Error,
    },
    /// The server no longer has the log to resume from. Start over with a new target, or accept the gap.
    #[error(
        "the server no longer has {file}, where reading would go on at offset {offset}: {why}; {WAYS_ON}"
    )]
    Purged {
        /// The log file of the saved position.
        file: String,
        /// The offset of the saved position.
        offset: u64,
        /// What became of it, as far as that can be told.
        why: String,
    },
    /// The log is not the one that was read before: it was reset, restored or cut, or is another server's. Start over
    /// with a new target, or accept the gap.
    #[error(
        "{file} is not the log that was read up to offset {offset}: saved was {saved}, found was {found}; {WAYS_ON}"
    )]
    OtherLog {
        /// The log file of the saved position.
        file: String,
        /// The offset of the saved position.
        offset: u64,
        /// What was saved of the log.
        saved: String,
        /// What was found in its place.
        found: String,
    },
    /// Tables were changed by statements while they were copied. Begin the copy anew.
    #[error("the copy has to start anew: {0}")]
    Moved(String),
    /// The server was not there, from the beginning on. Start it, mend its address, or wait for it
    /// ([`wait_for_source`](crate::SourceOptions::wait_for_source)).
    #[error(
        "cannot reach {server}{}: {first}; see that it runs, that it listens there and takes connections, or let \
         --wait-for-source wait {}",
        within(*.seconds),
        if *.seconds == 0 { "for it" } else { "longer" }
    )]
    Unreached {
        /// Host and port, or the socket.
        server: String,
        /// For how long it was tried.
        seconds: u64,
        /// The first error.
        first: String,
    },
    /// The connection broke and did not come back in time. Start again later; nothing is lost.
    #[error("lost {server} and gave up after {seconds} s: {first}")]
    Unreachable {
        /// Host and port, or the socket.
        server: String,
        /// For how long it was tried.
        seconds: u64,
        /// The first error.
        first: String,
    },
    /// The file cannot be read. See the source for what the system said.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

fn within(seconds: u64) -> String {
    match seconds {
        0 => String::new(),
        seconds => format!(" within {seconds} s"),
    }
}

impl Error {
    /// Whether a saved position cannot be continued, so that only a gap or a new target lead on.
    pub fn is_broken_lineage(&self) -> bool {
        matches!(self, Self::Purged { .. } | Self::OtherLog { .. })
    }

    /// Whether a copy of tables was overtaken by statements, so that another attempt may succeed.
    pub fn is_moved(&self) -> bool {
        matches!(self, Self::Moved(_))
    }

    pub(crate) fn other_log(position: &Position, Broken { saved, found }: Broken) -> Self {
        Self::OtherLog { file: position.file.clone(), offset: position.offset, saved, found }
    }

    /// For a log that is shorter than it was.
    pub(crate) fn ends_before(position: &Position, end: u64) -> Self {
        let saved: String = match position.lineage.log {
            Some(log) => log.to_string(),
            None => "a longer log".to_owned(),
        };
        let found = format!("one that ends at {end}: it was reset, restored, or cut by a crash");
        Self::other_log(position, Broken { saved, found })
    }
}
