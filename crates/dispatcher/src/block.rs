//! A statement on its way through the dispatchers it touches.

use change_event::{CommitTs, DdlEvent};
use pipeline_core::RouteId;
use pipeline_core::gate::Lease;
use std::sync::Arc;

/// The name of a block event: two are never the same while the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    /// When the statement committed.
    pub commit_ts: CommitTs,
    /// The how-manieth block event it is.
    pub sequence: u64,
}

/// A statement that needs every earlier row of the dispatchers it touches durable first.
#[derive(Debug)]
pub struct BlockEvent {
    /// Its name.
    pub id: BlockId,
    /// The statement.
    pub ddl: Arc<DdlEvent>,
    /// The dispatchers it touches, each once; at least one.
    pub touched: Box<[RouteId]>,
    /// Its room in the inboxes, until the last dispatcher has passed it.
    _lease: Option<Lease>,
}

impl BlockEvent {
    /// A block event of its own, as a test of a maintainer needs it.
    pub fn new(id: BlockId, ddl: Arc<DdlEvent>, touched: impl Into<Box<[RouteId]>>) -> Self {
        Self { id, ddl, touched: touched.into(), _lease: None }
    }

    pub(crate) fn in_room(self, lease: Lease) -> Self {
        Self { _lease: Some(lease), ..self }
    }

    /// Whether it touches several dispatchers, so that they have to meet.
    pub fn is_barrier(&self) -> bool {
        self.touched.len() > 1
    }
}
