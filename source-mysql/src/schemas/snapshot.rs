//! The form that a checkpoint stores: plain lists, in the order of names.

use super::tracked::Tracked;
use super::tracker::{Entry, Forgotten, Schemas};
use change_event::TableName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// [`Schemas`] as they are stored.
#[derive(Serialize, Deserialize)]
pub(super) struct Snapshot {
    server_charset: String,
    /// The default charsets of databases.
    databases: BTreeMap<String, String>,
    tables: Vec<Arc<Tracked>>,
    /// Tables whose shape is not known until their next rows.
    #[serde(default)]
    forgotten: Vec<ForgottenTable>,
}

#[derive(Serialize, Deserialize)]
struct ForgottenTable {
    name: TableName,
    #[serde(flatten)]
    table: Forgotten,
}

impl From<Schemas> for Snapshot {
    fn from(schemas: Schemas) -> Self {
        let mut tables = Vec::new();
        let mut forgotten = Vec::new();
        for (name, entry) in schemas.tables.iter() {
            match entry {
                Entry::Tracked(tracked) => tables.push(Arc::clone(tracked)),
                Entry::Forgotten(table) => {
                    forgotten.push(ForgottenTable { name: TableName::clone(name), table: table.clone() });
                }
            }
        }
        let databases = BTreeMap::clone(&schemas.databases);
        Self { server_charset: schemas.server_charset.to_string(), databases, tables, forgotten }
    }
}

impl From<Snapshot> for Schemas {
    fn from(snapshot: Snapshot) -> Self {
        let tracked = snapshot.tables.into_iter().map(|tracked| {
            let name = Arc::new(tracked.schema.name.clone());
            (name, Entry::Tracked(tracked))
        });
        let forgotten = snapshot.forgotten.into_iter().map(|forgotten| {
            let name = Arc::new(forgotten.name);
            (name, Entry::Forgotten(forgotten.table))
        });
        Self {
            server_charset: snapshot.server_charset.into(),
            databases: Arc::new(snapshot.databases),
            tables: Arc::new(tracked.chain(forgotten).collect()),
        }
    }
}
