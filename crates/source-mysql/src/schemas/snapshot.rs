//! The form that a checkpoint stores: plain lists, in the order of names.

use super::names::Names;
use super::resting::Resting;
use super::tracker::{Entry, Forgotten, Other, Schemas};
use super::view::View;
use change_event::{CommitTs, TableName};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// [`Schemas`] as they are stored.
#[derive(Serialize, Deserialize)]
pub(super) struct Snapshot {
    server_charset: String,
    /// The default charsets of databases.
    databases: BTreeMap<String, String>,
    tables: Vec<Arc<Resting>>,
    /// Tables whose shape is not known until their next rows.
    #[serde(default)]
    forgotten: Vec<ForgottenTable>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    views: Vec<NamedView>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sequences: Vec<TableName>,
    /// Views and sequences, as earlier versions stored them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<TableName>,
    #[serde(default)]
    lower_case_names: bool,
    /// When a table went last.
    #[serde(default, skip_serializing_if = "is_never")]
    gone_at: CommitTs,
}

fn is_never(at: &CommitTs) -> bool {
    *at == CommitTs::default()
}

#[derive(Serialize, Deserialize)]
struct ForgottenTable {
    name: TableName,
    #[serde(flatten)]
    table: Forgotten,
}

#[derive(Serialize, Deserialize)]
struct NamedView {
    name: TableName,
    #[serde(flatten)]
    view: View,
}

impl Snapshot {
    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        let others = self.views.len() + self.sequences.len() + self.others.len();
        self.tables.len() + self.forgotten.len() + others
    }
}

impl Serialize for Schemas {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Snapshot::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schemas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Snapshot::deserialize(deserializer).map(Self::from)
    }
}

impl From<&Schemas> for Snapshot {
    fn from(schemas: &Schemas) -> Self {
        let mut tables = Vec::new();
        let mut forgotten = Vec::new();
        let (mut views, mut sequences, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (name, entry) in schemas.tables.iter() {
            match entry {
                Entry::Tracked(table) => tables.push(Arc::clone(table)),
                Entry::Forgotten(table) => {
                    forgotten.push(ForgottenTable { name: TableName::clone(name), table: table.clone() });
                }
                Entry::View(view) => {
                    views.push(NamedView { name: TableName::clone(name), view: view.clone() });
                }
                Entry::Other(other) => match other {
                    Other::Sequence => &mut sequences,
                    Other::Unsaid => &mut others,
                }
                .push(TableName::clone(name)),
            }
        }
        let databases = BTreeMap::clone(&schemas.databases);
        let (server_charset, lower_case_names) = (schemas.server_charset.to_string(), schemas.lower_case);
        let gone_at = schemas.tables.gone_at;
        Self {
            server_charset,
            databases,
            tables,
            forgotten,
            views,
            sequences,
            others,
            lower_case_names,
            gone_at,
        }
    }
}

impl From<Snapshot> for Schemas {
    fn from(snapshot: Snapshot) -> Self {
        let tracked = snapshot
            .tables
            .into_iter()
            .map(|table| (table.wake().schema.name.clone(), Entry::Tracked(table)));
        let forgotten = snapshot
            .forgotten
            .into_iter()
            .map(|forgotten| (forgotten.name, Entry::Forgotten(forgotten.table)));
        let views = snapshot.views.into_iter().map(|named| (named.name, Entry::View(named.view)));
        let others = [(snapshot.sequences, Other::Sequence), (snapshot.others, Other::Unsaid)];
        let others = others
            .into_iter()
            .flat_map(|(names, other)| names.into_iter().map(move |name| (name, Entry::Other(other))));
        let mut tables: Names = tracked.chain(forgotten).chain(views).chain(others).collect();
        tables.gone_at = snapshot.gone_at;
        Self {
            server_charset: snapshot.server_charset.into(),
            lower_case: snapshot.lower_case_names,
            databases: Arc::new(snapshot.databases),
            tables: Arc::new(tables),
        }
    }
}
