//! What a format has to offer.

use change_event::{Column, RowEvent, TableName, TableSchema};
use std::fmt;
use thiserror::Error;

/// A format: turns the rows of one event into bytes.
///
/// The methods are pure but for a clock a format may have been given, and never wait. One encoder serves any
/// number of threads at once.
pub trait Encoder: Send + Sync + 'static {
    /// The extension of data files in this format, dot included (`.csv`).
    fn extension(&self) -> &'static str;

    /// Appends the bytes that start each data file of the table; most formats have none.
    fn header(&self, table: &TableSchema, out: &mut Vec<u8>);

    /// Appends the event's rows, in the order they changed.
    ///
    /// # Errors
    /// [`EncodeError`] if a value has no rendering in this format. `out` is then what it was before the call.
    fn encode(&self, event: &RowEvent, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

/// Rows that a format cannot express.
///
/// The same rows fail again however often they are tried: fix the data or leave the table out. The text names
/// the place and never the value, which may be anybody's secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("cannot encode {}: {reason}", Place(.table, .column))]
pub struct EncodeError {
    /// The table.
    pub table: TableName,
    /// The column; `None` if the row as a whole is at fault.
    pub column: Option<String>,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a value or a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The number of an ENUM is 0 (MySQL's mark of an invalid value) or beyond the members: fix the row, or the
    /// source's idea of the column.
    #[error("the ENUM number names no member")]
    EnumMember,
    /// A SET has a bit beyond its members: fix the source's idea of the column.
    #[error("the SET has a bit that names no member")]
    SetMember,
    /// The row and its table disagree about the number of columns: a bug of the source.
    #[error("the row has another number of columns than the table")]
    Width,
    /// The row lacks the image its operation needs: a bug of the source.
    #[error("the row image is missing")]
    MissingImage,
    /// No column is left to write: give the table a column that is not virtual, or leave it out.
    #[error("not found valid columns for the event")]
    NoColumns,
}

impl EncodeError {
    pub(crate) fn in_column(table: &TableName, column: &Column, reason: Reason) -> Self {
        Self { table: table.clone(), column: Some(column.name.clone()), reason }
    }

    pub(crate) fn in_row(table: &TableName, reason: Reason) -> Self {
        Self { table: table.clone(), column: None, reason }
    }
}

/// Shows `db.table` or `db.table.column`.
struct Place<'a>(&'a TableName, &'a Option<String>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(column) => write!(f, "column {column} of table {}", self.0),
            None => write!(f, "a row of table {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use change_event::ColumnKind;

    #[test]
    fn an_error_names_its_place() {
        let table = TableName::new("db", "t");
        let column = Column::new("c", ColumnKind::Enum);
        assert_eq!(
            EncodeError::in_column(&table, &column, Reason::EnumMember).to_string(),
            "cannot encode column c of table db.t: the ENUM number names no member"
        );
        assert_eq!(
            EncodeError::in_row(&table, Reason::NoColumns).to_string(),
            "cannot encode a row of table db.t: not found valid columns for the event"
        );
    }
}
