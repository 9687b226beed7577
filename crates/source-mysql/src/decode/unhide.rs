//! The rows of a table whose log shows more than the table has: [hidden columns](super::hidden), and history.
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
use super::hidden::{Hidden, lacks_columns};
use super::rows::RawRows;
use super::value::{Scratch, Wire};
use change_event::{Op, RowWriter, RowsBuilder, Value};

/// What it takes to read an image.
struct Reader<'a> {
    wires: &'a [Wire],
    hidden: &'a Hidden,
    /// The columns that the images leave out, which are hidden ones.
    absent: Option<&'a [bool]>,
}

/// One image, measured but not read.
struct Measured<'a> {
    bytes: Cursor<'a>,
    current: bool,
}

/// Unpacks the images into the builder, as far as they are rows of the table.
pub(crate) fn decode(
    raw: &RawRows,
    wires: &[Wire],
    hidden: &Hidden,
    scratch: &mut Scratch,
    builder: &mut RowsBuilder,
) -> Result<(), Fault> {
    let absent = raw.absent.as_deref();
    if absent.is_some_and(|absent| absent.iter().zip(&hidden.shown).any(|(&absent, &shown)| absent && shown))
    {
        return Err(lacks_columns());
    }
    let reader = Reader { wires, hidden, absent };
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
        self.walk(cursor, |i, value, cursor| {
            let bytes = value.map(|wire| wire.take(cursor)).transpose()?;
            if self.hidden.row_end == Some(i) {
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
        self.walk(&mut cursor, |i, value, cursor| {
            match (self.hidden.shown[i], value) {
                (true, None) => row.value(Value::Null)?,
                (true, Some(wire)) => wire.decode(cursor, scratch, row)?,
                (false, None) => {}
                (false, Some(wire)) => {
                    wire.take(cursor)?;
                }
            }
            Ok(())
        })
    }

    /// Visits the values of an image; those that are NULL are no bytes.
    fn walk<'a>(
        &self,
        cursor: &mut Cursor<'a>,
        mut visit: impl FnMut(usize, Option<Wire>, &mut Cursor<'a>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let nulls = cursor.take(self.present().div_ceil(8))?;
        let present = self.wires.iter().enumerate().filter(|(i, _)| !self.is_absent(*i));
        for (next, (i, &wire)) in present.enumerate() {
            let null = nulls[next / 8] & (1 << (next % 8)) != 0;
            visit(i, (!null).then_some(wire), cursor)?;
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
    use crate::decode::temporal::Zone;

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
        decode(&raw, &[Wire::Int(1), Wire::Timestamp(6)], hidden, &mut scratch, &mut builder)?;
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
    fn the_end_of_time_has_three_forms() {
        assert!(is_the_end_of_time(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x42, 0x3F]));
        assert!(is_the_end_of_time(&[0xFF; 8]));
        assert!(!is_the_end_of_time(&[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0]));
        assert!(!is_the_end_of_time(&[0; 8]));
    }
}
