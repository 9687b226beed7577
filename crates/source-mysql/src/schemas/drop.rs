//! DROP TABLE.

use super::events::{Events, change};
use super::text;
use super::tracker::{Entry, Schemas};
use change_event::{DdlKind, Influence, TableName};

impl Schemas {
    /// A change each, with the columns that the table had. Of one that is not known nothing is written if the statement
    /// allows that it was not there, as nothing ever was. Otherwise it was there, or is one of several that were: where one
    /// is missing, some servers drop the rest and log them all. Whoever has no such table must get past it.
    pub(super) fn drop_tables(&mut self, tables: &[TableName], if_exists: bool, events: &mut Events) {
        let mut dropped = Vec::new();
        for table in tables {
            // It leaves a view alone, and drops a sequence.
            if self.is_view(table) {
                continue;
            }
            let (text, columns) = match self.remove(table) {
                Some(Entry::View(_) | Entry::Other(_)) => continue,
                None if if_exists => continue,
                Some(Entry::Tracked(known)) => (text::drop_table(table), Some(known.wake().schema)),
                Some(Entry::Forgotten(_)) => (text::drop_table(table), None),
                None => (text::drop_table_if_exists(table), None),
            };
            dropped.push(change(DdlKind::DropTable, text, table, columns));
        }
        let influence = dropped.iter().map(|drop| TableName::new(&*drop.schema, &*drop.table)).collect();
        events.push(Influence::Tables(influence), dropped);
    }
}
