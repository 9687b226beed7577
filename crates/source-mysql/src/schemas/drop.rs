//! DROP TABLE.

use super::events::{Events, change};
use super::text;
use super::tracker::{Entry, Schemas};
use change_event::{DdlKind, Influence, TableName};

impl Schemas {
    /// A change each, with the columns that the table had. One that is not known was there all the same, unless the
    /// statement allows that it was not: then nothing is written under its name, as nothing ever was.
    pub(super) fn drop_tables(&mut self, tables: &[TableName], if_exists: bool, events: &mut Events) {
        let mut dropped = Vec::new();
        for table in tables {
            // DROP TABLE may name a sequence; a view it leaves alone.
            if self.is_view(table) {
                continue;
            }
            let columns = match self.remove(table) {
                Some(Entry::View(_) | Entry::Other) => continue,
                None if if_exists => continue,
                Some(Entry::Tracked(table)) => Some(table.wake().schema),
                Some(Entry::Forgotten(_)) | None => None,
            };
            dropped.push(change(DdlKind::DropTable, text::drop_table(table), table, columns));
        }
        let influence = dropped.iter().map(|drop| TableName::new(&*drop.schema, &*drop.table)).collect();
        events.push(Influence::Tables(influence), dropped);
    }
}
