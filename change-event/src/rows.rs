//! The changed rows of one transaction in one table, in three flat buffers.

use crate::{Date, DateTime, TableSchema, Time, Value};
use std::ops::Range;
use thiserror::Error;

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// It is new: one image, after.
    Insert,
    /// It changed: two images, before and after.
    Update,
    /// It is gone: one image, before.
    Delete,
}

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

/// One cell: 16 bytes, strings by their place in the arena.
#[derive(Clone, Copy, Debug)]
enum Cell {
    Null,
    Int(i64),
    UInt(u64),
    Float(f32),
    Double(f64),
    Decimal(Span),
    Text(Span),
    Bytes(Span),
    Date(Date),
    DateTime(PackedDateTime),
    Time(Time),
    Enum(u64),
    Set(u64),
    Bit(u64),
    Json(Span),
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    len: u32,
}

/// A [`DateTime`] in eight bytes, so that a cell stays at sixteen.
#[derive(Clone, Copy, Debug)]
struct PackedDateTime(u64);

impl PackedDateTime {
    fn pack(v: DateTime) -> Self {
        let mut bits = u64::from(v.date.year);
        for (part, width) in [
            (u64::from(v.date.month), 4),
            (u64::from(v.date.day), 5),
            (u64::from(v.hour), 5),
            (u64::from(v.minute), 6),
            (u64::from(v.second), 6),
            (u64::from(v.micros), 20),
        ] {
            bits = bits << width | part;
        }
        Self(bits)
    }

    fn unpack(self) -> DateTime {
        let take = |shift: u32, width: u32| (self.0 >> shift) & ((1 << width) - 1);
        DateTime {
            date: Date { year: (self.0 >> 46) as u16, month: take(42, 4) as u8, day: take(37, 5) as u8 },
            hour: take(32, 5) as u8,
            minute: take(26, 6) as u8,
            second: take(20, 6) as u8,
            micros: take(0, 20) as u32,
        }
    }
}

/// The changed rows of one transaction in one table. Build it with a [`RowsBuilder`].
#[derive(Clone, Debug)]
pub struct Rows {
    width: usize,
    changes: Vec<Op>,
    cells: Vec<Cell>,
    arena: Vec<u8>,
}

/// One changed row.
#[derive(Clone, Copy, Debug)]
pub struct RowRef<'a> {
    /// What happened.
    pub op: Op,
    /// How it was: UPDATE and DELETE.
    pub before: Option<Image<'a>>,
    /// How it is now: INSERT and UPDATE.
    pub after: Option<Image<'a>>,
}

/// One row image: a value for every column, in table order.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    cells: &'a [Cell],
    arena: &'a [u8],
}

impl Rows {
    /// How many row changes there are; an UPDATE counts once.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether there is no change at all.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Bytes of memory the rows hold.
    pub fn bytes(&self) -> usize {
        self.arena.len() + std::mem::size_of_val(self.cells.as_slice()) + self.changes.len()
    }

    /// The changes in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = RowRef<'_>> {
        let mut rest = self.cells.as_slice();
        self.changes.iter().map(move |&op| {
            let mut image = || {
                let (cells, tail) = rest.split_at(self.width);
                rest = tail;
                Some(Image { cells, arena: &self.arena })
            };
            match op {
                Op::Insert => RowRef { op, before: None, after: image() },
                Op::Delete => RowRef { op, before: image(), after: None },
                Op::Update => RowRef { op, before: image(), after: image() },
            }
        })
    }

    /// Splits every UPDATE that changes a primary or unique key into a DELETE in its place and an INSERT
    /// at the end, as consumers that replay by key need it. Everything else stays as it is.
    pub fn split_key_updates(self, table: &TableSchema) -> Self {
        let keys: Vec<usize> = table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.primary_key || c.unique_key)
            .map(|(i, _)| i)
            .collect();
        let moves = |row: &RowRef<'_>| match (row.before, row.after) {
            (Some(before), Some(after)) => keys.iter().any(|&k| before.value(k) != after.value(k)),
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        if !self.iter().any(|row| moves(&row)) {
            return self;
        }
        let mut split = Self {
            width: self.width,
            changes: Vec::with_capacity(self.changes.len()),
            cells: Vec::with_capacity(self.cells.len()),
            arena: Vec::new(),
        };
        let mut inserts = Vec::new();
        for row in self.iter() {
            if moves(&row) {
                split.changes.push(Op::Delete);
                split.cells.extend(row.before.into_iter().flat_map(|image| image.cells));
                inserts.extend(row.after.into_iter().flat_map(|image| image.cells));
            } else {
                split.changes.push(row.op);
                split
                    .cells
                    .extend([row.before, row.after].into_iter().flatten().flat_map(|image| image.cells));
            }
        }
        let added = inserts.len().checked_div(self.width).unwrap_or(0);
        split.changes.extend(std::iter::repeat_n(Op::Insert, added));
        split.cells.append(&mut inserts);
        split.arena = self.arena;
        split
    }
}

impl<'a> Image<'a> {
    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether the table has no columns.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The value of one column.
    ///
    /// # Panics
    /// If the table has no such column.
    pub fn value(&self, column: usize) -> Value<'a> {
        self.read(self.cells[column])
    }

    /// Every column's value, in table order.
    pub fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let image = *self;
        self.cells.iter().map(move |&cell| image.read(cell))
    }

    fn read(&self, cell: Cell) -> Value<'a> {
        let text = |span: Span| &self.arena[span.range()];
        match cell {
            Cell::Null => Value::Null,
            Cell::Int(v) => Value::Int(v),
            Cell::UInt(v) => Value::UInt(v),
            Cell::Float(v) => Value::Float(v),
            Cell::Double(v) => Value::Double(v),
            Cell::Decimal(span) => Value::Decimal(text(span)),
            Cell::Text(span) => Value::Text(text(span)),
            Cell::Bytes(span) => Value::Bytes(text(span)),
            Cell::Date(v) => Value::Date(v),
            Cell::DateTime(v) => Value::DateTime(v.unpack()),
            Cell::Time(v) => Value::Time(v),
            Cell::Enum(v) => Value::Enum(v),
            Cell::Set(v) => Value::Set(v),
            Cell::Bit(v) => Value::Bit(v),
            Cell::Json(span) => Value::Json(text(span)),
        }
    }
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
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
    use crate::{Column, ColumnKind, TableName};

    #[test]
    fn an_abandoned_row_leaves_no_trace() {
        let mut rows = RowsBuilder::new(2);
        rows.push(Op::Insert, [Value::Int(1), Value::Text(b"one")]).unwrap();
        let kept = rows.bytes();
        let mut row = rows.row(Op::Insert);
        row.value(Value::Text(b"half")).unwrap();
        drop(row);
        assert_eq!((rows.len(), rows.bytes()), (1, kept));
    }

    #[test]
    fn a_cell_takes_sixteen_bytes() {
        assert_eq!(std::mem::size_of::<Cell>(), 16);
    }

    #[test]
    fn a_datetime_survives_packing() {
        let date = Date { year: 9999, month: 12, day: 31 };
        let v = DateTime { date, hour: 23, minute: 59, second: 59, micros: 999_999 };
        assert_eq!(PackedDateTime::pack(v).unpack(), v);
    }

    #[test]
    fn an_image_of_the_wrong_width_changes_nothing() {
        let mut rows = RowsBuilder::new(2);
        let error = rows.push(Op::Insert, [Value::Text(b"x")]).unwrap_err();
        assert_eq!(error, RowsError::Width { found: 1, expected: 2 });
        assert_eq!((rows.len(), rows.bytes()), (0, 0));
    }

    #[test]
    fn key_updates_become_deletes_in_place_and_inserts_at_the_end() {
        let mut id = Column::new("id", ColumnKind::Int);
        id.primary_key = true;
        let table = TableSchema {
            name: TableName::new("db", "t"),
            table_id: 1,
            partition: None,
            version: 1,
            columns: vec![id, Column::new("v", ColumnKind::Int)],
        };
        let mut rows = RowsBuilder::new(2);
        rows.push(Op::Update, [1, 10, 2, 10].map(Value::Int)).unwrap();
        rows.push(Op::Update, [5, 50, 5, 51].map(Value::Int)).unwrap();
        rows.push(Op::Delete, [7, 70].map(Value::Int)).unwrap();
        let split = rows.build().split_key_updates(&table);
        let seen: Vec<_> =
            split.iter().map(|r| (r.op, r.before.map(|i| i.value(0)), r.after.map(|i| i.value(0)))).collect();
        assert_eq!(
            seen,
            [
                (Op::Delete, Some(Value::Int(1)), None),
                (Op::Update, Some(Value::Int(5)), Some(Value::Int(5))),
                (Op::Delete, Some(Value::Int(7)), None),
                (Op::Insert, None, Some(Value::Int(2))),
            ]
        );
    }
}
