//! One column's value as a field.

use super::{BinaryEncoding, binary, encoder::Csv};
use crate::{encoder::Reason, float, temporal};
use change_event::{Column, Value};

impl Csv {
    /// Appends the delimiter and the value; `plain` says that no string of the event needs care.
    ///
    /// The value comes by reference: a copy would read in one piece what has just been written in two, and wait for
    /// it.
    #[inline]
    pub(super) fn field(
        &self,
        column: &Column,
        value: &Value<'_>,
        plain: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Reason> {
        match *value {
            Value::Null => out.extend_from_slice(&self.null),
            Value::Int(v) => self.bare(itoa::Buffer::new().format(v), out),
            Value::UInt(v) | Value::Bit(v) => self.bare(itoa::Buffer::new().format(v), out),
            Value::Float(v) => {
                self.quoting.bare(out);
                float::write_general(v, out);
            }
            Value::Double(v) => {
                self.quoting.bare(out);
                float::write_general(v, out);
            }
            Value::Decimal(text) | Value::Text(text) | Value::Json(text) if plain => {
                self.quoting.plain_string(text, out);
            }
            Value::Decimal(text) | Value::Text(text) | Value::Json(text) => self.quoting.string(text, out),
            Value::Bytes(bytes) => self.rendered(out, |out| match self.binary {
                BinaryEncoding::Base64 => binary::write_base64(bytes, out),
                BinaryEncoding::Hex => binary::write_hex(bytes, out),
            }),
            Value::Date(v) => self.rendered(out, |out| temporal::write_date(v, out)),
            Value::DateTime(v) => {
                let digits = temporal::fraction_digits(column);
                self.rendered(out, |out| temporal::write_datetime(v, digits, out));
            }
            Value::Time(v) => {
                let digits = temporal::fraction_digits(column);
                self.rendered(out, |out| temporal::write_time(v, digits, out));
            }
            Value::Enum(number) => self.quoting.string(enum_member(column, number)?.as_bytes(), out),
            Value::Set(mask) => self.set(column, mask, out)?,
        }
        Ok(())
    }

    fn bare(&self, text: &str, out: &mut Vec<u8>) {
        self.quoting.bare(out);
        out.extend_from_slice(text.as_bytes());
    }

    fn rendered(&self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.quoting.open(out);
        write(out);
        self.quoting.close_rendered(start, out);
    }

    /// Appends the names of the members whose bits are set, joined by commas whatever the delimiter is.
    fn set(&self, column: &Column, mask: u64, out: &mut Vec<u8>) -> Result<(), Reason> {
        let start = self.quoting.open(out);
        let mut rest = mask;
        while rest != 0 {
            let member = column.members.get(rest.trailing_zeros() as usize).ok_or(Reason::SetMember)?;
            out.extend_from_slice(member.as_bytes());
            rest &= rest - 1;
            if rest != 0 {
                out.push(b',');
            }
        }
        self.quoting.close(start, out);
        Ok(())
    }
}

/// The name of an ENUM's member. Members count from 1; 0 is what a server keeps for a value that is none of them, and
/// shows as an empty text.
fn enum_member(column: &Column, number: u64) -> Result<&str, Reason> {
    if number == 0 {
        return Ok("");
    }
    let index = number.checked_sub(1).and_then(|index| usize::try_from(index).ok());
    let member = index.and_then(|index| column.members.get(index));
    member.map(String::as_str).ok_or(Reason::EnumMember)
}
