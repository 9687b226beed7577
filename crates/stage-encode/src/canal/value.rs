//! One column's value as JSON: a string, or `null`.

use super::json_text;
use crate::{float, temporal};
use change_event::{Column, Value};

/// Appends the value. An ENUM is its number and a SET its bit mask.
pub(super) fn write(column: &Column, value: &Value<'_>, out: &mut Vec<u8>) {
    if matches!(value, Value::Null) {
        return out.extend_from_slice(b"null");
    }
    out.push(b'"');
    match *value {
        Value::Null => {}
        Value::Int(v) => out.extend_from_slice(itoa::Buffer::new().format(v).as_bytes()),
        Value::UInt(v) | Value::Enum(v) | Value::Set(v) | Value::Bit(v) => {
            out.extend_from_slice(itoa::Buffer::new().format(v).as_bytes());
        }
        Value::Float(v) => float::write_plain(v, out),
        Value::Double(v) => float::write_plain(v, out),
        Value::Decimal(text) | Value::Text(text) | Value::Json(text) => json_text::write_utf8(text, out),
        Value::Bytes(bytes) => json_text::write_latin1(bytes, out),
        Value::Date(v) => temporal::write_date(v, out),
        Value::DateTime(v) => temporal::write_datetime(v, temporal::fraction_digits(column), out),
        Value::Time(v) => temporal::write_time(v, temporal::fraction_digits(column), out),
    }
    out.push(b'"');
}

/// Whether two values of a column have the same text: what `old` goes by when it shows changed columns only.
pub(super) fn same_text(before: Value<'_>, after: Value<'_>) -> bool {
    match (before, after) {
        // As numbers 0 and -0 are equal, and NaN is not equal to itself.
        (Value::Float(before), Value::Float(after)) => before.to_bits() == after.to_bits(),
        (Value::Double(before), Value::Double(after)) => before.to_bits() == after.to_bits(),
        (before, after) => before == after,
    }
}
