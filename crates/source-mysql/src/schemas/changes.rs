//! What differs between two moments: a checkpoint stores it instead of all tables again.

use super::names::Names;
use super::snapshot::Snapshot;
use super::tracker::{Entry, Schemas};
use change_event::TableName;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What makes one moment's [`Schemas`] of an earlier one's. To be stored: as serde forms it.
#[derive(Serialize, Deserialize)]
pub struct SchemaChanges {
    /// The tables that are new or have changed; and everything that is not a table, as it is now.
    #[serde(flatten)]
    now: Snapshot,
    /// Names that are there no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gone: Vec<TableName>,
}

impl Schemas {
    /// What has changed since an earlier moment. Takes a look at each table, and copies none.
    pub fn changes_since(&self, before: &Self) -> SchemaChanges {
        let changed =
            self.tables.iter().filter(|(name, entry)| !before.tables.get(name).is_some_and(|e| e.is(entry)));
        let mut changed: Names = changed.map(|(name, entry)| (name.clone(), entry.clone())).collect();
        changed.gone_at = self.tables.gone_at;
        let gone = before.tables.iter().map(|(name, _)| name).filter(|name| !self.tables.contains(name));
        let gone = gone.cloned().collect();
        SchemaChanges { now: Snapshot::from(&Self { tables: Arc::new(changed), ..self.clone() }), gone }
    }

    /// The moment that changes since this one lead to.
    #[must_use]
    pub fn with_changes(self, changes: SchemaChanges) -> Self {
        let changed = Self::from(changes.now);
        let mut tables = self.tables;
        let all = Arc::make_mut(&mut tables);
        all.gone_at = changed.tables.gone_at;
        changes.gone.iter().for_each(|name| drop(all.remove(name)));
        changed.tables.iter().for_each(|(name, entry)| all.insert(name.clone(), entry.clone()));
        Self { tables, ..changed }
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.tables.iter().count()
    }

    /// Whether nothing is known of any name.
    pub fn is_empty(&self) -> bool {
        self.tables.iter().next().is_none()
    }
}

impl SchemaChanges {
    /// Of how many names something is told.
    pub fn len(&self) -> usize {
        self.now.len() + self.gone.len()
    }

    /// Whether no name has changed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Entry {
    /// Whether both are the same, without a look into shapes that two moments share.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tracked(one), Self::Tracked(other)) => Arc::ptr_eq(one, other) || one == other,
            (one, other) => one == other,
        }
    }
}
