//! The rows of a table whose log shows more than the table has: [hidden columns](super::hidden), and history; or less.
//!
//! MariaDB 11.8 leaves generated columns out of what it logs of an UPDATE or DELETE. A VIRTUAL one is NULL then, as some older
//! versions log it: its value is not part of a row.
//!
//! A system-versioned table keeps every row that it once had. What is logged for one is a change of the row that
//! says until when it was there, so for the current rows, which end at the end of time:
//!
//! | logged | from | to | is |
//! |---|---|---|---|
//! | INSERT, DELETE | | current | the same |
//! | UPDATE | current | current | the same |
//! | UPDATE | current | history | a DELETE |
//! | UPDATE | history | current | an INSERT |
//! | anything else | | | no change of the table |

use super::Fault;
use super::cursor::Cursor;
use super::layout::RowLayout;
use super::rows::RawRows;
use super::value::{Scratch, Wire};
use change_event::{Op, RowWriter, RowsBuilder, Value};

/// What it takes to read an image.
struct Reader<'a> {
    wires: &'a [Wire],
    /// Of every column, whether the table has it; `None`: it has them all.
    shown: Option<&'a [bool]>,
    /// Until when a row is the current one.
    row_end: Option<usize>,
    /// The columns that the images leave out.
    absent: Option<&'a [bool]>,
}

/// What an image has of a column.
enum Cell {
    Absent,
    Null,
    Value(Wire),
}

/// One image, measured but not read.
struct Measured<'a> {
    bytes: Cursor<'a>,
    current: bool,
}

/// Unpacks the images into the builder, as far as they are rows of the table.
pub(crate) fn decode(
    raw: &RawRows,
    layout: &RowLayout,
    scratch: &mut Scratch,
    builder: &mut RowsBuilder,
) -> Result<(), Fault> {
    let absent = raw.absent.as_deref();
    for (column, _) in absent.into_iter().flatten().enumerate().filter(|(_, absent)| **absent) {
        layout.may_lack(column)?;
    }
    let hidden = layout.hidden.as_deref();
    let reader = Reader {
        wires: &layout.wires,
        shown: hidden.map(|hidden| &*hidden.shown),
        row_end: hidden.and_then(|hidden| hidden.row_end),
        absent,
    };
    let mut cursor = Cursor::new(&raw.images);
    while !cursor.is_empty() {
        let first = reader.measure(&mut cursor)?;
        let second = if raw.op == Op::Update { Some(reader.measure(&mut cursor)?) } else { None };
        let (op, images) = match (raw.op, first, second) {
            (Op::Update, before, Some(after)) => match (before.current, after.current) {
                (true, true) => (Op::Update, [Some(before), Some(after)]),
                (true, false) => (Op::Delete, [Some(before), None]),
                (false, true) => (Op::Insert, [Some(after), None]),
                (false, false) => continue,
            },
            (op, image, _) if image.current => (op, [Some(image), None]),
            _ => continue,
        };
        let mut row = builder.row(op);
        for image in images.into_iter().flatten() {
            reader.write(image, scratch, &mut row)?;
        }
        row.finish()?;
    }
    Ok(())
}

impl Reader<'_> {
    /// Moves behind an image.
    fn measure<'a>(&self, cursor: &mut Cursor<'a>) -> Result<Measured<'a>, Fault> {
        let mut measured = Measured { bytes: *cursor, current: true };
        self.walk(cursor, |i, cell, cursor| {
            let bytes = match cell {
                Cell::Value(wire) => Some(wire.take(cursor)?),
                Cell::Absent | Cell::Null => None,
            };
            if self.row_end == Some(i) {
                measured.current = bytes.is_none_or(is_the_end_of_time);
            }
            Ok(())
        })?;
        Ok(measured)
    }

    fn write(
        &self,
        image: Measured<'_>,
        scratch: &mut Scratch,
        row: &mut RowWriter<'_>,
    ) -> Result<(), Fault> {
        let mut cursor = image.bytes;
        self.walk(&mut cursor, |i, cell, cursor| {
            match (self.shown.is_none_or(|shown| shown[i]), cell) {
                (true, Cell::Absent | Cell::Null) => row.value(Value::Null)?,
                (true, Cell::Value(wire)) => wire.decode(cursor, scratch, row)?,
                (false, Cell::Absent | Cell::Null) => {}
                (false, Cell::Value(wire)) => {
                    wire.take(cursor)?;
                }
            }
            Ok(())
        })
    }

    /// Visits the cells of an image; only those with a value are bytes.
    fn walk<'a>(
        &self,
        cursor: &mut Cursor<'a>,
        mut visit: impl FnMut(usize, Cell, &mut Cursor<'a>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let nulls = cursor.take(self.present().div_ceil(8))?;
        let mut next = 0;
        for (i, &wire) in self.wires.iter().enumerate() {
            if self.is_absent(i) {
                visit(i, Cell::Absent, cursor)?;
                continue;
            }
            let null = nulls[next / 8] & (1 << (next % 8)) != 0;
            next += 1;
            visit(i, if null { Cell::Null } else { Cell::Value(wire) }, cursor)?;
        }
        Ok(())
    }

    fn is_absent(&self, column: usize) -> bool {
        self.absent.is_some_and(|absent| absent[column])
    }

    fn present(&self) -> usize {
        (0..self.wires.len()).filter(|i| !self.is_absent(*i)).count()
    }
}

/// The greatest TIMESTAMP(6) (of servers up to 11.4, and of later ones), or transaction number.
fn is_the_end_of_time(value: &[u8]) -> bool {
    const MICROS: [u8; 3] = [0x0F, 0x42, 0x3F];
    match value {
        [0x7F | 0xFF, 0xFF, 0xFF, 0xFF, micros @ ..] if micros.len() == 3 => micros == MICROS,
        _ => value == [0xFF; 8],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::hidden::Hidden;
    use crate::decode::temporal::Zone;
    use change_event::{Column, ColumnKind, Generated};

    const NOW: [u8; 4] = [0x7F, 0xFF, 0xFF, 0xFF];
    const PAST: [u8; 4] = [0x60, 0, 0, 0];

    /// An image of `id TINYINT, row_end TIMESTAMP(6)`, the latter hidden.
    fn image(id: u8, row_end: [u8; 4]) -> Vec<u8> {
        [&[0, id][..], &row_end, &[0x0F, 0x42, 0x3F]].concat()
    }

    fn read(op: Op, images: &[Vec<u8>], hidden: &Hidden, absent: Option<Vec<bool>>) -> Result<String, Fault> {
        let raw = RawRows {
            op,
            width: 2,
            absent: absent.map(Into::into),
            images: images.concat().into(),
            head: Default::default(),
            place: Default::default(),
        };
        let mut builder = RowsBuilder::new(1);
        let mut scratch = Scratch::new(Zone::new(jiff::tz::TimeZone::UTC));
        let layout = RowLayout::new(vec![Wire::Int(1), Wire::Timestamp(6)], Some(hidden.clone()));
        decode(&raw, &layout, &mut scratch, &mut builder)?;
        let rows = builder.build();
        let words = rows.iter().map(|row| {
            let images = [row.before, row.after].into_iter().flatten();
            let values: Vec<_> = images.flat_map(|image| image.values()).collect();
            format!("{:?} {values:?}", row.op)
        });
        Ok(words.collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn only_current_rows_are_rows() {
        let hidden = Hidden { shown: vec![true, false], row_end: Some(1) };
        let read = |op, images: &[Vec<u8>]| read(op, images, &hidden, None).unwrap();
        let (now, past) = (image(5, NOW), image(6, PAST));
        let both = [now.clone(), past.clone()];
        assert_eq!(read(Op::Insert, &both), "Insert [Int(5)]");
        assert_eq!(read(Op::Delete, &both), "Delete [Int(5)]");
        assert_eq!(read(Op::Update, &both), "Delete [Int(5)]");
        assert_eq!(read(Op::Update, &[past.clone(), now.clone()]), "Insert [Int(5)]");
        assert_eq!(read(Op::Update, &[past.clone(), past]), "");
        assert_eq!(read(Op::Update, &[now, image(7, NOW)]), "Update [Int(5), Int(7)]");
    }

    #[test]
    fn columns_that_the_rows_leave_out_are_hidden_ones() {
        let hidden = Hidden { shown: vec![true, false], row_end: None };
        let rows = read(Op::Insert, &[vec![0, 5]], &hidden, Some(vec![false, true]));
        assert_eq!(rows.unwrap(), "Insert [Int(5)]");
        assert!(read(Op::Insert, &[vec![0, 5]], &hidden, Some(vec![true, false])).is_err());
    }

    #[test]
    fn of_generated_columns_only_the_virtual_may_be_left_out() {
        let read = |generated, absent: [bool; 3]| {
            let mut layout = RowLayout::new(vec![Wire::Int(1); 3], None);
            let made = Column { generated, ..Column::new("made", ColumnKind::TinyInt) };
            let plain = Column::new("plain", ColumnKind::TinyInt);
            layout.follow(&[plain.clone(), made, plain]);
            let images = vec![0b10, 5].into();
            let raw = RawRows {
                op: Op::Insert,
                width: 3,
                absent: Some(absent.into()),
                images,
                head: Default::default(),
                place: Default::default(),
            };
            let mut builder = RowsBuilder::new(3);
            let mut scratch = Scratch::new(Zone::new(jiff::tz::TimeZone::UTC));
            decode(&raw, &layout, &mut scratch, &mut builder)
                .map_err(|fault| fault.at("f", 4).to_string())?;
            let rows = builder.build();
            let row = rows.iter().next().unwrap();
            Ok(format!("{:?}", row.after.unwrap().values().collect::<Vec<_>>()))
        };
        let made = [false, true, false];
        assert_eq!(read(Generated::Virtual, made), Ok("[Int(5), Null, Null]".to_owned()));
        let refused = |generated, absent| -> String { read(generated, absent).unwrap_err() };
        assert!(refused(Generated::Stored, made).contains("STORED column made"));
        assert!(refused(Generated::No, made).contains("binlog_row_image=FULL"));
        assert!(refused(Generated::Virtual, [true, false, false]).contains("binlog_row_image=FULL"));
    }

    #[test]
    fn the_end_of_time_has_three_forms() {
        assert!(is_the_end_of_time(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x42, 0x3F]));
        assert!(is_the_end_of_time(&[0xFF; 8]));
        assert!(!is_the_end_of_time(&[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0]));
        assert!(!is_the_end_of_time(&[0; 8]));
    }
}
