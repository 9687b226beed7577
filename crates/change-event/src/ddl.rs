//! Statements that change tables or databases.

use crate::{CommitTs, TableName, TableSchema};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kind of a DDL, numbered as TiDB numbers its actions (`output-format` section 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum DdlKind {
    CreateDatabase = 1,
    DropDatabase = 2,
    CreateTable = 3,
    DropTable = 4,
    AddColumn = 5,
    DropColumn = 6,
    AddIndex = 7,
    DropIndex = 8,
    AddForeignKey = 9,
    DropForeignKey = 10,
    TruncateTable = 11,
    ModifyColumn = 12,
    RebaseAutoId = 13,
    RenameTable = 14,
    SetDefault = 15,
    TableComment = 17,
    RenameIndex = 18,
    AddPartition = 19,
    DropPartition = 20,
    CreateView = 21,
    TableCharset = 22,
    TruncatePartition = 23,
    DropView = 24,
    DatabaseCharset = 26,
    AddPrimaryKey = 32,
    DropPrimaryKey = 33,
    AlterIndexVisibility = 41,
    ExchangePartition = 42,
    AddCheckConstraint = 43,
    DropCheckConstraint = 44,
    AlterCheckConstraint = 45,
    MultiSchemaChange = 61,
    ReorganizePartition = 64,
    AlterTablePartitioning = 71,
    RemovePartitioning = 72,
}

/// What one DDL did to one table, view or database: one schema file.
#[derive(Clone, Debug, PartialEq)]
pub struct DdlChange {
    /// What it did.
    pub kind: DdlKind,
    /// The statement as it stands alone in this database; empty for a table that another change's statement is about.
    pub query: String,
    /// The database.
    pub schema: String,
    /// The table or view after the DDL; empty for a database.
    pub table: String,
    /// The columns after the DDL, or those of the dropped table; `None` for a database, and where nothing tells them.
    /// Those of a view are names: their kind is [`Unspecified`](crate::ColumnKind::Unspecified).
    pub columns: Option<Arc<TableSchema>>,
    /// The table's name before a RENAME.
    pub renamed_from: Option<TableName>,
}

/// Which tables must be drained before the DDL is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Influence {
    /// These tables, named as they were before the DDL; none for CREATE TABLE.
    Tables(Vec<TableName>),
    /// Every table of the database.
    Database(String),
    /// Every table there is.
    All,
}

impl Influence {
    /// Whether it is about a table.
    pub fn concerns(&self, table: &TableName) -> bool {
        match self {
            Self::Tables(tables) => tables.contains(table),
            Self::Database(database) => table.schema == *database,
            Self::All => true,
        }
    }
}

/// A statement that changes tables or databases.
#[derive(Clone, Debug, PartialEq)]
pub struct DdlEvent {
    /// When it committed: the version in the names of its schema files.
    pub commit_ts: CommitTs,
    /// What must be durable first.
    pub influence: Influence,
    /// What it did, a schema file each. Empty for a statement that is only a barrier: nothing is written, but
    /// everything before it is drained (an unparsable DDL, whose effect the next rows' schema carries).
    pub changes: Vec<DdlChange>,
}
