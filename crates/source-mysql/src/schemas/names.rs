//! What is known of every name, at one moment after the other.
//!
//! Each mark of a log keeps the tables of its moment, and a log may have thousands of tables and of statements that
//! change one. So the moments share all that is the same in them: a change copies a path, not the map.

use super::tracker::Entry;
use change_event::{CommitTs, TableName};
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

/// Names and what they stand for. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Names {
    entries: RedBlackTreeMapSync<Arc<TableName>, Entry>,
    /// The names of tables by their numbers.
    by_id: RedBlackTreeMapSync<i64, Arc<TableName>>,
    /// When a table went last, or lost its name.
    pub(super) gone_at: CommitTs,
}

impl Names {
    pub(super) fn get(&self, name: &TableName) -> Option<&Entry> {
        self.entries.get(name)
    }

    pub(super) fn contains(&self, name: &TableName) -> bool {
        self.entries.contains_key(name)
    }

    /// In the order of names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&TableName, &Entry)> {
        self.entries.iter().map(|(name, entry)| (&**name, entry))
    }

    /// The names in a database.
    pub(super) fn of_database(&self, database: &str) -> Vec<Arc<TableName>> {
        let first = TableName::new(database, "");
        let names = self.entries.range::<TableName, _>(&first..).map(|(name, _)| name);
        names.take_while(|name| name.schema == database).cloned().collect()
    }

    /// Whose number it is.
    pub(super) fn with_id(&self, id: i64) -> Option<&TableName> {
        self.by_id.get(&id).map(|name| &**name)
    }

    /// Puts an entry under a name, whatever was there.
    pub(super) fn insert(&mut self, name: TableName, entry: Entry) {
        self.remove(&name);
        let name = Arc::new(name);
        if let Some(id) = entry.table_id() {
            self.by_id.insert_mut(id, Arc::clone(&name));
        }
        self.entries.insert_mut(name, entry);
    }

    /// Takes away what is under a name.
    pub(super) fn remove(&mut self, name: &TableName) -> Option<Entry> {
        let entry = self.entries.get(name).cloned()?;
        self.entries.remove_mut(name);
        // A rename may have given the number to another name already.
        if let Some(id) = entry.table_id()
            && self.with_id(id) == Some(name)
        {
            self.by_id.remove_mut(&id);
        }
        Some(entry)
    }
}

impl FromIterator<(TableName, Entry)> for Names {
    fn from_iter<I: IntoIterator<Item = (TableName, Entry)>>(entries: I) -> Self {
        let mut names = Self::default();
        entries.into_iter().for_each(|(name, entry)| names.insert(name, entry));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::super::tracker::Forgotten;
    use super::*;

    fn entry(table_id: i64) -> Entry {
        Entry::Forgotten(Forgotten { table_id, next_column_id: 1 })
    }

    fn name(text: &str) -> TableName {
        let (schema, table) = text.split_once('.').unwrap();
        TableName::new(schema, table)
    }

    #[test]
    fn a_number_stays_with_its_table_through_a_rename() {
        let mut names = Names::default();
        names.insert(name("a.x"), entry(1));
        names.insert(name("a.y"), entry(1));
        names.remove(&name("a.x"));
        assert_eq!(names.with_id(1), Some(&name("a.y")));
        names.insert(name("a.y"), entry(2));
        assert_eq!((names.with_id(1), names.with_id(2)), (None, Some(&name("a.y"))));
    }

    #[test]
    fn a_database_has_its_own_names_and_not_its_neighbours() {
        let names: Names = ["a.x", "ab.x", "b.", "b.x", "b.y", "ba.x"]
            .map(|text| (name(text), entry(1)))
            .into_iter()
            .collect();
        let of_b: Vec<String> = names.of_database("b").iter().map(|name| name.table.clone()).collect();
        assert_eq!(of_b, ["", "x", "y"]);
        assert!(names.of_database("c").is_empty());
    }

    #[test]
    fn an_earlier_moment_keeps_what_it_had() {
        let mut names: Names = [(name("a.x"), entry(1))].into_iter().collect();
        let before = names.clone();
        names.remove(&name("a.x"));
        assert!(before.contains(&name("a.x")) && !names.contains(&name("a.x")));
    }
}
