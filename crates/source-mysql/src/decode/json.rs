//! MySQL's binary JSON to text, in the style of `output-format` 3.1: `{"key": "value"}`.
//!
//! A value is a type byte and a body. The body of an object or array is its element count and size, then entries
//! (offset and length of each key, type and offset of each value; small values sit in the entry itself), then the
//! keys and values they point at. Offsets count from the start of the body and take two bytes in a "small"
//! container, four in a "large" one.

use super::cursor::Cursor;
use super::json_text::{base64, number, quoted};
use super::{Fault, decimal, temporal};

/// MySQL allows no deeper nesting.
const MAX_DEPTH: usize = 100;

/// Appends the text of one binary JSON document.
pub(crate) fn to_text(document: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut writer = Writer {
        out,
        // Every element takes a byte of its own; more of them means that offsets run in circles.
        budget: document.len() + 1,
    };
    match document.split_first() {
        Some((&kind, body)) => writer.value(kind, body, 0),
        None => writer.literal(b"null"),
    }
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    budget: usize,
}

impl Writer<'_> {
    fn value(&mut self, kind: u8, body: &[u8], depth: usize) -> Result<(), Fault> {
        self.budget = self.budget.checked_sub(1).ok_or_else(malformed)?;
        if depth > MAX_DEPTH {
            return Err(malformed());
        }
        let mut cursor = Cursor::new(body);
        match kind {
            0x00 => self.container(body, Shape::SMALL, true, depth),
            0x01 => self.container(body, Shape::LARGE, true, depth),
            0x02 => self.container(body, Shape::SMALL, false, depth),
            0x03 => self.container(body, Shape::LARGE, false, depth),
            0x04 => match cursor.u8()? {
                0 => self.literal(b"null"),
                1 => self.literal(b"true"),
                2 => self.literal(b"false"),
                _ => Err(malformed()),
            },
            0x05 => self.display(cursor.u16()? as i16),
            0x06 => self.display(cursor.u16()?),
            0x07 => self.display(cursor.u32()? as i32),
            0x08 => self.display(cursor.u32()?),
            0x09 => self.display(cursor.u64()? as i64),
            0x0A => self.display(cursor.u64()?),
            0x0B => {
                number(f64::from_bits(cursor.u64()?), self.out);
                Ok(())
            }
            0x0C => {
                let length = variable_length(&mut cursor)?;
                quoted(cursor.take(length)?, self.out);
                Ok(())
            }
            0x0F => self.opaque(&mut cursor),
            _ => Err(malformed()),
        }
    }

    fn container(&mut self, body: &[u8], shape: Shape, object: bool, depth: usize) -> Result<(), Fault> {
        let mut header = Cursor::new(body);
        let count = header.little(shape.width)? as usize;
        let size = header.little(shape.width)? as usize;
        let body = body.get(..size).ok_or_else(malformed)?;
        let keys = 2 * shape.width;
        let values = keys + if object { count * (shape.width + 2) } else { 0 };
        self.out.push(if object { b'{' } else { b'[' });
        for i in 0..count {
            if i > 0 {
                self.out.extend_from_slice(b", ");
            }
            if object {
                let mut entry = at(body, keys + i * (shape.width + 2))?;
                let offset = entry.little(shape.width)? as usize;
                let length = usize::from(entry.u16()?);
                quoted(at(body, offset)?.take(length)?, self.out);
                self.out.extend_from_slice(b": ");
            }
            let mut entry = at(body, values + i * (1 + shape.width))?;
            let kind = entry.u8()?;
            if shape.inlines(kind) {
                self.value(kind, entry.take(shape.width)?, depth + 1)?;
            } else {
                let offset = entry.little(shape.width)? as usize;
                self.value(kind, at(body, offset)?.rest(), depth + 1)?;
            }
        }
        self.out.push(if object { b'}' } else { b']' });
        Ok(())
    }

    /// A value of an SQL type that JSON does not have.
    fn opaque(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        const TIMESTAMP: u8 = 7;
        const DATE: u8 = 10;
        const TIME: u8 = 11;
        const DATETIME: u8 = 12;
        const NEWDECIMAL: u8 = 246;
        let kind = cursor.u8()?;
        let length = variable_length(cursor)?;
        let data = cursor.take(length)?;
        let mut inner = Cursor::new(data);
        match kind {
            NEWDECIMAL => {
                let (precision, scale) = (inner.u8()?, inner.u8()?);
                if !decimal::is_legal(precision, scale) {
                    return Err(malformed());
                }
                let text = decimal::decode(&mut inner, precision, scale)?;
                self.literal(text.as_bytes())
            }
            DATE => {
                let d = temporal::unpack_datetime(inner.u64()? >> 24 & ((1 << 40) - 1), 0).date;
                self.display(format_args!("\"{:04}-{:02}-{:02}\"", d.year, d.month, d.day))
            }
            TIMESTAMP | DATETIME => {
                let packed = inner.u64()?;
                let v =
                    temporal::unpack_datetime(packed >> 24 & ((1 << 40) - 1), (packed & 0xFF_FFFF) as u32);
                let (d, micros) = (v.date, v.micros);
                self.display(format_args!(
                    "\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{micros:06}\"",
                    d.year, d.month, d.day, v.hour, v.minute, v.second
                ))
            }
            TIME => {
                let v = temporal::unpack_time(inner.u64()? as i64, 24, 1);
                let sign = if v.negative { "-" } else { "" };
                self.display(format_args!(
                    "\"{sign}{:02}:{:02}:{:02}.{:06}\"",
                    v.hours, v.minutes, v.seconds, v.micros
                ))
            }
            _ => {
                self.display(format_args!("\"base64:type{kind}:"))?;
                base64(data, self.out);
                self.literal(b"\"")
            }
        }
    }

    fn literal(&mut self, text: &[u8]) -> Result<(), Fault> {
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn display(&mut self, value: impl std::fmt::Display) -> Result<(), Fault> {
        use std::io::Write;
        write!(self.out, "{value}").map_err(|_| malformed())
    }
}

/// The width of counts and offsets in a container.
#[derive(Clone, Copy)]
struct Shape {
    width: usize,
}

impl Shape {
    const SMALL: Self = Self { width: 2 };
    const LARGE: Self = Self { width: 4 };

    /// Whether values of this type sit in their entry: literals, and integers no wider than an offset.
    fn inlines(self, kind: u8) -> bool {
        matches!(kind, 0x04..=0x06) || self.width == 4 && matches!(kind, 0x07 | 0x08)
    }
}

fn at(body: &[u8], offset: usize) -> Result<Cursor<'_>, Fault> {
    body.get(offset..).map(Cursor::new).ok_or_else(malformed)
}

/// A length in groups of seven bits, lowest first, while the top bit says that more follow.
fn variable_length(cursor: &mut Cursor<'_>) -> Result<usize, Fault> {
    let mut length = 0;
    for shift in (0..35).step_by(7) {
        let byte = cursor.u8()?;
        length |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(length);
        }
    }
    Err(malformed())
}

fn malformed() -> Fault {
    Fault::corrupt("a JSON value is malformed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(document: &[u8]) -> String {
        let mut out = Vec::new();
        to_text(document, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_object_reads_with_spaces_after_colon_and_comma() {
        // {"a": 1, "b": "x"}: two key entries, two value entries, the keys, the string.
        let body = [2, 0, 22, 0, 18, 0, 1, 0, 19, 0, 1, 0, 0x05, 1, 0, 0x0C, 20, 0, b'a', b'b', 1, b'x'];
        let document = [&[0x00][..], &body].concat();
        assert_eq!(text(&document), r#"{"a": 1, "b": "x"}"#);
    }

    #[test]
    fn scalars_read_back() {
        assert_eq!(text(&[]), "null");
        assert_eq!(text(&[4, 1]), "true");
        assert_eq!(text(&[&[0x0B][..], &2.0_f64.to_le_bytes()].concat()), "2.0");
        assert_eq!(text(&[&[0x09][..], &(-5_i64).to_le_bytes()].concat()), "-5");
        assert_eq!(text(&[0x0F, 246, 4, 4, 2, 0x80, 0x05]), "0.05");
        assert_eq!(text(&[0x0F, 252, 2, 1, 2]), "\"base64:type252:AQI=\"");
    }

    /// As MySQL itself shows them.
    #[test]
    fn dates_carry_no_time_and_times_six_digits() {
        let packed = |kind: u8, packed: i64| text(&[&[0x0F, kind, 8][..], &packed.to_le_bytes()].concat());
        let date = ((2024 * 13 + 1) << 5 | 2) << 41;
        let at = 3 << 36 | 4 << 30 | 5 << 24;
        assert_eq!(packed(10, date), r#""2024-01-02""#);
        assert_eq!(packed(10, 0), r#""0000-00-00""#);
        assert_eq!(packed(12, date | at), r#""2024-01-02 03:04:05.000000""#);
        assert_eq!(packed(7, date | at | 123_000), r#""2024-01-02 03:04:05.123000""#);
        assert_eq!(packed(11, -(at | 500_000)), r#""-03:04:05.500000""#);
    }

    #[test]
    fn offsets_that_run_in_circles_end_in_an_error() {
        // An array of two whose elements are both the array itself, one byte on.
        let body = [2, 0, 10, 0, 0x02, 0, 0, 0x02, 0, 0];
        let mut out = Vec::new();
        assert!(to_text(&[&[0x02][..], &body].concat(), &mut out).is_err());
    }

    /// Ten arrays, each of four times the next one: a million values in two hundred bytes.
    #[test]
    fn more_values_than_bytes_end_in_an_error() {
        let mut body = vec![0, 0, 4, 0];
        for _ in 0..10 {
            let entry = [0x02, 16, 0];
            let size = (16 + body.len()) as u8;
            body = [&[4, 0, size, 0][..], &entry.repeat(4), &body].concat();
        }
        let mut out = Vec::new();
        assert!(to_text(&[&[0x02][..], &body].concat(), &mut out).is_err());
        assert!(out.len() < 1_000);
    }
}
