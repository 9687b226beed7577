//! What a format has to offer.

use change_event::{Column, RowEvent, TableName, TableSchema};
use std::fmt;
use thiserror::Error;

/// A format: turns the rows of one event into bytes.
///
/// The methods are pure but for a clock a format may have been given, and never wait. One encoder serves any
/// number of threads at once.
///
/// # A format of one's own
/// One that has numbers only, eight bytes each:
///
/// ```
/// use change_event::{RowEvent, TableSchema, Value};
/// use stage_encode::{EncodeError, Encoder, Reason};
///
/// struct Numbers;
///
/// impl Encoder for Numbers {
///     fn extension(&self) -> &'static str {
///         ".i64"
///     }
///
///     fn header(&self, _table: &TableSchema, _out: &mut Vec<u8>) {}
///
///     fn encode(&self, event: &RowEvent, out: &mut Vec<u8>) -> Result<(), EncodeError> {
///         let before = out.len();
///         for image in event.rows.iter().filter_map(|row| row.after) {
///             for (column, value) in event.table.columns.iter().zip(image.values()) {
///                 let Value::Int(number) = value else {
///                     out.truncate(before); // all rows of an event, or none
///                     let (table, column) = (event.table.name.clone(), Some(column.name.clone()));
///                     return Err(EncodeError { table, column, reason: Reason::Inexpressible });
///                 };
///                 out.extend(number.to_le_bytes());
///             }
///         }
///         Ok(())
///     }
/// }
/// # use change_event::{Column, ColumnKind, CommitTs, Op, RowsBuilder, TableName};
/// # use std::sync::Arc;
/// # let table = Arc::new(TableSchema {
/// #     name: TableName::new("shop", "orders"),
/// #     table_id: 1,
/// #     partition: None,
/// #     version: 1,
/// #     columns: vec![Column::new("id", ColumnKind::BigInt)],
/// # });
/// # let inserted = |values: &[Value<'_>]| {
/// #     let mut rows = RowsBuilder::new(1);
/// #     values.iter().try_for_each(|value| rows.push(Op::Insert, [*value])).unwrap();
/// #     RowEvent { table: table.clone(), commit_ts: CommitTs(1), rows: rows.build() }
/// # };
///
/// let mut out = Vec::new();
/// Numbers.encode(&inserted(&[Value::Int(7)]), &mut out)?;
/// assert_eq!(out, 7_i64.to_le_bytes());
/// let error = Numbers.encode(&inserted(&[Value::Int(8), Value::Null]), &mut out).unwrap_err();
/// assert!(error.to_string().contains("column id of table shop.orders"));
/// assert_eq!(out, 7_i64.to_le_bytes());
/// # Ok::<(), EncodeError>(())
/// ```
///
/// [`Encode`](crate::Encode) makes a stage of it.
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
    /// Selectors leave out a column of the primary key: select it, or leave the table out.
    #[error("column-selectors leave out a column of the primary key, which tells the rows apart: select it")]
    KeyLeftOut,
    /// The format has nothing for a value of this kind: take another format, or leave the table out. The formats of
    /// this crate have something for every kind.
    #[error("the format cannot express a value of this kind")]
    Inexpressible,
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
