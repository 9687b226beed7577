//! RENAME TABLE: one pair after the other, so that names can be swapped over a third.

use super::events::{Events, change};
use super::text;
use super::tracker::{Entry, Forgotten, Schemas};
use change_event::{DdlKind, Influence, TableName};
use std::sync::Arc;

impl Schemas {
    /// An event each.
    pub(super) fn rename_tables(
        &mut self,
        pairs: &[(TableName, TableName)],
        if_exists: bool,
        events: &mut Events,
    ) {
        for (from, to) in pairs {
            if self.tables.contains(from) || !if_exists {
                self.rename_table(from, to.clone(), events);
            }
        }
    }

    /// Gives a table another name. One that is not known is renamed without columns; its next rows show them. A view
    /// is renamed alike, if it was told of; a sequence, too, but nobody is told.
    pub(super) fn rename_table(&mut self, from: &TableName, to: TableName, events: &mut Events) {
        // `ALTER TABLE t RENAME TO t` is allowed, and nothing.
        if *from == to {
            return;
        }
        let at = events.next_at();
        let mut influence = vec![from.clone()];
        influence.extend(self.tables.contains(&to).then(|| to.clone()));
        let columns = match self.remove(from) {
            Some(Entry::Tracked(table)) => {
                let mut tracked = table.wake();
                let schema = Arc::make_mut(&mut tracked.schema);
                schema.name.clone_from(&to);
                schema.version = at.0;
                Some(self.put(tracked))
            }
            Some(Entry::Other(other)) => return self.put_entry(to, Entry::Other(other)),
            Some(Entry::View(view)) => {
                let (told, columns) = (view.told, view.schema(&to, at));
                self.put_entry(to.clone(), Entry::View(view));
                if !told {
                    return;
                }
                columns
            }
            Some(Entry::Forgotten(forgotten)) => {
                self.put_entry(to.clone(), Entry::Forgotten(forgotten));
                None
            }
            None => {
                let forgotten = Forgotten::unseen(self.fresh_id(from, Some(at)));
                self.put_entry(to.clone(), Entry::Forgotten(forgotten));
                None
            }
        };
        let mut renamed = change(DdlKind::RenameTable, text::rename(from, &to), &to, columns);
        renamed.renamed_from = Some(from.clone());
        events.push(Influence::Tables(influence), vec![renamed]);
    }
}
