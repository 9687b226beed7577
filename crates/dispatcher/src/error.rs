//! What a source, and whoever runs it, can be told.

use change_event::{CommitTs, TableName};
use pipeline_core::BoxError;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// An error of somebody else, shared by everyone who is told of it.
pub type SharedError = Arc<dyn StdError + Send + Sync>;

/// Why the dispatchers ended. Cheap to clone: everyone who waits gets the same first error.
///
/// Whatever it is, nothing above the last checkpoint counts as delivered: start again from there.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The sink's pipeline failed, closed or lost rows: mend its cause and start again from the checkpoint.
    #[error("the sink's pipeline did not make the rows durable")]
    Door(#[source] pipeline_core::Error),
    /// The sink does not take a dispatcher: do what its reason says about the table's name, or the configuration.
    #[error("the sink refuses the dispatcher of {span}")]
    Refused {
        /// Which one.
        span: String,
        /// The sink's reason.
        #[source]
        source: SinkError,
    },
    /// The sink could not drain before a statement, or could not write it: mend its cause and start again.
    #[error("the sink failed at the statement of commit-ts {commit_ts}")]
    BlockEvent {
        /// Which one.
        commit_ts: CommitTs,
        /// The sink's reason.
        #[source]
        source: SinkError,
    },
    /// The sink could not make the last rows durable: mend its cause and start again.
    #[error("the sink could not make the last rows durable")]
    Flush(#[source] SinkError),
    /// The maintainer could not be reached or gave up: mend its cause and start again.
    #[error("the maintainer gave no verdict")]
    Maintainer(#[source] SharedError),
    /// A dispatcher went away between its report and the verdict: look for the error that took it away.
    #[error("a dispatcher left the barrier of commit-ts {commit_ts} before its verdict")]
    LeftBarrier {
        /// The barrier's statement.
        commit_ts: CommitTs,
    },
    /// The source handed an event over too late: a defect of the source.
    #[error("the source handed over commit-ts {found} after {last}; it must not step back")]
    OutOfOrder {
        /// The late event's.
        found: CommitTs,
        /// What came before it.
        last: CommitTs,
    },
    /// The splitter named a span that the table does not have: a defect of the splitter.
    #[error("the splitter named span {span} of {table}, which has {spans}")]
    Split {
        /// The table.
        table: TableName,
        /// The span it named, from 0.
        span: u32,
        /// How many there are.
        spans: usize,
    },
    /// The checkpoint could not be saved: mend its cause and start again.
    #[error("the checkpoint {checkpoint} could not be saved")]
    Persist {
        /// The checkpoint.
        checkpoint: CommitTs,
        /// Why.
        #[source]
        source: SharedError,
    },
    /// A setting is out of range: change it.
    #[error("{key} is {value}, but must be {allowed}")]
    Options {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: u64,
        /// What would be allowed.
        allowed: &'static str,
    },
    /// The dispatchers are finishing: nothing new is taken.
    #[error("the dispatchers are finishing and take no more events")]
    Closed,
    /// The task that drives the dispatchers is gone: it panicked, or its runtime shut down.
    #[error("the task that drives the dispatchers is gone")]
    Stopped,
}

/// Why a sink failed, in its own words. Cheap to clone.
#[derive(Clone)]
pub struct SinkError(SharedError);

impl SinkError {
    /// Wraps the sink's own error.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(Arc::from(source.into()))
    }
}

impl From<pipeline_core::Error> for SinkError {
    fn from(error: pipeline_core::Error) -> Self {
        Self::new(error)
    }
}

impl From<BoxError> for SinkError {
    fn from(error: BoxError) -> Self {
        Self::new(error)
    }
}

// It stands for the error inside: same words, same cause.
impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for SinkError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
