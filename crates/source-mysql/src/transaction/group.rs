//! One transaction on its way: everything between its first event and its commit.

use crate::decode::{Query, RawRows};
use crate::log::{LogName, Place};
use crate::parked::Parked;
use bytes::Bytes;
use change_event::Influence;
use std::sync::Arc;

/// What a transaction did, in log order.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A statement within it: CREATE TABLE … SELECT logs one before its rows.
    Statement { query: Query, body: Bytes, place: Place },
    /// Rows of the table with this [number](super::tables::Tables).
    Rows { table: usize, rows: RawRows },
    /// An event that was passed over, and whose shape it may have changed.
    PassedOver { parked: Box<Parked>, touches: Option<Influence> },
}

/// A transaction that has not committed yet.
#[derive(Debug)]
pub(crate) struct Group {
    /// Where it begins.
    pub(crate) start: u64,
    pub(crate) entries: Vec<Entry>,
    /// The log file that its events are in, if its end is in another one.
    pub(crate) elsewhere: Option<Arc<LogName>>,
    /// Bytes of the entries, as they are in the log.
    bytes: usize,
    /// Names of savepoints, and how many entries came before each.
    savepoints: Vec<(String, usize)>,
}

impl Group {
    pub(crate) fn new(start: u64) -> Self {
        Self { start, entries: Vec::new(), elsewhere: None, bytes: 0, savepoints: Vec::new() }
    }

    /// Adds rows or a statement and gives the bytes held now.
    pub(crate) fn push(&mut self, entry: Entry) -> usize {
        self.bytes += match &entry {
            Entry::Statement { query, .. } => query.sql.len(),
            Entry::Rows { rows, .. } => rows.images.len(),
            Entry::PassedOver { parked, .. } => parked.body.len(),
        };
        self.entries.push(entry);
        self.bytes
    }

    /// Bytes of the entries, as they are in the log.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn savepoint(&mut self, name: String) {
        self.savepoints.retain(|(known, _)| *known != name);
        self.savepoints.push((name, self.entries.len()));
    }

    /// Forgets what came after a savepoint. One we never saw was set before the first row: everything goes.
    pub(crate) fn rollback_to(&mut self, name: &str) {
        let place = self.savepoints.iter().position(|(known, _)| known == name);
        let kept = place.map_or(0, |i| self.savepoints[i].1);
        self.entries.truncate(kept);
        self.savepoints.truncate(place.map_or(0, |i| i + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sql: &str) -> Entry {
        let query = Query { database: String::new(), sql: sql.into(), dialect: Default::default() };
        Entry::Statement { query, body: Bytes::new(), place: Place::default() }
    }

    #[test]
    fn a_rollback_to_a_savepoint_keeps_what_came_before() {
        let mut group = Group::new(4);
        group.push(entry("1"));
        group.savepoint("a".into());
        group.push(entry("2"));
        group.savepoint("b".into());
        group.push(entry("3"));
        group.rollback_to("a");
        assert_eq!(group.entries.len(), 1);
        group.push(entry("4"));
        group.rollback_to("a");
        assert_eq!(group.entries.len(), 1);
        group.rollback_to("unknown");
        assert!(group.entries.is_empty());
    }
}
