//! What one attempt at a copy writes.

use crate::Schemas;
use crate::sql::quote;
use change_event::{CommitTs, DdlChange, DdlEvent, DdlKind, Influence, TableName, TableSchema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One attempt: what it writes, and up to which commit-ts. Save it before the first event of the attempt is handed on, and
/// give it to the next attempt if this one does not come to its end: that one first takes back all of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// What consumers may be told while the copy is under way: everything of all attempts is above it.
    pub checkpoint: CommitTs,
    /// The commit-ts of the rows, above that of the statements before them.
    pub commit_ts: CommitTs,
    /// The tables that it writes, whatever a later attempt takes.
    pub tables: BTreeSet<TableName>,
    /// The databases that it makes.
    pub databases: BTreeSet<String>,
    /// Their shapes, and those of others.
    pub schemas: Schemas,
    /// Tables of the attempts before it that it does not write again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub older_tables: Vec<Arc<TableSchema>>,
    /// Databases of the attempts before it that it does not write again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub older_databases: Vec<String>,
}

impl Attempt {
    /// The tables and databases of this attempt, and of those before it, that the next one does not write again.
    pub(super) fn left_by(&self, next: &Schemas) -> (Vec<Arc<TableSchema>>, Vec<String>) {
        let tables = self.written().filter(|schema| next.get(&schema.name).is_none());
        (tables.collect(), self.databases_without(next).map(str::to_owned).collect())
    }

    fn written(&self) -> impl Iterator<Item = Arc<TableSchema>> {
        self.tables.iter().filter_map(|name| self.schemas.get(name)).chain(self.older_tables.iter().cloned())
    }

    fn databases_without<'a>(&'a self, next: &'a Schemas) -> impl Iterator<Item = &'a str> {
        let made = self.databases.iter().chain(&self.older_databases).map(String::as_str);
        made.filter(|name| !next.has_database(name))
    }

    /// The statements that take back what it may have written, at rising commit-ts from `first` on. `now`: what there is
    /// to be written next; databases that are in it stay.
    pub(super) fn taken_back(&self, now: &Schemas, first: CommitTs) -> Vec<DdlEvent> {
        let tables = self.written().map(|schema| {
            let name = &schema.name;
            let change = DdlChange {
                kind: DdlKind::DropTable,
                query: format!("DROP TABLE IF EXISTS {}.{}", quote(&name.schema), quote(&name.table)),
                schema: name.schema.clone(),
                table: name.table.clone(),
                columns: Some(schema.clone()),
                renamed_from: None,
            };
            (Influence::Tables(vec![name.clone()]), change)
        });
        let databases = self.databases_without(now).map(|name| {
            let change = DdlChange {
                kind: DdlKind::DropDatabase,
                query: format!("DROP DATABASE IF EXISTS {}", quote(name)),
                schema: name.to_owned(),
                table: String::new(),
                columns: None,
                renamed_from: None,
            };
            (Influence::Database(name.to_owned()), change)
        });
        let changes = tables.chain(databases).zip(first.0..);
        changes
            .map(|((influence, change), ts)| DdlEvent {
                commit_ts: CommitTs(ts),
                influence,
                changes: vec![change],
            })
            .collect()
    }
}
