//! DROP TABLE.

use super::follow::{Effect, change};
use super::lexeme::quote;
use super::tracker::{Entry, Schemas};
use change_event::{DdlKind, Influence, TableName};
use std::sync::Arc;

/// A table's full name in backticks.
pub(super) fn quoted(name: &TableName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.table))
}

impl Schemas {
    /// A change each, with the columns that the table had; without columns for one that is not known: it may
    /// be there all the same.
    pub(super) fn drop_tables(&mut self, tables: Vec<TableName>, sql: &str) -> Effect {
        let one = tables.len() == 1;
        let changes = tables.iter().map(|table| {
            let columns = match self.remove(table) {
                Some(Entry::Tracked(tracked)) => Some(Arc::clone(&tracked.schema)),
                Some(Entry::Forgotten(_)) | None => None,
            };
            let query = if one { sql.to_owned() } else { format!("DROP TABLE {}", quoted(table)) };
            change(DdlKind::DropTable, query, table, columns)
        });
        let changes = changes.collect();
        Some((Influence::Tables(tables), changes))
    }
}
