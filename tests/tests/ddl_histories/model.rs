//! What a database holds: tables with columns and rows, and views. It knows nothing of the code under test.

use change_event::TableName;
use std::collections::{BTreeMap, BTreeSet};

/// A value; every type but text is a number here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Null,
    Number(i64),
    Text(String),
}

impl Cell {
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
        }
    }
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Number,
    Text,
}

impl Kind {
    pub fn sql(self) -> &'static str {
        match self {
            Self::Number => "INT",
            Self::Text => "VARCHAR(20)",
        }
    }
}

/// One row: `id`, and the others by name.
pub type Row = BTreeMap<String, Cell>;

/// A table, whose primary key is `id`.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// In their order, `id` among them.
    pub columns: Vec<(String, Option<Kind>)>,
    pub rows: BTreeMap<i64, Row>,
}

impl Table {
    pub fn new(columns: Vec<(String, Kind)>) -> Self {
        let others = columns.into_iter().map(|(name, kind)| (name, Some(kind)));
        Self { columns: std::iter::once(("id".to_owned(), None)).chain(others).collect(), ..Self::default() }
    }

    /// The same columns, and no row.
    pub fn emptied(&self) -> Self {
        Self { columns: self.columns.clone(), ..Self::default() }
    }

    pub fn others(&self) -> Vec<(String, Kind)> {
        self.columns.iter().filter_map(|(name, kind)| Some((name.clone(), (*kind)?))).collect()
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(name, _)| name == column)
    }

    /// What is behind this column, or in front of all.
    pub fn add(&mut self, column: &str, kind: Kind, behind: Option<&str>) {
        let at = behind.map_or(0, |behind| 1 + self.columns.iter().position(|(n, _)| n == behind).unwrap());
        self.columns.insert(at, (column.to_owned(), Some(kind)));
        self.rows.values_mut().for_each(|row| drop(row.insert(column.to_owned(), Cell::Null)));
    }

    pub fn drop_column(&mut self, column: &str) {
        self.columns.retain(|(name, _)| name != column);
        self.rows.values_mut().for_each(|row| drop(row.remove(column)));
    }

    pub fn rename_column(&mut self, from: &str, to: &str) {
        let renamed = self.columns.iter_mut().filter(|(name, _)| name == from);
        renamed.for_each(|(name, _)| to.clone_into(name));
        for row in self.rows.values_mut() {
            let cell = row.remove(from).unwrap();
            row.insert(to.to_owned(), cell);
        }
    }

    /// A row's values in the order of the columns.
    pub fn values(&self, row: &Row) -> Vec<Cell> {
        self.columns.iter().map(|(name, _)| row[name].clone()).collect()
    }

    /// All rows, as a reader has them.
    pub fn texts(&self) -> Vec<Vec<Option<String>>> {
        let texts = |row| self.values(row).iter().map(Cell::text).collect();
        let mut rows: Vec<_> = self.rows.values().map(texts).collect();
        rows.sort();
        rows
    }

    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub databases: BTreeSet<String>,
    pub tables: BTreeMap<TableName, Table>,
    pub views: BTreeSet<TableName>,
}

impl Model {
    /// A name in a database that is there, which nothing has.
    pub fn is_free(&self, name: &TableName) -> bool {
        let taken = self.tables.contains_key(name) || self.views.contains(name);
        self.databases.contains(&name.schema) && !taken
    }

    pub fn rename(&mut self, from: &TableName, to: &TableName) {
        let table = self.tables.remove(from).unwrap();
        self.tables.insert(to.clone(), table);
    }

    pub fn drop_database(&mut self, database: &str) {
        self.databases.remove(database);
        self.tables.retain(|name, _| name.schema != database);
        self.views.retain(|name| name.schema != database);
    }
}
