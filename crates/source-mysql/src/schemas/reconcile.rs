//! What a table map shows, against what is tracked.
//!
//! A table map with full metadata shows names, types, signs, lengths, digits, charsets, members, nullability
//! and the primary key. It shows no display widths, defaults, unique keys or generated columns: what a
//! statement said about those is kept as long as the rest fits. Some things look different and are the same:
//!
//! * MariaDB's `JSON` is a `LONGTEXT` in utf8mb4, its `VECTOR` a `VARBINARY`;
//! * a table without a primary key shows its first unique key over NOT NULL columns instead;
//! * the keys of a system-versioned table have the end of its rows besides their own columns;
//! * `utf8` is `utf8mb3`.

use super::charset::canonical;
use super::key_def::{KeyDef, KeyKind};
use super::tracked::{Tracked, same_name};
use super::tracker::{Entry, Schemas};
use change_event::{Column, ColumnKind, CommitTs, TableSchema};
use std::sync::Arc;

/// What a table map means for its table. The schema is the one that the table's rows have.
#[derive(Clone, Debug, PartialEq)]
pub enum Reconciled {
    /// It is as tracked.
    Known(Arc<TableSchema>),
    /// The first sight of this table: it takes the version `start`, or `at` if it may be another one than was there then.
    Learned(Arc<TableSchema>),
    /// It differs from what was tracked: it takes the version `at`, and must go behind a drain.
    Changed(Arc<TableSchema>),
}

impl Schemas {
    /// Takes note of what a table map shows at commit-ts `at`. `start` is where the source began to read.
    ///
    /// The ids in `seen` do not count: a table keeps its own, and columns keep theirs by name.
    pub fn reconcile(&mut self, mut seen: TableSchema, at: CommitTs, start: CommitTs) -> Reconciled {
        // The log names a charset for ENUM and SET too; a column has one only where it decides text or bytes.
        seen.columns
            .iter_mut()
            .filter(|column| !column.kind.is_string())
            .for_each(|column| column.charset = None);
        match self.tables.get(&seen.name) {
            Some(Entry::Tracked(table)) => {
                let tracked = table.wake();
                if shows(&tracked, &seen) {
                    return Reconciled::Known(tracked.schema);
                }
                let merged = merge(&tracked, seen, at);
                Reconciled::Changed(self.put(merged))
            }
            Some(Entry::Forgotten(forgotten)) => {
                let (table_id, next_column_id) = (forgotten.table_id, forgotten.next_column_id);
                Reconciled::Changed(self.learn(seen, at, table_id, next_column_id))
            }
            Some(Entry::View(_) | Entry::Other(_)) | None => {
                let version = self.first_version(at, start);
                let table_id = self.fresh_id(&seen.name, Some(version));
                Reconciled::Learned(self.learn(seen, version, table_id, 1))
            }
        }
    }

    /// Tracks a table from its map alone. Its default charset is a guess: its first text column's, else its
    /// database's.
    fn learn(&mut self, seen: TableSchema, at: CommitTs, table_id: i64, column_id: i64) -> Arc<TableSchema> {
        let schema = TableSchema { table_id, version: at.0, partition: None, ..seen };
        let text = schema.columns.iter().filter(|column| column.kind.is_string() && !column.is_binary());
        let charset = text.filter_map(|column| column.charset.as_deref()).map(canonical).next();
        let charset = charset.unwrap_or_else(|| self.database_charset(&schema.name.schema));
        let primary: Vec<String> = schema.primary_key().map(str::to_owned).collect();
        let mut tracked = Tracked::new(schema, charset, column_id);
        add_primary_key(&mut tracked, primary);
        self.put(tracked)
    }
}

fn add_primary_key(tracked: &mut Tracked, columns: Vec<String>) {
    if !columns.is_empty() {
        let name = Some("PRIMARY".to_owned());
        let (kind, has_expressions, if_not_exists) = (KeyKind::Primary, false, false);
        tracked.add_key(KeyDef { kind, name, columns, has_expressions, if_not_exists });
    }
    tracked.settle_keys();
}

/// Whether a table map of the tracked table would show this.
fn shows(tracked: &Tracked, seen: &TableSchema) -> bool {
    let columns = &tracked.schema.columns;
    columns.len() == seen.columns.len()
        && columns.iter().zip(&seen.columns).all(|(column, seen)| {
            let nullable = seen.nullable && !seen.primary_key;
            column.name == seen.name && same_type(column, seen) && column.nullable == nullable
        })
        && same_primary_key(tracked, seen)
}

/// Whether a column's type looks the same in a table map.
fn same_type(tracked: &Column, seen: &Column) -> bool {
    use ColumnKind::*;
    let json_as_text = tracked.kind == Json && seen.kind == LongText;
    if json_as_text {
        return seen.charset.as_deref().is_none_or(|charset| charset == "utf8mb4");
    }
    if tracked.kind == Vector && seen.kind == VarChar {
        return seen.is_binary();
    }
    if plain(tracked.kind) != plain(seen.kind) {
        return false;
    }
    let same_sign = tracked.unsigned == seen.unsigned;
    let same_length = tracked.length_or_default() == seen.length_or_default();
    let same_decimals = tracked.decimals.unwrap_or(0) == seen.decimals.unwrap_or(0);
    match tracked.kind {
        TinyInt | SmallInt | MediumInt | Int | BigInt | Float | Double => same_sign,
        Decimal => same_sign && same_length && same_decimals,
        Bit => same_length,
        DateTime | Timestamp | Time => same_decimals,
        Char | VarChar | VarString => same_length && same_charset(tracked, seen),
        TinyText | Text | MediumText | LongText => same_charset(tracked, seen),
        Enum | Set => seen.members.is_empty() || tracked.members == seen.members,
        Year | Date | Json | Vector | Geometry | Unspecified => true,
    }
}

/// The log does not tell the two names of a variable string apart.
fn plain(kind: ColumnKind) -> ColumnKind {
    if kind == ColumnKind::VarString { ColumnKind::VarChar } else { kind }
}

fn same_charset(tracked: &Column, seen: &Column) -> bool {
    match (&tracked.charset, &seen.charset) {
        (Some(tracked), Some(seen)) => canonical(tracked) == canonical(seen),
        _ => true,
    }
}

/// Whether the key that a table map calls primary is the tracked one, or stands in for one.
fn same_primary_key(tracked: &Tracked, seen: &TableSchema) -> bool {
    let shown: Vec<&str> = seen.primary_key().collect();
    if tracked.schema.primary_key().eq(shown.iter().copied()) {
        return true;
    }
    // Every key of a system-versioned table has it, named or not.
    let row_end = tracked.row_end().map(|column| column.name.as_str());
    let shown: Vec<&str> = shown.into_iter().filter(|name| Some(*name) != row_end).collect();
    let has_primary = tracked.schema.primary_key().next().is_some();
    let not_null =
        |name: &str| tracked.schema.columns.iter().any(|column| column.name == name && !column.nullable);
    !has_primary
        && tracked.keys.iter().any(|key| {
            key.kind == KeyKind::Unique
                && key.columns.len() == shown.len()
                && shown.iter().all(|name| not_null(name) && key.columns.iter().any(|c| same_name(c, name)))
        })
}

/// What is seen, with what only a statement could have said of the columns that still fit.
fn merge(tracked: &Tracked, seen: TableSchema, at: CommitTs) -> Tracked {
    let same_key = same_primary_key(tracked, &seen);
    let primary: Vec<String> = seen.primary_key().map(str::to_owned).collect();
    let mut merged = Tracked::clone(tracked);
    let columns: Vec<Column> = seen
        .columns
        .into_iter()
        .map(|seen| match tracked.schema.columns.iter().find(|column| column.name == seen.name) {
            Some(column) if same_type(column, &seen) => Column { nullable: seen.nullable, ..column.clone() },
            Some(column) => Column { id: column.id, ..seen },
            None => Column { id: merged.take_column_id(), ..seen },
        })
        .collect();
    let schema = Arc::make_mut(&mut merged.schema);
    schema.version = at.0;
    schema.columns = columns;
    let names: Vec<String> = schema.columns.iter().map(|column| column.name.clone()).collect();
    merged.keys.retain(|key| {
        let all_there = key.columns.iter().all(|column| names.iter().any(|name| same_name(name, column)));
        all_there && (same_key || key.kind != KeyKind::Primary)
    });
    add_primary_key(&mut merged, if same_key { Vec::new() } else { primary });
    merged
}
