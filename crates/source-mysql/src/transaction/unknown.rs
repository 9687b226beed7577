//! Tables whose rows are to be read and whose shape is not known: who can ask the server does, before it is too late.
//!
//! Nobody needs to answer: then the commit of the rows is an error that says what to do.

use super::assembler::{Assembler, State};
use crate::sql::Dialect;
use change_event::{DdlEvent, Influence, TableName};

/// A table to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    pub(crate) name: TableName,
    /// The log's clock.
    millis: u64,
}

impl Assembler {
    /// The table that the last event left unknown: [`learn`](Self::learn) is to follow.
    pub(crate) fn unknown(&self) -> Option<&Unknown> {
        self.unknown.as_ref()
    }

    /// Notes that a table's rows are to come, if nothing says what they look like.
    pub(super) fn expect_shape(&mut self, number: usize, timestamp: u32) {
        if !self.tables.meets_first(number) {
            return;
        }
        // CREATE TABLE … SELECT: the shape comes with the commit.
        let is_made_here = match &self.state {
            State::Open(group) => group.has_statements(),
            State::Idle | State::Announced(_) | State::Void(_) => false,
        };
        // A map that cannot be read is an error only once there are rows.
        let Ok(map) = self.tables.read(number) else { return };
        let is_known = map.has_names()
            || self.schemas.knows(&map.name)
            || self.schemas.is_other(&map.name)
            || !self.filter.takes(&map.name)
            || is_made_here;
        if !is_known {
            self.unknown = Some(Unknown { name: map.name.clone(), millis: u64::from(timestamp) * 1_000 });
        }
    }

    /// Takes what was found out about the [unknown](Self::unknown) table: its CREATE TABLE as it is at the end of the last
    /// whole transaction, or nothing.
    pub(crate) fn learn(&mut self, found: Option<(String, Dialect)>) {
        let (Some(Unknown { name, millis }), Some((sql, dialect))) = (self.unknown.take(), found) else {
            return;
        };
        // One whose shape was lost is a new version, behind a drain; as it would be if its rows showed it.
        let is_new_version = self.schemas.is_forgotten(&name);
        let at = self.position.commit_ts.after(millis);
        let version = match is_new_version {
            true => at,
            false => self.schemas.first_version(at, self.position.start_ts),
        };
        if let Err(reason) = self.schemas.restore(&name, &sql, dialect, version) {
            tracing::warn!(table = %name, reason, "cannot read the CREATE TABLE that the server shows");
            return;
        }
        self.tables.forget_schemas();
        if is_new_version {
            let influence = Influence::Tables(vec![name]);
            self.hand_over(DdlEvent { commit_ts: version, influence, changes: Vec::new() });
        }
    }
}
