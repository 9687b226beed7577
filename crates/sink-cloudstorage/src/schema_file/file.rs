//! One schema file: made from a table, from a DDL or from bytes, and its key.

use super::{SchemaColumn, checksum::checksum, checksum::write_columns, go_json::GoJson};
use crate::layout::schema_key::{database_schema_key, table_schema_key};
use crate::layout::{LayoutError, SchemaKey, TableDir};
use change_event::{CommitTs, DdlChange, TableSchema};
use object_store::path::Path;
use serde::Deserialize;
use thiserror::Error;

/// The constant in the field `Version`: the version of the file format, not of the table.
const FORMAT_VERSION: u64 = 1;

/// What a schema file says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SchemaFile {
    /// The table; empty for a database.
    #[serde(rename = "Table")]
    pub table: String,
    /// The database.
    #[serde(rename = "Schema")]
    pub schema: String,
    /// The table version.
    #[serde(rename = "TableVersion")]
    pub table_version: u64,
    /// The DDL; empty when rows brought the table here.
    #[serde(rename = "Query")]
    pub query: String,
    /// The DDL's number (`output-format` section 13); 0 when rows brought the table here.
    #[serde(rename = "Type")]
    pub kind: u8,
    /// The columns in table order, virtual ones included; `None` for a database.
    #[serde(rename = "TableColumns")]
    pub columns: Option<Vec<SchemaColumn>>,
    /// How many columns there are.
    #[serde(rename = "TableColumnsTotal")]
    pub columns_total: u64,
}

/// Why bytes are not the schema file that their name promises. The file is damaged or was not written by a sink.
#[derive(Debug, Error)]
pub enum SchemaFileError {
    /// The bytes are not a schema file.
    #[error("the schema file is not readable")]
    Malformed(#[from] serde_json::Error),
    /// The columns are others than those the name was made for.
    #[error("the schema file's checksum is {found:010} but its name says {named:010}")]
    Checksum {
        /// Of the content.
        found: u32,
        /// In the name.
        named: u32,
    },
    /// The version inside differs from the one in the name.
    #[error("the schema file's TableVersion is {found} but its name says {named}")]
    Version {
        /// In the content.
        found: u64,
        /// In the name.
        named: u64,
    },
}

impl SchemaFile {
    /// The file that goes before the first rows of a table version.
    pub fn of_table(table: &TableSchema, with_column_ids: bool) -> Self {
        Self {
            table: table.name.table.clone(),
            schema: table.name.schema.clone(),
            table_version: table.version,
            query: String::new(),
            kind: 0,
            columns: Some(columns_of(table, with_column_ids)),
            columns_total: table.columns.len() as u64,
        }
    }

    /// The file that a DDL writes about one of its tables, or about its database.
    pub fn of_ddl(change: &DdlChange, commit_ts: CommitTs, with_column_ids: bool) -> Self {
        let columns = change.columns.as_deref().map(|table| columns_of(table, with_column_ids));
        Self {
            table: change.table.clone(),
            schema: change.schema.clone(),
            table_version: commit_ts.0,
            query: change.query.clone(),
            // As for rows: the statement is in another file.
            kind: if change.query.is_empty() { 0 } else { change.kind as u8 },
            columns_total: columns.as_ref().map_or(0, |columns| columns.len() as u64),
            columns,
        }
    }

    /// The checksum in the file's name.
    pub fn checksum(&self) -> u32 {
        checksum(self)
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut json = GoJson::default();
        json.open(b'{');
        json.key("Table");
        json.string(&self.table);
        json.key("Schema");
        json.string(&self.schema);
        json.key("Version");
        json.number(FORMAT_VERSION);
        json.key("TableVersion");
        json.number(self.table_version);
        json.key("Query");
        json.string(&self.query);
        json.key("Type");
        json.number(u64::from(self.kind));
        json.key("TableColumns");
        match &self.columns {
            Some(columns) => write_columns(&mut json, columns.iter()),
            None => json.null(),
        }
        json.key("TableColumnsTotal");
        json.number(self.columns_total);
        json.close(b'}');
        json.into_bytes()
    }

    /// The file's key; `None` for a file that is not written.
    ///
    /// `table_id` is given in table-id mode: the physical id for the file before rows, the logical one for a DDL's.
    /// In that mode databases have no directory and so no file; a table without columns keeps its name's directory.
    ///
    /// # Errors
    /// [`LayoutError::UnsafeName`] for a name that cannot stand in a key.
    pub fn key(&self, table_id: Option<i64>) -> Result<Option<Path>, LayoutError> {
        let (version, checksum) = (self.table_version, self.checksum());
        let dir = match table_id {
            Some(_) if self.table.is_empty() => return Ok(None),
            None if self.table.is_empty() => {
                return database_schema_key(&self.schema, version, checksum).map(Some);
            }
            Some(id) if self.columns_total != 0 => TableDir::id(id),
            Some(_) | None => TableDir::named(&self.schema, &self.table)?,
        };
        Ok(Some(table_schema_key(&dir, version, checksum)))
    }

    /// Reads a file back and checks it against its key.
    ///
    /// # Errors
    /// [`SchemaFileError`]: the bytes are not what the key promises.
    pub fn read(key: &SchemaKey, bytes: &[u8]) -> Result<Self, SchemaFileError> {
        let file: Self = serde_json::from_slice(bytes)?;
        let found = file.checksum();
        if found != key.checksum {
            let named = key.checksum;
            return Err(SchemaFileError::Checksum { found, named });
        }
        if file.table_version != key.version {
            let (found, named) = (file.table_version, key.version);
            return Err(SchemaFileError::Version { found, named });
        }
        Ok(file)
    }
}

fn columns_of(table: &TableSchema, with_ids: bool) -> Vec<SchemaColumn> {
    let describe = |column| SchemaColumn::of(column, with_ids);
    table.columns.iter().map(describe).collect()
}
