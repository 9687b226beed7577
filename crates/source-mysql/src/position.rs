//! Where a source is in its log, and what it hands over.

use crate::gtids::Gtids;
use crate::lineage::Lineage;
use crate::parked::Parked;
use crate::schemas::Schemas;
use change_event::{ChangeEvent, CommitTs};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A place between two transactions of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The log file's name, without its folder.
    pub file: String,
    /// Bytes from the beginning of the file to the next event.
    pub offset: u64,
    /// The last commit-ts given out: the next one is derived from it, so reading again gives the same.
    pub commit_ts: CommitTs,
    /// The version of tables that are first seen by their rows: where the source started.
    pub start_ts: CommitTs,
    /// What was handed over already of what comes from here on: up to this commit-ts. The position lies further back, for
    /// an XA transaction that was prepared behind it and not committed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<CommitTs>,
    /// The XA transactions that were prepared before here, and whose commits come behind here although they were handed
    /// over. They are left out then.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub ended: Arc<[EndedXa]>,
    /// After the log of another server: what was handed over from there, and may come here behind this place. It is left
    /// out then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Arc<Gtids>>,
    /// What tells the log from others that have a file of this name. Empty if it was saved before there were lineages.
    #[serde(default)]
    pub lineage: Lineage,
}

/// An XA transaction that was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedXa {
    /// Its name as a statement has it.
    pub xid: String,
    /// The last commit-ts given out when its commit was handed over.
    pub commit_ts: CommitTs,
}

/// A position together with the tables as they were there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resume {
    /// Where to go on.
    pub position: Position,
    /// The tables as they are at that position.
    pub schemas: Schemas,
}

impl Resume {
    /// A start without a past, at a time in milliseconds since the epoch but above a commit-ts, with what is known of
    /// the server's tables.
    pub(crate) fn fresh(
        file: String,
        offset: u64,
        lineage: Lineage,
        (above, clock): (CommitTs, u64),
        mut schemas: Schemas,
    ) -> Self {
        let start_ts = above.after(clock);
        schemas.stamp(start_ts);
        let position = Position {
            file,
            offset,
            commit_ts: start_ts,
            start_ts,
            handed_over: None,
            ended: Arc::default(),
            known: None,
            lineage,
        };
        Self { position, schemas }
    }
}

/// A promise of the source: everything up to `commit_ts` was handed over, and reading on at `position` continues
/// right after it.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The last commit-ts handed over.
    pub commit_ts: CommitTs,
    /// Where to read on.
    pub position: Position,
    /// The tables at that position.
    pub schemas: Schemas,
}

impl From<Mark> for Resume {
    fn from(mark: Mark) -> Self {
        Self { position: mark.position, schemas: mark.schemas }
    }
}

/// What a source hands over next.
#[derive(Clone, Debug)]
pub enum SourceItem {
    /// Rows or a DDL.
    Event(ChangeEvent),
    /// An event that was passed over. Keep it before the next item is asked for: the mark behind it promises that
    /// it is kept.
    Parked(Box<Parked>),
    /// The end of a transaction or a statement.
    Mark(Mark),
}
