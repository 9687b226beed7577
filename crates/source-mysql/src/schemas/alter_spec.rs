//! A change that ALTER TABLE makes.

use super::charset::CharsetChoice;
use super::column_def::ColumnDef;
use super::default_value::Written;
use super::key_def::{KeyDef, Period};
use change_event::{DdlKind, TableName};

/// Where a column goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Last if it is new, where it was if not.
    Unsaid,
    First,
    After(String),
}

/// One change. Each `if_exists` says that the column or key may be missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum AlterSpec {
    AddColumn {
        column: ColumnDef,
        position: Position,
        if_not_exists: bool,
    },
    DropColumn {
        name: String,
        if_exists: bool,
    },
    /// MODIFY, and CHANGE with its new name in `column`.
    ModifyColumn {
        old: String,
        column: ColumnDef,
        position: Position,
        if_exists: bool,
    },
    RenameColumn {
        from: String,
        to: String,
        if_exists: bool,
    },
    /// `None` drops the default.
    SetDefault {
        column: String,
        default: Option<Written>,
        if_exists: bool,
    },
    AddKey(KeyDef),
    DropKey {
        name: String,
        if_exists: bool,
    },
    /// A key, a foreign key or a check.
    DropConstraint {
        name: String,
    },
    RenameKey {
        from: String,
        to: String,
        if_exists: bool,
    },
    RenameTable(TableName),
    /// The rows of a partition and those of a table change places.
    ExchangePartition {
        with: TableName,
    },
    /// The rows of a partition become a table of their own.
    PartitionToTable {
        to: TableName,
    },
    /// The rows of a table become a partition, and the table is gone.
    TableToPartition {
        from: TableName,
    },
    /// Every text column, and those to come.
    ConvertTo(CharsetChoice),
    /// The columns to come.
    DefaultCharset(CharsetChoice),
    /// Whether the table keeps its history from now on.
    SystemVersioning(bool),
    AddPeriod(Period),
    DropPeriod(String),
    /// Whether the table is one of MariaDB's sequences from now on.
    Sequence(bool),
    /// A change that touches nothing that is tracked.
    Other(DdlKind),
}
