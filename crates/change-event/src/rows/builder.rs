//! Puts rows together.

use super::cell::{Cell, PackedDateTime, Span};
use super::{Op, Rows};
use crate::Value;
use thiserror::Error;

/// Why rows could not be put together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowsError {
    /// An image has more or fewer cells than the table has columns.
    #[error("a row image has {found} values, its table has {expected} columns")]
    Width {
        /// Cells in the image.
        found: usize,
        /// Columns in the table.
        expected: usize,
    },
    /// The strings of one event exceed what a cell can address.
    #[error("the strings of one event exceed 4 GiB")]
    ArenaFull,
}

/// Puts [`Rows`] together, one image after the other.
///
/// ```
/// use change_event::{Op, RowsBuilder, Value};
///
/// let mut rows = RowsBuilder::new(2);
/// rows.push(Op::Insert, [Value::Int(1), Value::Text(b"one")])?;
/// rows.push(Op::Update, [Value::Int(1), Value::Text(b"one"), Value::Int(1), Value::Text(b"uno")])?;
/// let rows = rows.build();
/// let last = rows.iter().last().unwrap();
/// assert_eq!(last.after.unwrap().value(1), Value::Text(b"uno"));
/// # Ok::<(), change_event::RowsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RowsBuilder {
    rows: Rows,
}

impl RowsBuilder {
    /// Starts rows of a table with this many columns.
    pub fn new(columns: usize) -> Self {
        Self { rows: Rows { width: columns, changes: Vec::new(), cells: Vec::new(), arena: Vec::new() } }
    }

    /// Adds one change: the values of its image, or of both images of an UPDATE, before first.
    ///
    /// # Errors
    /// [`RowsError::Width`] if the number of values does not fit, [`RowsError::ArenaFull`] beyond 4 GiB of strings.
    /// The rows are unchanged then.
    pub fn push<'v>(&mut self, op: Op, values: impl IntoIterator<Item = Value<'v>>) -> Result<(), RowsError> {
        let mut row = self.row(op);
        for value in values {
            row.value(value)?;
        }
        row.finish()
    }

    /// Starts one change whose values come one at a time, for a decoder that has no two of them at once.
    pub fn row(&mut self, op: Op) -> RowWriter<'_> {
        RowWriter {
            cells: self.rows.cells.len(),
            arena: self.rows.arena.len(),
            builder: self,
            op,
            finished: false,
        }
    }

    /// The place behind the last change.
    pub fn mark(&self) -> RowsMark {
        let Rows { changes, cells, arena, .. } = &self.rows;
        RowsMark { changes: changes.len(), cells: cells.len(), arena: arena.len() }
    }

    /// Forgets everything that was added since a mark.
    pub fn rewind(&mut self, mark: RowsMark) {
        self.rows.changes.truncate(mark.changes);
        self.rows.cells.truncate(mark.cells);
        self.rows.arena.truncate(mark.arena);
    }

    /// How many changes were added so far.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was added yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes of memory the rows hold so far.
    pub fn bytes(&self) -> usize {
        self.rows.bytes()
    }

    /// The finished rows.
    pub fn build(self) -> Rows {
        self.rows
    }

    fn cell(&mut self, value: Value<'_>) -> Result<Cell, RowsError> {
        Ok(match value {
            Value::Null => Cell::Null,
            Value::Int(v) => Cell::Int(v),
            Value::UInt(v) => Cell::UInt(v),
            Value::Float(v) => Cell::Float(v),
            Value::Double(v) => Cell::Double(v),
            Value::Decimal(v) => Cell::Decimal(self.keep(v)?),
            Value::Text(v) => Cell::Text(self.keep(v)?),
            Value::Bytes(v) => Cell::Bytes(self.keep(v)?),
            Value::Date(v) => Cell::Date(v),
            Value::DateTime(v) => Cell::DateTime(PackedDateTime::pack(v)),
            Value::Time(v) => Cell::Time(v),
            Value::Enum(v) => Cell::Enum(v),
            Value::Set(v) => Cell::Set(v),
            Value::Bit(v) => Cell::Bit(v),
            Value::Json(v) => Cell::Json(self.keep(v)?),
        })
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<Span, RowsError> {
        let start = u32::try_from(self.rows.arena.len()).map_err(|_| RowsError::ArenaFull)?;
        let len = u32::try_from(bytes.len()).map_err(|_| RowsError::ArenaFull)?;
        self.rows.arena.extend_from_slice(bytes);
        Ok(Span { start, len })
    }
}

/// A place between two changes of a [`RowsBuilder`].
#[derive(Clone, Copy, Debug)]
pub struct RowsMark {
    changes: usize,
    cells: usize,
    arena: usize,
}

/// One change on its way into a [`RowsBuilder`]. Dropped before [`finish`](Self::finish), it leaves no trace.
#[derive(Debug)]
pub struct RowWriter<'b> {
    builder: &'b mut RowsBuilder,
    op: Op,
    cells: usize,
    arena: usize,
    finished: bool,
}

impl RowWriter<'_> {
    /// Adds the next value: table order, the before image of an UPDATE first.
    ///
    /// # Errors
    /// [`RowsError::ArenaFull`] beyond 4 GiB of strings.
    pub fn value(&mut self, value: Value<'_>) -> Result<(), RowsError> {
        let cell = self.builder.cell(value)?;
        self.builder.rows.cells.push(cell);
        Ok(())
    }

    /// Makes the change part of the rows.
    ///
    /// # Errors
    /// [`RowsError::Width`] if the number of values does not fit; the rows are unchanged then.
    pub fn finish(mut self) -> Result<(), RowsError> {
        let rows = &mut self.builder.rows;
        let found = rows.cells.len() - self.cells;
        let expected = rows.width * if self.op == Op::Update { 2 } else { 1 };
        if found != expected {
            return Err(RowsError::Width { found, expected });
        }
        rows.changes.push(self.op);
        self.finished = true;
        Ok(())
    }
}

impl Drop for RowWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.builder.rows.cells.truncate(self.cells);
            self.builder.rows.arena.truncate(self.arena);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_the_wrong_width_changes_nothing() {
        let mut rows = RowsBuilder::new(2);
        let error = rows.push(Op::Insert, [Value::Text(b"x")]).unwrap_err();
        assert_eq!(error, RowsError::Width { found: 1, expected: 2 });
        assert_eq!((rows.len(), rows.bytes()), (0, 0));
    }
}
