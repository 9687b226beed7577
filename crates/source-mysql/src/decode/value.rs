//! One value from the bytes of a row image, by the column's type.

use super::charset::Charset;
use super::cursor::Cursor;
use super::temporal::{self, Zone};
use super::{Fault, decimal, json};
use change_event::{RowWriter, Value};

/// How a column's values are stored, with everything a decoder needs to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire {
    /// A signed integer of so many bytes.
    Int(u8),
    /// An unsigned integer of so many bytes.
    UInt(u8),
    Float,
    Double,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Year,
    /// A big-endian number of so many bytes.
    Bit(u8),
    Date,
    OldTime,
    OldDateTime,
    OldTimestamp,
    /// With fractional digits, like the next two.
    Time(u8),
    DateTime(u8),
    Timestamp(u8),
    /// Text after a length of so many bytes.
    Text {
        prefix: u8,
        charset: Charset,
    },
    /// Bytes after a length of so many bytes.
    Bytes(u8),
    /// BINARY(width): the log leaves trailing zeros out.
    Padded {
        prefix: u8,
        width: u16,
    },
    /// A member's number of so many bytes, of so many members.
    Enum {
        bytes: u8,
        members: u16,
    },
    /// A mask of so many bytes, of so many members.
    Set {
        bytes: u8,
        members: u8,
    },
    /// MySQL's binary JSON after a length of so many bytes.
    Json(u8),
    /// JSON that is stored as text, as MariaDB does.
    JsonText {
        prefix: u8,
        charset: Charset,
    },
    /// A vector of little-endian floats after a length of so many bytes.
    Vector(u8),
}

/// What decoding needs besides the bytes: the zone, and room that is used again for every value.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) zone: Zone,
    room: Vec<u8>,
}

impl Scratch {
    pub(crate) fn new(zone: Zone) -> Self {
        Self { zone, room: Vec::new() }
    }
}

impl Wire {
    /// Reads one value that is not NULL and adds it to the row.
    #[inline]
    pub(crate) fn decode(
        self,
        cursor: &mut Cursor<'_>,
        scratch: &mut Scratch,
        row: &mut RowWriter<'_>,
    ) -> Result<(), Fault> {
        let value = match self {
            Self::Int(bytes) => Value::Int(signed(cursor, bytes)?),
            Self::UInt(bytes) => Value::UInt(unsigned(cursor, bytes)?),
            Self::Float => Value::Float(f32::from_le_bytes(cursor.array()?)),
            Self::Double => Value::Double(f64::from_le_bytes(cursor.array()?)),
            Self::Decimal { precision, scale } => {
                let text = decimal::decode(cursor, precision, scale)?;
                return Ok(row.value(Value::Decimal(text.as_bytes()))?);
            }
            Self::Year => Value::Int(match cursor.u8()? {
                0 => 0,
                years => 1900 + i64::from(years),
            }),
            Self::Bit(bytes) => Value::Bit(cursor.big(usize::from(bytes))?),
            Self::Date => Value::Date(temporal::date(cursor)?),
            Self::OldTime => Value::Time(temporal::old_time(cursor)?),
            Self::OldDateTime => Value::DateTime(temporal::old_datetime(cursor)?),
            Self::OldTimestamp => Value::DateTime(temporal::old_timestamp(cursor, &scratch.zone)?),
            Self::Time(fsp) => Value::Time(temporal::time(cursor, fsp)?),
            Self::DateTime(fsp) => Value::DateTime(temporal::datetime(cursor, fsp)?),
            Self::Timestamp(fsp) => Value::DateTime(temporal::timestamp(cursor, fsp, &scratch.zone)?),
            Self::Text { prefix, charset } => {
                let text = charset.to_utf8(counted(cursor, prefix)?);
                return Ok(row.value(Value::Text(&text))?);
            }
            Self::Bytes(prefix) => Value::Bytes(counted(cursor, prefix)?),
            Self::Padded { prefix, width } => {
                let room = &mut scratch.room;
                room.clear();
                room.extend_from_slice(counted(cursor, prefix)?);
                room.resize(room.len().max(usize::from(width)), 0);
                Value::Bytes(room)
            }
            Self::Enum { bytes, members } => match cursor.little(usize::from(bytes))? {
                number if number > u64::from(members) => {
                    return Err(no_member("ENUM", number, members.into()));
                }
                number => Value::Enum(number),
            },
            Self::Set { bytes, members } => match cursor.little(usize::from(bytes))? {
                mask if mask.checked_shr(members.into()).is_some_and(|beyond| beyond != 0) => {
                    return Err(no_member("SET", u64::from(mask.ilog2()) + 1, members.into()));
                }
                mask => Value::Set(mask),
            },
            Self::Json(prefix) => {
                scratch.room.clear();
                json::to_text(counted(cursor, prefix)?, &mut scratch.room)?;
                Value::Json(&scratch.room)
            }
            Self::JsonText { prefix, charset } => {
                let text = charset.to_utf8(counted(cursor, prefix)?);
                return Ok(row.value(Value::Json(&text))?);
            }
            Self::Vector(prefix) => {
                scratch.room.clear();
                vector(counted(cursor, prefix)?, &mut scratch.room)?;
                Value::Text(&scratch.room)
            }
        };
        Ok(row.value(value)?)
    }
}

impl Wire {
    /// Moves behind one value that is not NULL, and gives its bytes without their length.
    pub(crate) fn take<'a>(self, cursor: &mut Cursor<'a>) -> Result<&'a [u8], Fault> {
        let bytes = match self {
            Self::Int(bytes)
            | Self::UInt(bytes)
            | Self::Bit(bytes)
            | Self::Enum { bytes, .. }
            | Self::Set { bytes, .. } => usize::from(bytes),
            Self::Float | Self::OldTimestamp => 4,
            Self::Double | Self::OldDateTime => 8,
            Self::Decimal { precision, scale } => decimal::size(precision, scale),
            Self::Year => 1,
            Self::Date | Self::OldTime => 3,
            Self::Time(fsp) => 3 + temporal::fraction_bytes(fsp),
            Self::DateTime(fsp) => 5 + temporal::fraction_bytes(fsp),
            Self::Timestamp(fsp) => 4 + temporal::fraction_bytes(fsp),
            Self::Text { prefix, .. }
            | Self::JsonText { prefix, .. }
            | Self::Padded { prefix, .. }
            | Self::Bytes(prefix)
            | Self::Json(prefix)
            | Self::Vector(prefix) => return counted(cursor, prefix),
        };
        cursor.take(bytes)
    }
}

/// The table had other members when this was written than those it is known with.
#[cold]
fn no_member(kind: &str, number: u64, members: u64) -> Fault {
    Fault::corrupt(format!(
        "a value has member {number} of {kind}, and its column is known with {members} members"
    ))
}

#[inline]
fn signed(cursor: &mut Cursor<'_>, bytes: u8) -> Result<i64, Fault> {
    Ok(match bytes {
        1 => i64::from(cursor.u8()? as i8),
        2 => i64::from(cursor.u16()? as i16),
        3 => (cursor.little(3)? as i64) << 40 >> 40,
        4 => i64::from(cursor.u32()? as i32),
        _ => cursor.u64()? as i64,
    })
}

#[inline]
fn unsigned(cursor: &mut Cursor<'_>, bytes: u8) -> Result<u64, Fault> {
    Ok(match bytes {
        1 => u64::from(cursor.u8()?),
        2 => u64::from(cursor.u16()?),
        3 => cursor.little(3)?,
        4 => u64::from(cursor.u32()?),
        _ => cursor.u64()?,
    })
}

/// As many bytes as the little-endian length before them says.
#[inline]
fn counted<'a>(cursor: &mut Cursor<'a>, prefix: u8) -> Result<&'a [u8], Fault> {
    let length = match prefix {
        1 => u64::from(cursor.u8()?),
        2 => u64::from(cursor.u16()?),
        _ => cursor.little(usize::from(prefix))?,
    };
    cursor.take(usize::try_from(length).unwrap_or(usize::MAX))
}

/// `[1,2.5]`
pub(crate) fn vector(floats: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    use std::io::Write;
    let (floats, rest) = floats.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Fault::corrupt("a VECTOR is not a whole number of floats"));
    }
    out.push(b'[');
    for (i, float) in floats.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        write!(out, "{comma}{}", f32::from_le_bytes(*float))
            .map_err(|_| Fault::corrupt("a VECTOR is too long"))?;
    }
    out.push(b']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use change_event::{Op, RowsBuilder};
    use jiff::tz::TimeZone;

    /// Decodes one value of one column and looks at it.
    fn decode<T>(wire: Wire, bytes: &[u8], look: impl FnOnce(Value<'_>) -> T) -> Result<T, Fault> {
        let mut rows = RowsBuilder::new(1);
        let mut scratch = Scratch::new(Zone::new(TimeZone::UTC));
        let mut row = rows.row(Op::Insert);
        let mut cursor = Cursor::new(bytes);
        let mut twin = cursor;
        wire.decode(&mut cursor, &mut scratch, &mut row)?;
        assert!(cursor.is_empty(), "the whole value is read");
        wire.take(&mut twin)?;
        assert!(twin.is_empty(), "or stepped over");
        row.finish()?;
        let rows = rows.build();
        let row = rows.iter().next().unwrap();
        Ok(look(row.after.unwrap().value(0)))
    }

    fn shows(wire: Wire, bytes: &[u8]) -> String {
        decode(wire, bytes, |value| match value {
            Value::Text(b) | Value::Json(b) => String::from_utf8_lossy(b).into_owned(),
            other => format!("{other:?}"),
        })
        .unwrap()
    }

    #[test]
    fn integers_keep_their_sign_at_every_width() {
        assert_eq!(shows(Wire::Int(1), &[0x80]), "Int(-128)");
        assert_eq!(shows(Wire::Int(3), &[0, 0, 0x80]), "Int(-8388608)");
        assert_eq!(shows(Wire::UInt(3), &[0xFF; 3]), "UInt(16777215)");
        assert_eq!(shows(Wire::Int(8), &[0xFF; 8]), "Int(-1)");
        assert_eq!(shows(Wire::UInt(8), &[0xFF; 8]), "UInt(18446744073709551615)");
    }

    #[test]
    fn binary_is_padded_back_to_its_width() {
        let wire = Wire::Padded { prefix: 1, width: 4 };
        decode(wire, &[2, 7, 8], |v| assert_eq!(v, Value::Bytes(&[7, 8, 0, 0]))).unwrap();
    }

    #[test]
    fn text_is_converted_and_lengths_are_checked() {
        let charset = Charset::named("latin1").unwrap();
        assert_eq!(shows(Wire::Text { prefix: 2, charset }, b"\x02\0\xE9!"), "é!");
        let short = decode(Wire::Bytes(4), &[9, 0, 0, 0, 1], |_| ());
        assert!(short.is_err());
    }

    #[test]
    fn a_member_that_its_column_does_not_have_is_told_and_never_guessed() {
        for (members, number, is_told) in [(3, 0, false), (3, 3, false), (3, 4, true), (u16::MAX, 255, false)]
        {
            let found = decode(Wire::Enum { bytes: 1, members }, &[number], |_| ());
            assert_eq!(found.is_err(), is_told, "{number} of {members}");
        }
        for (members, mask, is_told) in
            [(3, 7, false), (3, 8, true), (7, 128, true), (8, 255, false), (64, 255, false)]
        {
            let found = decode(Wire::Set { bytes: 1, members }, &[mask], |_| ());
            assert_eq!(found.is_err(), is_told, "{mask:b} of {members}");
        }
    }

    #[test]
    fn years_bits_sets_and_vectors_read_back() {
        assert_eq!(shows(Wire::Year, &[0]), "Int(0)");
        assert_eq!(shows(Wire::Year, &[126]), "Int(2026)");
        assert_eq!(shows(Wire::Bit(3), &[0, 2, 0xAB]), "Bit(683)");
        assert_eq!(shows(Wire::Set { bytes: 2, members: 9 }, &[0, 1]), "Set(256)");
        let vector = [[8, 0, 0, 0], 1.0_f32.to_le_bytes(), 2.5_f32.to_le_bytes()].concat();
        assert_eq!(shows(Wire::Vector(4), &vector), "[1,2.5]");
    }
}
