//! One cell, borrowed from its row.

use crate::{Date, DateTime, Time};

/// The value of one column in one row image.
///
/// Text is UTF-8 by the source's conversion from the column's charset, but is kept as bytes: what a server stored
/// may be malformed, and an encoder that needs valid text decides what to do about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// A signed integer, or a YEAR.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// A FLOAT.
    Float(f32),
    /// A DOUBLE.
    Double(f64),
    /// A DECIMAL: its text with full scale.
    Decimal(&'a [u8]),
    /// Text in UTF-8.
    Text(&'a [u8]),
    /// Bytes of a binary column.
    Bytes(&'a [u8]),
    /// A DATE.
    Date(Date),
    /// A DATETIME, or a TIMESTAMP already converted to the output's time zone.
    DateTime(DateTime),
    /// A TIME.
    Time(Time),
    /// The number of an ENUM member, from 1; 0 is the empty "error" value.
    Enum(u64),
    /// The bit mask of a SET's members.
    Set(u64),
    /// The bits of a BIT column as a big-endian number.
    Bit(u64),
    /// JSON text.
    Json(&'a [u8]),
}
