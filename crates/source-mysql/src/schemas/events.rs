//! What a statement did, one event after the other.

use change_event::{CommitTs, DdlChange, DdlEvent, DdlKind, Influence, TableName, TableSchema};
use std::sync::Arc;

/// What a statement did: an event for each thing that must be done before the next, each with a commit-ts of its own.
///
/// Consumers sort by version and, within one version, by name. So what builds on another part of the same statement
/// (a swap of names over a third) must have a greater version.
pub(super) struct Events {
    first: CommitTs,
    events: Vec<DdlEvent>,
}

impl Events {
    /// Nothing yet; the first event will be at this commit-ts.
    pub(super) fn beginning_at(first: CommitTs) -> Self {
        Self { first, events: Vec::new() }
    }

    /// The commit-ts of the next event.
    pub(super) fn next_at(&self) -> CommitTs {
        CommitTs(self.first.0 + self.events.len() as u64)
    }

    /// Adds an event, unless it changes nothing.
    pub(super) fn push(&mut self, influence: Influence, changes: Vec<DdlChange>) {
        if !changes.is_empty() {
            self.events.push(DdlEvent { commit_ts: self.next_at(), influence, changes });
        }
    }

    pub(super) fn into_events(self) -> Vec<DdlEvent> {
        self.events
    }
}

/// What was done to one table.
pub(super) fn change(
    kind: DdlKind,
    query: impl Into<String>,
    table: &TableName,
    columns: Option<Arc<TableSchema>>,
) -> DdlChange {
    DdlChange {
        kind,
        query: query.into(),
        schema: table.schema.clone(),
        table: table.table.clone(),
        columns,
        renamed_from: None,
    }
}
