//! RENAME TABLE: one pair after the other, so that names can be swapped over a third.

use super::drop::quoted;
use super::follow::{Effect, change};
use super::tracked::Tracked;
use super::tracker::{Entry, Forgotten, Schemas};
use change_event::{CommitTs, DdlChange, DdlKind, Influence, TableName};
use std::sync::Arc;

impl Schemas {
    /// A change each. A table that is not known is renamed without columns; its next rows show them.
    pub(super) fn rename_tables(
        &mut self,
        pairs: &[(TableName, TableName)],
        sql: &str,
        at: CommitTs,
    ) -> Effect {
        let influence = self.touched_by(pairs);
        let one = pairs.len() == 1;
        let changes = pairs.iter().map(|(from, to)| {
            let query =
                if one { sql.to_owned() } else { format!("RENAME TABLE {} TO {}", quoted(from), quoted(to)) };
            self.rename_table(from, to, query, at)
        });
        let changes = changes.collect();
        Some((Influence::Tables(influence), changes))
    }

    /// The tables behind the pairs, by their names before the statement: the old names but for those that an
    /// earlier pair makes, and the new names that are known already.
    fn touched_by(&self, pairs: &[(TableName, TableName)]) -> Vec<TableName> {
        let mut touched: Vec<TableName> = Vec::new();
        for (index, (from, to)) in pairs.iter().enumerate() {
            let made_here = pairs[..index].iter().any(|(_, earlier)| earlier == from);
            let names = [(!made_here).then_some(from), self.tables.contains_key(to).then_some(to)];
            for name in names.into_iter().flatten() {
                if !touched.contains(name) {
                    touched.push(name.clone());
                }
            }
        }
        touched
    }

    fn rename_table(&mut self, from: &TableName, to: &TableName, query: String, at: CommitTs) -> DdlChange {
        let columns = match self.remove(from) {
            Some(Entry::Tracked(tracked)) => {
                let mut tracked = Tracked::clone(&tracked);
                let schema = Arc::make_mut(&mut tracked.schema);
                schema.name.clone_from(to);
                schema.version = at.0;
                Some(self.put(tracked))
            }
            Some(Entry::Forgotten(forgotten)) => {
                self.put_forgotten(to.clone(), forgotten);
                None
            }
            None => {
                let forgotten = Forgotten::unseen(self.fresh_id(from, Some(at)));
                self.put_forgotten(to.clone(), forgotten);
                None
            }
        };
        let mut renamed = change(DdlKind::RenameTable, query, to, columns);
        renamed.renamed_from = Some(from.clone());
        renamed
    }
}
