//! All tables, rebuilt in a consumer's order (`output-format` 2.7 and 10.2).
//!
//! Version by version, every table advances together: within a version first the DDLs, then the data directories.

use super::duplicates::{Streams, directories};
use super::{Bucket, ColumnDef, DataFile, SchemaFile, Table, TableKey, Violation, ddl_text};
use std::collections::{BTreeMap, BTreeSet};

/// What a consumer makes of a bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replayed {
    /// The tables that exist at the end.
    pub tables: BTreeMap<TableKey, Table>,
    /// The views that exist at the end.
    pub views: BTreeSet<TableKey>,
    /// How many rows were left out because they were there before.
    pub repeated_rows: usize,
}

/// Kinds of DDL that are more than new columns (`output-format` section 13).
mod kind {
    pub(super) const CREATE_SCHEMA: u64 = 1;
    pub(super) const DROP_SCHEMA: u64 = 2;
    pub(super) const CREATE_TABLE: u64 = 3;
    pub(super) const DROP_TABLE: u64 = 4;
    pub(super) const TRUNCATE_TABLE: u64 = 11;
    pub(super) const RENAME_TABLE: u64 = 14;
    pub(super) const CREATE_VIEW: u64 = 21;
    pub(super) const DROP_VIEW: u64 = 24;
    pub(super) const RENAME_TABLES: u64 = 47;
    pub(super) const CREATE_TABLES: u64 = 60;
}

impl Bucket {
    /// Rebuilds every table.
    ///
    /// # Errors
    /// The first promise that shows as broken only when everything is put together.
    pub fn replay(&self) -> Result<Replayed, Violation> {
        let mut replayed = Replayed::default();
        let mut streams = Streams::new(self.options.restarts);
        let mut directories = directories(&self.files).peekable();
        let versions: BTreeSet<u64> = self.schema_files.iter().map(|schema| schema.version).collect();
        for version in versions {
            let of_version = |schema: &&SchemaFile| schema.version == version;
            let schemas: Vec<&SchemaFile> = self.schema_files.iter().filter(of_version).collect();
            self.apply_ddls(&mut replayed, &schemas)?;
            while let Some(directory) = directories.next_if(|files| files[0].owner.dir.version == version) {
                apply_rows(&mut replayed, &mut streams, directory)?;
            }
        }
        Ok(replayed)
    }

    /// Applies the DDLs of one version: one after the other, but renames in the order in which they can be done.
    fn apply_ddls(&self, replayed: &mut Replayed, schemas: &[&SchemaFile]) -> Result<(), Violation> {
        let mut renames = Vec::new();
        for &schema in schemas.iter().filter(|schema| !schema.query.is_empty()) {
            match schema.kind {
                kind::RENAME_TABLE | kind::RENAME_TABLES => renames.push(Rename::parse(schema)?),
                _ => self.apply_ddl(replayed, schema)?,
            }
        }
        while !renames.is_empty() {
            let tables = &mut replayed.tables;
            let produced: BTreeSet<&TableKey> = renames.iter().map(|rename| &rename.schema.key).collect();
            // A table without rows may have no file at all under its old name.
            let has_source =
                |rename: &Rename<'_>| tables.contains_key(&rename.old) || !produced.contains(&rename.old);
            let next = renames
                .iter()
                .position(|rename| has_source(rename) && !tables.contains_key(&rename.schema.key));
            let Some(next) = next else {
                return Err(renames[0].refused("its new name is taken"));
            };
            let Rename { old, schema } = renames.swap_remove(next);
            if replayed.views.remove(&old) {
                replayed.views.insert(schema.key.clone());
                continue;
            }
            let columns = self.columns_of(schema);
            let mut table = tables.remove(&old).unwrap_or_else(|| Table::new(columns.clone()));
            table.reshape(&columns, &ddl_text::renamed_columns(&schema.query));
            tables.insert(schema.key.clone(), table);
        }
        Ok(())
    }

    fn apply_ddl(&self, replayed: &mut Replayed, schema: &SchemaFile) -> Result<(), Violation> {
        let Replayed { tables, views, .. } = replayed;
        let key = &schema.key;
        let taken = |by_whom| Violation::NameTaken { name: key.clone(), version: schema.version, by_whom };
        let says = |words: &[&str]| ddl_text::contains(&schema.query, words);
        match schema.kind {
            kind::DROP_SCHEMA => {
                tables.retain(|table, _| table.schema != key.schema);
                views.retain(|view| view.schema != key.schema);
            }
            // A view has no rows, so it takes nothing of its name but the name.
            kind::CREATE_VIEW if tables.contains_key(key) => return Err(taken("a table")),
            kind::CREATE_VIEW => drop(views.insert(key.clone())),
            kind::DROP_VIEW => drop(views.remove(key)),
            kind::DROP_TABLE => drop(tables.remove(key)),
            kind::CREATE_TABLE | kind::CREATE_TABLES if views.contains(key) => return Err(taken("a view")),
            kind::CREATE_TABLE | kind::CREATE_TABLES => {
                let replaces = says(&["or", "replace"]);
                let exists = tables.contains_key(key) && !replaces;
                if exists && !says(&["if", "not", "exists"]) {
                    return Err(Violation::TableExists { table: key.clone(), version: schema.version });
                }
                if !exists {
                    tables.insert(key.clone(), Table::new(self.columns_of(schema)));
                }
            }
            kind::TRUNCATE_TABLE => drop(tables.insert(key.clone(), Table::new(self.columns_of(schema)))),
            kind::CREATE_SCHEMA => {}
            // A change of a database, such as its charset.
            _ if key.table.is_empty() => {}
            // Any other change of a table shows in its columns.
            _ => {
                let columns = self.columns_of(schema);
                let table = tables.entry(key.clone()).or_insert_with(|| Table::new(columns.clone()));
                table.reshape(&columns, &ddl_text::renamed_columns(&schema.query));
            }
        }
        Ok(())
    }

    /// The columns that rows of this table have.
    fn columns_of(&self, schema: &SchemaFile) -> Vec<ColumnDef> {
        let left_out = |column: &ColumnDef| {
            let name = (schema.key.clone(), column.name.clone());
            self.options.left_out.contains(&name)
        };
        let columns = schema.columns.iter().flatten();
        columns.filter(|column| !left_out(column)).cloned().collect()
    }
}

/// A DDL that gives a table another name.
struct Rename<'a> {
    old: TableKey,
    schema: &'a SchemaFile,
}

impl<'a> Rename<'a> {
    fn parse(schema: &'a SchemaFile) -> Result<Self, Violation> {
        let old = ddl_text::renamed_from(&schema.query, &schema.key);
        let mut rename = Self { old: schema.key.clone(), schema };
        rename.old = old.ok_or_else(|| rename.refused("its query names no old table"))?;
        Ok(rename)
    }

    fn refused(&self, problem: &str) -> Violation {
        Violation::Rename {
            table: self.old.clone(),
            version: self.schema.version,
            problem: format!("{problem}: {}", self.schema.query),
        }
    }
}

/// Applies the rows of one directory that were not there before.
fn apply_rows(
    replayed: &mut Replayed,
    streams: &mut Streams,
    directory: &[DataFile],
) -> Result<(), Violation> {
    let DataFile { table, columns, .. } = &directory[0];
    let rows = streams.admit(directory)?;
    let all: usize = directory.iter().map(|file| file.rows.len()).sum();
    replayed.repeated_rows += all - rows.len();
    let entry = replayed.tables.entry(table.clone());
    let rebuilt = entry.or_insert_with(|| Table::new(columns.to_vec()));
    // Data may bring columns along that no DDL told of.
    rebuilt.reshape(columns, &[]);
    rows.into_iter().try_for_each(|row| rebuilt.apply(row, table))
}
