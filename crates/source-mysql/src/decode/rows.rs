//! A rows event: which table, which images, and the values in them.

use super::Fault;
use super::cursor::Cursor;
use super::hidden::lacks_columns;
use super::layout::RowLayout;
use super::unhide;
use super::value::{Scratch, Wire};
use crate::log::Place;
use bytes::Bytes;
use change_event::{Op, RowWriter, RowsBuilder, Value};

/// A rows event without its header: the images are still packed.
#[derive(Debug)]
pub(crate) struct RawRows {
    /// What happened to these rows.
    pub(crate) op: Op,
    /// How many columns the table has in the log.
    pub(crate) width: usize,
    /// Of each column, whether the images leave it out; `None`: they have them all.
    pub(crate) absent: Option<Box<[bool]>>,
    /// The images one after the other.
    pub(crate) images: Bytes,
    /// What stands before them in their event.
    pub(crate) head: Bytes,
    /// Where their event is.
    pub(crate) place: Place,
}

/// The table id that stands for no table: such an event only ends a statement.
const NO_TABLE: u64 = 0x00FF_FFFF;

/// The id of the table that an event of rows begins with.
pub(crate) fn table_id(body: &[u8]) -> Result<u64, Fault> {
    Cursor::new(body).little(6)
}

/// Reads the head of a rows event: the table's id and its rows. `None` if it is about no table.
///
/// `extra` says that the event's version has extra data before the columns.
pub(crate) fn read(body: &Bytes, op: Op, extra: bool) -> Result<Option<(u64, RawRows)>, Fault> {
    let mut cursor = Cursor::new(body);
    let table = cursor.little(6)?;
    let _flags = cursor.u16()?;
    if extra {
        let length = usize::from(cursor.u16()?);
        cursor.take(length.saturating_sub(2))?;
    }
    if table == NO_TABLE {
        return Ok(None);
    }
    let width = usize::try_from(cursor.length()?).unwrap_or(usize::MAX);
    let first = cursor.take(width.div_ceil(8))?;
    if op == Op::Update && cursor.take(first.len())? != first {
        return Err(lacks_columns());
    }
    let is_absent = |i: usize| first[i / 8] & (1 << (i % 8)) == 0;
    let absent = (0..width).any(is_absent).then(|| (0..width).map(is_absent).collect());
    let images = body.slice_ref(cursor.rest());
    let head = body.slice(..body.len() - images.len());
    Ok(Some((table, RawRows { op, width, absent, images, head, place: Place::default() })))
}

/// Whether the images leave out no column that they should have.
///
/// # Errors
/// They do; which, as far as it helps.
pub(crate) fn check_whole(raw: &RawRows, layout: &RowLayout) -> Result<(), Fault> {
    let Some(absent) = &raw.absent else { return Ok(()) };
    let left_out = absent.iter().enumerate().filter(|(_, absent)| **absent);
    left_out.map(|(column, _)| column).try_for_each(|column| layout.may_lack(column))
}

/// Unpacks the images into the builder.
pub(crate) fn decode(
    raw: &RawRows,
    layout: &RowLayout,
    scratch: &mut Scratch,
    builder: &mut RowsBuilder,
) -> Result<(), Fault> {
    let columns = &layout.wires;
    if raw.width != columns.len() || columns.is_empty() {
        return Err(Fault::corrupt(format!(
            "rows have {} columns, their table {}",
            raw.width,
            columns.len()
        )));
    }
    if layout.hidden.is_some() || raw.absent.is_some() {
        return unhide::decode(raw, layout, scratch, builder);
    }
    let mut cursor = Cursor::new(&raw.images);
    while !cursor.is_empty() {
        let mut row = builder.row(raw.op);
        image(&mut cursor, columns, scratch, &mut row)?;
        if raw.op == Op::Update {
            image(&mut cursor, columns, scratch, &mut row)?;
        }
        row.finish()?;
    }
    Ok(())
}

/// One image: a bit per column that says NULL, then the values of the others.
fn image(
    cursor: &mut Cursor<'_>,
    columns: &[Wire],
    scratch: &mut Scratch,
    row: &mut RowWriter<'_>,
) -> Result<(), Fault> {
    let nulls = cursor.take(columns.len().div_ceil(8))?;
    for (i, column) in columns.iter().enumerate() {
        if nulls[i / 8] & (1 << (i % 8)) != 0 {
            row.value(Value::Null)?;
        } else {
            column.decode(cursor, scratch, row)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::temporal::Zone;

    const HEAD: [u8; 8] = [7, 0, 0, 0, 0, 0, 1, 0];

    fn event(rest: &[u8]) -> Bytes {
        [&HEAD, rest].concat().into()
    }

    #[test]
    fn rows_with_nulls_come_out_in_order() {
        let body = event(&[2, 0b11, 0b00, 5, 6, 0b10, 8]);
        let (table, raw) = read(&body, Op::Insert, false).unwrap().unwrap();
        assert_eq!(table, 7);
        let mut builder = RowsBuilder::new(2);
        let mut scratch = Scratch::new(Zone::new(jiff::tz::TimeZone::UTC));
        let layout = RowLayout::new(vec![Wire::Int(1), Wire::UInt(1)], None);
        decode(&raw, &layout, &mut scratch, &mut builder).unwrap();
        let rows = builder.build();
        let values: Vec<Vec<Value<'_>>> = rows.iter().map(|r| r.after.unwrap().values().collect()).collect();
        assert_eq!(values, [[Value::Int(5), Value::UInt(6)], [Value::Int(8), Value::Null]]);
    }

    #[test]
    fn a_partial_image_says_what_to_set() {
        let (_, raw) = read(&event(&[2, 0b01, 0, 5]), Op::Insert, false).unwrap().unwrap();
        let layout = RowLayout::new(vec![Wire::Int(1); 2], None);
        let mut scratch = Scratch::new(Zone::new(jiff::tz::TimeZone::UTC));
        let fault = decode(&raw, &layout, &mut scratch, &mut RowsBuilder::new(2)).unwrap_err();
        assert!(fault.at("f", 4).to_string().contains("binlog_row_image=FULL"));
    }

    #[test]
    fn the_event_that_only_ends_a_statement_has_no_rows() {
        let body = Bytes::from_static(&[0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0]);
        assert!(read(&body, Op::Insert, false).unwrap().is_none());
    }

    #[test]
    fn a_width_that_is_not_the_tables_is_an_error() {
        let (_, raw) = read(&event(&[1, 1, 0, 5]), Op::Insert, false).unwrap().unwrap();
        let mut builder = RowsBuilder::new(2);
        let mut scratch = Scratch::new(Zone::new(jiff::tz::TimeZone::UTC));
        let layout = RowLayout::new(vec![Wire::Int(1); 2], None);
        assert!(decode(&raw, &layout, &mut scratch, &mut builder).is_err());
    }
}
