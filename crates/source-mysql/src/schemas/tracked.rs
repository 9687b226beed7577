//! One table: its schema, and what it takes to follow the next statement about it.

use super::charset::bytes_per_character;
use super::data_type::{is_blob, smallest_text};
use super::key_def::{KeyDef, KeyKind, Period};
use crate::sql::lowered;
use change_event::{Column, Generated, TableSchema};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A key of a table, by the names of its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) kind: KeyKind,
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// It has parts that are expressions, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) has_expressions: bool,
}

/// A table whose shape is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tracked {
    pub(super) schema: Arc<TableSchema>,
    pub(super) keys: Vec<Key>,
    /// The charset of a new column that names none.
    pub(super) charset: String,
    /// The id of the next new column: ids are not used again.
    pub(super) next_column_id: i64,
    /// Whether it is system-versioned; `None`: no statement made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) versioned: Option<bool>,
    /// The id of the column that was declared `GENERATED ALWAYS AS ROW END`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) row_end: Option<i64>,
    /// Its periods but for that of system versioning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) periods: Vec<Period>,
}

/// Whether two names mean the same column or key: case does not count.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one == other || lowered(one) == lowered(other)
}

/// Whether a column is the start or the end of a period.
fn spans(period: &Period, column: &str) -> bool {
    period.columns.iter().any(|name| same_name(name, column))
}

impl Tracked {
    /// A table as it is seen, with ids for its columns and without a statement behind it.
    pub(super) fn new(schema: TableSchema, charset: String, next_column_id: i64) -> Self {
        let mut tracked = Self {
            schema: Arc::new(schema),
            keys: Vec::new(),
            charset,
            next_column_id,
            versioned: None,
            row_end: None,
            periods: Vec::new(),
        };
        for index in 0..tracked.schema.columns.len() {
            let id = tracked.take_column_id();
            tracked.columns()[index].id = id;
        }
        tracked
    }

    /// Becomes the table that had this number. Its columns' ids follow those that were given out.
    pub(super) fn take_place_of(&mut self, table_id: i64, next_column_id: i64) {
        let passed = next_column_id - 1;
        Arc::make_mut(&mut self.schema).table_id = table_id;
        self.columns().iter_mut().for_each(|column| column.id += passed);
        self.row_end = self.row_end.map(|id| id + passed);
        self.next_column_id += passed;
    }

    /// The columns, to be changed.
    pub(super) fn columns(&mut self) -> &mut Vec<Column> {
        &mut Arc::make_mut(&mut self.schema).columns
    }

    pub(super) fn take_column_id(&mut self) -> i64 {
        self.next_column_id += 1;
        self.next_column_id - 1
    }

    pub(super) fn find_key(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|key| same_name(&key.name, name))
    }

    /// Adds a key. One without a name takes its first column's, numbered from `_2` where that is taken.
    pub(super) fn add_key(&mut self, def: KeyDef) {
        let name = match def.name {
            Some(name) => name,
            None => {
                let first = def.columns.first().map_or("functional_index", String::as_str);
                let numbered = (2..).map(|number| format!("{first}_{number}"));
                let mut names = std::iter::once(first.to_owned()).chain(numbered);
                names.find(|name| self.find_key(name).is_none()).unwrap_or_default()
            }
        };
        let KeyDef { kind, columns, has_expressions, .. } = def;
        self.keys.push(Key { kind, name, columns, has_expressions });
    }

    /// The column that says until when a row of a system-versioned table is the current one, if it is declared.
    pub(super) fn row_end(&self) -> Option<&Column> {
        let id = self.row_end.filter(|_| self.versioned == Some(true))?;
        self.schema.columns.iter().find(|column| column.id == id)
    }

    /// Adds a period. The one of system versioning is known by its columns.
    pub(super) fn add_period(&mut self, period: Period) {
        let known = self.periods.iter().any(|other| same_name(&other.name, &period.name));
        if !known && !same_name(&period.name, "SYSTEM_TIME") {
            self.periods.push(period);
        }
    }

    /// How many unique keys there are besides the primary one.
    pub(super) fn unique_keys(&self) -> usize {
        self.keys.iter().filter(|key| key.kind == KeyKind::Unique).count()
    }

    /// Sets the columns' key flags from the keys. A primary key's columns are NOT NULL, and stay so without it, and
    /// so are a period's. A key that names a period has its columns, and every key of a system-versioned table has
    /// the end of its rows.
    pub(super) fn settle_keys(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        let periods = std::mem::take(&mut self.periods);
        let row_end = self.row_end().map(|column| column.id);
        let is_part = |key: &Key, column: &Column| {
            let is_named = |name: &String| {
                same_name(name, &column.name)
                    || periods.iter().any(|p| same_name(&p.name, name) && spans(p, &column.name))
            };
            row_end == Some(column.id) || key.columns.iter().any(is_named)
        };
        for column in self.columns() {
            let part_of =
                |kinds: &[KeyKind]| keys.iter().any(|key| kinds.contains(&key.kind) && is_part(key, column));
            let primary = part_of(&[KeyKind::Primary]);
            let unique = part_of(&[KeyKind::Primary, KeyKind::Unique]);
            column.primary_key = primary;
            column.unique_key = unique;
            column.nullable &= !primary && !periods.iter().any(|period| spans(period, &column.name));
        }
        let columns = self.columns();
        let handle = handle_key(&keys, |key| columns.iter().filter(|column| is_part(key, column)).collect());
        let in_handle: Vec<bool> =
            columns.iter().map(|column| handle.is_some_and(|key| is_part(key, column))).collect();
        for (column, in_handle) in columns.iter_mut().zip(in_handle) {
            column.handle_key = in_handle;
        }
        self.keys = keys;
        self.periods = periods;
    }
}

/// The key that tells rows apart: the primary one, or of the unique ones that allow no NULL, and whose values are all in the
/// log, the first of those with the fewest columns. So the ancestor chooses.
fn handle_key<'k, 'c>(keys: &'k [Key], columns: impl Fn(&Key) -> Vec<&'c Column>) -> Option<&'k Key> {
    let tells_apart = |key: &&Key| match key.kind {
        KeyKind::Primary => true,
        KeyKind::Unique => {
            let is_sure = |column: &&Column| !column.nullable && column.generated != Generated::Virtual;
            !key.has_expressions && !key.columns.is_empty() && columns(key).iter().all(is_sure)
        }
        KeyKind::Plain => false,
    };
    let rank = |key: &&Key| (key.kind != KeyKind::Primary, columns(key).len());
    keys.iter().filter(tells_apart).min_by_key(rank)
}

/// Moves a text column to another charset. A text type grows where its characters may need more bytes.
pub(super) fn convert(column: &mut Column, charset: &str) {
    let Some(old) = column.charset.as_deref().filter(|old| column.kind.is_string() && *old != "binary")
    else {
        return;
    };
    if is_blob(column.kind) && charset != "binary" {
        let bytes = u64::from(column.kind.default_length().unwrap_or_default());
        let characters = bytes / u64::from(bytes_per_character(old));
        column.kind = smallest_text(characters * u64::from(bytes_per_character(charset)));
        column.length = column.kind.default_length();
    }
    column.charset = Some(charset.to_owned());
}
