//! A table's columns at one version.

use crate::Column;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The full name of a table, as its server spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableName {
    /// The database.
    pub schema: String,
    /// The table.
    pub table: String,
}

impl TableName {
    /// Joins the two halves.
    pub fn new(schema: impl Into<String>, table: impl Into<String>) -> Self {
        Self { schema: schema.into(), table: table.into() }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// A table at one version: immutable, shared by every event of that version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableSchema {
    /// Database and table.
    pub name: TableName,
    /// A number that stays with the table; the directory name in table-id mode.
    pub table_id: i64,
    /// The physical partition id, for a partition of a partitioned table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<i64>,
    /// The table version: commit-ts of the DDL that made this shape, or where the source started.
    pub version: u64,
    /// The columns in table order.
    pub columns: Vec<Column>,
}

impl TableSchema {
    /// Names of the primary key's columns, in column order.
    pub fn primary_key(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|c| c.primary_key).map(|c| c.name.as_str())
    }
}
