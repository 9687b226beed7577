//! Views: what is told of them, and what is known of them afterwards.
//!
//! A log has the text of a view's query and nothing of what the query gives. So a view's columns are the names that its
//! statement spells out, without types, which is what TiDB knows of them, too; or nothing, where it does not name all.

use super::events::{Events, change};
use super::text::{self, Text};
use super::tracker::{Entry, Other, Schemas};
use change_event::{Column, ColumnKind, CommitTs, DdlKind, Influence, TableName, TableSchema};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is known of a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct View {
    /// Its number, which stays with it as a table's does.
    pub(super) table_id: i64,
    /// Whether readers were told of it: not if it was there before the log.
    pub(super) told: bool,
    /// Its columns; none if its statement does not name them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
}

impl View {
    /// Its columns as a schema file shows them.
    pub(super) fn schema(&self, name: &TableName, at: CommitTs) -> Option<Arc<TableSchema>> {
        let column = |(id, name): (i64, &String)| Column { id, ..Column::new(name, ColumnKind::Unspecified) };
        let columns: Vec<Column> = (1..).zip(&self.columns).map(column).collect();
        let (name, table_id) = (name.clone(), self.table_id);
        let schema = TableSchema { name, table_id, partition: None, version: at.0, columns };
        (!schema.columns.is_empty()).then(|| Arc::new(schema))
    }
}

impl Schemas {
    /// Notes a view that is there already, and that no reader knows.
    pub fn note_view(&mut self, name: TableName) {
        let table_id = self.fresh_id(&name, None);
        self.put_entry(name, Entry::View(View { table_id, told: false, columns: Vec::new() }));
    }

    /// Whether the name is that of a view.
    pub(crate) fn is_view(&self, name: &TableName) -> bool {
        matches!(self.tables.get(name), Some(Entry::View(_)))
    }

    /// A new view, or another query for one. It waits for everybody, as its query may be about any table.
    pub(super) fn create_view(
        &mut self,
        name: TableName,
        if_not_exists: bool,
        columns: Vec<String>,
        text: &Text<'_>,
        events: &mut Events,
    ) {
        if if_not_exists && self.tables.contains(&name) {
            return;
        }
        let at = events.next_at();
        let table_id = match self.tables.get(&name) {
            Some(Entry::View(view)) => view.table_id,
            _ => self.fresh_id(&name, Some(at)),
        };
        // A statement that stands outside of the log commits at 0.
        let view = View { table_id, told: at > CommitTs::default(), columns };
        let created = change(DdlKind::CreateView, text.alone(), &name, view.schema(&name, at));
        self.put_entry(name, Entry::View(view));
        events.push(Influence::All, vec![created]);
    }

    /// A change each. One that is not known was there all the same, unless the statement allows that it was not.
    pub(super) fn drop_views(&mut self, views: &[TableName], if_exists: bool, events: &mut Events) {
        let at = events.next_at();
        let mut dropped = Vec::new();
        for view in views {
            let columns = match self.tables.get(view).cloned() {
                // DROP VIEW leaves tables and sequences alone.
                Some(Entry::Tracked(_) | Entry::Forgotten(_) | Entry::Other(Other::Sequence)) => continue,
                None if if_exists => continue,
                Some(Entry::View(known)) => known.schema(view, at),
                Some(Entry::Other(Other::Unsaid)) | None => None,
            };
            self.remove(view);
            dropped.push(change(DdlKind::DropView, text::drop_view(view), view, columns));
        }
        events.push(Influence::Tables(Vec::new()), dropped);
    }
}
