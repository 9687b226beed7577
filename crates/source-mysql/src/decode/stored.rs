//! What a physical type alone says: how its values are stored, and how long they can be.

use super::charset::Charset;
use super::collation::max_bytes_per_char;
use super::physical::Physical;
use super::value::Wire;

/// Length and decimals where the log tells them. Lengths of text are characters; the log has bytes.
pub(crate) fn lengths(physical: Physical, charset: Option<&str>) -> (Option<u32>, Option<u32>) {
    match physical {
        Physical::Decimal { precision, scale } => (Some(u32::from(precision)), Some(u32::from(scale))),
        Physical::Bit(bits) => (Some(u32::from(bits)), None),
        Physical::Time(digits @ 1..)
        | Physical::DateTime(digits @ 1..)
        | Physical::Timestamp(digits @ 1..) => (None, Some(u32::from(digits))),
        Physical::Char(bytes) | Physical::VarChar(bytes) => {
            (Some(u32::from(bytes) / max_bytes_per_char(charset.unwrap_or("binary"))), None)
        }
        _ => (None, None),
    }
}

/// How the values of such a column are stored. `binary`: its text is bytes.
pub(crate) fn wire(physical: Physical, unsigned: bool, charset: Charset, binary: bool) -> Wire {
    let text = |prefix| if binary { Wire::Bytes(prefix) } else { Wire::Text { prefix, charset } };
    let prefix_of = |bytes: u16| if bytes > 255 { 2 } else { 1 };
    match physical {
        Physical::Int(bytes) if unsigned => Wire::UInt(bytes),
        Physical::Int(bytes) => Wire::Int(bytes),
        Physical::Float => Wire::Float,
        Physical::Double => Wire::Double,
        Physical::Decimal { precision, scale } => Wire::Decimal { precision, scale },
        Physical::Year => Wire::Year,
        Physical::Bit(bits) => Wire::Bit(bits.div_ceil(8) as u8),
        Physical::Date => Wire::Date,
        Physical::OldTime => Wire::OldTime,
        Physical::OldDateTime => Wire::OldDateTime,
        Physical::OldTimestamp => Wire::OldTimestamp,
        Physical::Time(digits) => Wire::Time(digits),
        Physical::DateTime(digits) => Wire::DateTime(digits),
        Physical::Timestamp(digits) => Wire::Timestamp(digits),
        Physical::Char(bytes) if binary => Wire::Padded { prefix: prefix_of(bytes), width: bytes },
        Physical::Char(bytes) | Physical::VarChar(bytes) => text(prefix_of(bytes)),
        Physical::Blob(prefix) => text(prefix),
        Physical::Json(prefix) => Wire::Json(prefix),
        Physical::Geometry(prefix) => Wire::Bytes(prefix),
        Physical::Vector(prefix) => Wire::Vector(prefix),
        // As many as fit, until a table is followed.
        Physical::Enum(bytes) => Wire::Enum { bytes, members: u16::MAX },
        Physical::Set(bytes) => Wire::Set { bytes, members: 64 },
    }
}
