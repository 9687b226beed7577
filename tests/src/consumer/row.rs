//! One row of a data file.

use super::{ColumnDef, Format, Options, TableKey, Violation, canal, csv};
use bytes::Bytes;

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `I`: it is there from now on.
    Insert,
    /// `U`: it replaces the row with the same primary key.
    Update,
    /// `D`: it is gone.
    Delete,
}

/// One row of a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What happened.
    pub op: Op,
    /// When it was committed.
    pub commit_ts: u64,
    /// Whether it is half of an UPDATE, if the file says so.
    pub is_update: Option<bool>,
    /// The values in column order, as the file spells them, without quotes and escapes. `None` is NULL.
    pub values: Vec<Option<String>>,
    /// Of each column, whether the file shows it; `None`: all of them. Only a DELETE may leave some out.
    pub shown: Option<Vec<bool>>,
    /// The bytes in the file, terminator included. Both halves of a canal-json UPDATE have those of its line.
    pub raw: Bytes,
}

/// What one data file is read against.
pub(super) struct Expected<'a> {
    /// The path, for errors.
    pub(super) file: &'a str,
    /// The table of the directory.
    pub(super) table: &'a TableKey,
    /// The columns that rows have.
    pub(super) columns: Vec<&'a ColumnDef>,
    /// The version of the directory.
    pub(super) version: u64,
    pub(super) options: &'a Options,
}

/// Reads every row of a data file.
pub(super) fn read_rows(content: &Bytes, expected: &Expected<'_>) -> Result<Vec<Row>, Violation> {
    match &expected.options.format {
        Format::Csv(csv) => csv::read_rows(content, csv, expected),
        Format::CanalJson => canal::read_rows(content, expected),
    }
}

impl Expected<'_> {
    pub(super) fn malformed(&self, row: usize, problem: impl Into<String>) -> Violation {
        Violation::MalformedRow { file: self.file.to_owned(), row, problem: problem.into() }
    }

    /// Checks the names that a row carries.
    pub(super) fn check_table(&self, row: usize, schema: &str, table: &str) -> Result<(), Violation> {
        if self.table.schema == schema && self.table.table == table {
            return Ok(());
        }
        Err(Violation::RowOfAnotherTable {
            file: self.file.to_owned(),
            row,
            found: TableKey::new(schema, table),
        })
    }

    /// Checks how many columns a row has.
    pub(super) fn check_width(&self, row: usize, found: usize) -> Result<(), Violation> {
        if self.columns.len() == found {
            return Ok(());
        }
        Err(Violation::ColumnCount { file: self.file.to_owned(), row, expected: self.columns.len(), found })
    }
}
