//! All tables.

use super::charset::CharsetChoice;
use super::names::Names;
use super::refusal::Refusal;
use super::resting::Resting;
use super::table_id;
use super::tracked::Tracked;
use super::view::View;
use crate::sql::lowered;
use change_event::{CommitTs, TableName, TableSchema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every table's current shape.
///
/// Cheap to clone, and to change afterwards: what is the same in two moments is shared, so a checkpoint can keep the
/// one of its moment. Its serde form is a list of tables and of the databases' default charsets.
#[derive(Clone, Debug, PartialEq)]
pub struct Schemas {
    pub(super) server_charset: Arc<str>,
    /// The server keeps the names of databases and tables in lower case.
    pub(super) lower_case: bool,
    /// Databases that were created or altered in the log, and their default charsets.
    pub(super) databases: Arc<BTreeMap<String, String>>,
    pub(super) tables: Arc<Names>,
}

/// What is known of a name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// A table and its shape.
    Tracked(Arc<Resting>),
    /// There is, or may be, a table; its shape is not known until its next rows.
    Forgotten(Forgotten),
    /// There is a view.
    View(View),
    /// There is something else with a name like a table's that is none.
    Other(Other),
}

/// What has a name among the tables and is neither one nor a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Other {
    /// MariaDB's; in part a table: `DROP TABLE` drops it, and `OR REPLACE` makes one of a table.
    Sequence,
    /// A view or a sequence: earlier versions did not note which.
    Unsaid,
}

/// What outlives the shape of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Forgotten {
    pub(super) table_id: i64,
    pub(super) next_column_id: i64,
}

impl Default for Schemas {
    fn default() -> Self {
        Self::with_server_charset("utf8mb4")
    }
}

impl Schemas {
    /// No tables yet, on a server with this default charset.
    pub fn with_server_charset(charset: &str) -> Self {
        let server_charset = super::charset::canonical(charset).into();
        Self { server_charset, lower_case: false, databases: Arc::default(), tables: Arc::default() }
    }

    /// The same on a server that keeps the names of databases and tables in lower case, or not: one whose
    /// `lower_case_table_names` is 1 or 2. Statements may spell a name in any case there, rows never do.
    pub fn in_lower_case(self, lower_case: bool) -> Self {
        Self { lower_case, ..self }
    }

    /// The name of a database or a table, as the server keeps it.
    pub(crate) fn kept(&self, name: String) -> String {
        if self.lower_case { lowered(&name) } else { name }
    }

    /// The version of a table that no statement made, whose first rows come at `at`: it was there at the `start`. Unless a
    /// table may have had its name since then and lost it: readers pass over what is older than its end.
    pub(crate) fn first_version(&self, at: CommitTs, start: CommitTs) -> CommitTs {
        if self.tables.gone_at > start { at } else { start }
    }

    /// Notes a sequence that is there already: what happens to it concerns no table.
    pub fn note_sequence(&mut self, name: TableName) {
        self.put_entry(name, Entry::Other(Other::Sequence));
    }

    /// Whether both are the same moment's: shared, and not merely alike. Costs nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.databases, &other.databases) && Arc::ptr_eq(&self.tables, &other.tables)
    }

    /// The current schema of a table, if it is known.
    pub fn get(&self, name: &TableName) -> Option<Arc<TableSchema>> {
        self.tracked(name).map(|tracked| tracked.schema)
    }

    /// A table, woken: as text it takes less memory.
    pub(crate) fn tracked(&self, name: &TableName) -> Option<Tracked> {
        match self.tables.get(name)? {
            Entry::Tracked(table) => Some(table.wake()),
            Entry::Forgotten(_) | Entry::View(_) | Entry::Other(_) => None,
        }
    }

    /// The table behind a name, which must be known.
    pub(super) fn known(&self, name: &TableName) -> Result<Tracked, Refusal> {
        self.tracked(name).ok_or_else(|| Refusal::UnknownTable(name.clone()))
    }

    /// Whether the name is that of a table whose shape is known.
    pub(crate) fn knows(&self, name: &TableName) -> bool {
        matches!(self.tables.get(name), Some(Entry::Tracked(_)))
    }

    /// Whether the name is that of a view or a sequence.
    pub(crate) fn is_other(&self, name: &TableName) -> bool {
        matches!(self.tables.get(name), Some(Entry::View(_) | Entry::Other(_)))
    }

    /// Whether a statement about sequences would find this one.
    pub(super) fn is_a_sequence(&self, name: &TableName) -> bool {
        matches!(self.tables.get(name), Some(Entry::Other(_)))
    }

    /// Keeps a table under its schema's name, whatever was there.
    pub(super) fn put(&mut self, tracked: Tracked) -> Arc<TableSchema> {
        let entry = Entry::Tracked(Arc::new(Resting::new(&tracked)));
        self.put_entry(tracked.schema.name.clone(), entry);
        tracked.schema
    }

    pub(super) fn put_entry(&mut self, name: TableName, entry: Entry) {
        Arc::make_mut(&mut self.tables).insert(name, entry);
    }

    pub(super) fn remove(&mut self, name: &TableName) -> Option<Entry> {
        // Looked up first: a name that is not there must not make it another moment.
        self.tables.contains(name).then(|| Arc::make_mut(&mut self.tables).remove(name))?
    }

    /// Forgets the shape of a table, but not that there is one.
    pub(super) fn forget(&mut self, name: &TableName) {
        let forgotten = match self.tables.get(name) {
            Some(Entry::Forgotten(_) | Entry::View(_) | Entry::Other(_)) => return,
            Some(Entry::Tracked(table)) => {
                Forgotten { table_id: table.table_id, next_column_id: table.next_column_id }
            }
            None => Forgotten::unseen(self.fresh_id(name, None)),
        };
        self.put_entry(name.clone(), Entry::Forgotten(forgotten));
    }

    /// A number for a table that appears under this name. `at`: for the case that the name's own is taken.
    pub(super) fn fresh_id(&self, name: &TableName, at: Option<CommitTs>) -> i64 {
        let id = table_id::of_name(name);
        let taken = self.tables.with_id(id).is_some_and(|other| other != name);
        if taken { table_id::of_name_at(name, at.unwrap_or_default()) } else { id }
    }

    /// The default charset of a database's tables.
    pub(super) fn database_charset(&self, database: &str) -> String {
        self.databases.get(database).map_or(&*self.server_charset, String::as_str).to_owned()
    }

    /// What a choice means where `DEFAULT` stands for `fallback`.
    pub(super) fn choose(choice: Option<CharsetChoice>, fallback: String) -> String {
        match choice {
            Some(CharsetChoice::Named(charset)) => charset,
            Some(CharsetChoice::Default) | None => fallback,
        }
    }
}

impl Entry {
    pub(super) fn table_id(&self) -> Option<i64> {
        match self {
            Self::Tracked(table) => Some(table.table_id),
            Self::Forgotten(forgotten) => Some(forgotten.table_id),
            Self::View(view) => Some(view.table_id),
            Self::Other(_) => None,
        }
    }
}

impl Forgotten {
    /// A table that was never seen.
    pub(super) fn unseen(table_id: i64) -> Self {
        Self { table_id, next_column_id: 1 }
    }
}
