//! Tables whose shape is not known: who can ask the server does, before it is too late.
//!
//! Either rows are about to come whose log shows no columns, or a statement changed the table that could not be
//! followed. Nobody needs to answer: then a later event shows the columns, or is an error that says what to do.

use super::assembler::{Assembler, State, Step};
use super::group::Entry;
use crate::position::SourceItem;
use crate::sql::Dialect;
use change_event::{DdlEvent, Influence, TableName};

/// A table to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Its rows come; `millis` is the log's clock.
    Rows { name: TableName, millis: u64 },
    /// A statement that was just handed over, as a barrier, has changed it.
    Changed { name: TableName },
}

impl Unknown {
    pub(crate) fn name(&self) -> &TableName {
        match self {
            Self::Rows { name, .. } | Self::Changed { name } => name,
        }
    }
}

impl Assembler {
    /// A table that the last event left unknown: [`learn`](Self::learn) is to follow.
    pub(crate) fn unknown(&self) -> Option<&Unknown> {
        self.unknown.last()
    }

    /// Notes that a table's rows are to come, if nothing says what they look like.
    pub(super) fn expect_shape(&mut self, number: usize, timestamp: u32) {
        if self.tables.is_prepared(number) {
            return;
        }
        // CREATE TABLE … SELECT: the shape comes with the commit.
        let is_made_here = match &self.state {
            State::Open(group) => group.entries.iter().any(|entry| matches!(entry, Entry::Statement { .. })),
            State::Idle | State::Announced(_) | State::Void(_) => false,
        };
        // A map that cannot be read is an error only once there are rows.
        let Ok(map) = self.tables.read(number) else { return };
        let is_known = map.has_names()
            || self.schemas.shape(&map.name).is_some()
            || self.schemas.is_other(&map.name)
            || !self.filter.takes(&map.name)
            || is_made_here;
        if !is_known {
            self.unknown.push(Unknown::Rows { name: map.name.clone(), millis: u64::from(timestamp) * 1_000 });
        }
    }

    /// Takes what was found out about the [unknown](Self::unknown) table: its CREATE TABLE as it is at the end of the last
    /// whole transaction, or nothing.
    pub(crate) fn learn(&mut self, found: Option<(String, Dialect)>) {
        let (Some(unknown), Some((sql, dialect))) = (self.unknown.pop(), found) else { return };
        let name = unknown.name();
        if is_sequence(&sql) {
            self.schemas.note_other(name.clone());
            return;
        }
        let version = match &unknown {
            Unknown::Changed { .. } => self.position.commit_ts,
            Unknown::Rows { millis, .. } if self.schemas.is_forgotten(name) => {
                self.position.commit_ts.after(*millis)
            }
            Unknown::Rows { .. } => self.position.start_ts,
        };
        let is_new_version = version > self.position.commit_ts;
        if let Err(reason) = self.schemas.restore(name, &sql, dialect, version) {
            tracing::warn!(table = %name, reason, "cannot read the CREATE TABLE that the server shows");
            return;
        }
        self.tables.forget_schemas();
        if is_new_version {
            let influence = Influence::Tables(vec![name.clone()]);
            self.hand_over(DdlEvent { commit_ts: version, influence, changes: Vec::new() });
            return;
        }
        // Who goes on from the mark behind the statement need not ask again.
        let refreshed = self.mark();
        if let Some(Step::Item(SourceItem::Mark(mark))) = self.ready.back_mut() {
            *mark = refreshed;
        }
    }
}

/// Whether what the server shows as a table is a SEQUENCE, which MariaDB keeps as one.
fn is_sequence(create_table: &str) -> bool {
    create_table.trim_end().ends_with("SEQUENCE=1")
}
