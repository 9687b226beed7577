//! What is asked for a table and for each of its chunks.

use super::key::{Key, Place};
use crate::sql::quote;
use change_event::{ColumnKind, TableSchema};

/// The statements for one table.
#[derive(Clone, Debug)]
pub(super) struct Select {
    /// With its database, in backticks.
    table: String,
    columns: String,
    key: Option<Key>,
}

impl Select {
    pub(super) fn new(table: &TableSchema, key: Option<Key>) -> Self {
        let columns = table.columns.iter().map(|column| match column.kind {
            // The log has their numbers.
            ColumnKind::Enum | ColumnKind::Set => format!("CAST({} AS UNSIGNED)", quote(&column.name)),
            _ => quote(&column.name),
        });
        let name = &table.name;
        Self {
            table: format!("{}.{}", quote(&name.schema), quote(&name.table)),
            columns: columns.collect::<Vec<_>>().join(", "),
            key,
        }
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Asks where the chunk ends that begins behind a place: at its row of this number. Nothing comes for the last chunk.
    pub(super) fn end_of_chunk(&self, after: Option<&Place>, rows: u64) -> Option<String> {
        let key = self.key.as_ref()?;
        let behind = after.map(|place| format!(" WHERE {}", key.is_behind(place))).unwrap_or_default();
        let (table, offset) = (&self.table, rows.max(1) - 1);
        Some(format!(
            "SELECT {} FROM {table} FORCE INDEX ({}){behind} ORDER BY {} LIMIT 1 OFFSET {offset}",
            key.shown(),
            key.index,
            key.order()
        ))
    }

    /// The rows behind one place and up to another.
    pub(super) fn rows(&self, after: Option<&Place>, up_to: Option<&Place>) -> String {
        let Self { table, columns, key } = self;
        let conditions: Vec<String> = key
            .iter()
            .flat_map(|key| [after.map(|place| key.is_behind(place)), up_to.map(|place| key.is_up_to(place))])
            .flatten()
            .collect();
        let index = key.as_ref().filter(|_| !conditions.is_empty());
        let index = index.map(|key| format!(" FORCE INDEX ({})", key.index)).unwrap_or_default();
        let wanted = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        format!("SELECT {columns} FROM {table}{index}{wanted}")
    }
}
