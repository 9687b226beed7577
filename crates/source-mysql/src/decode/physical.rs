//! What a table map says about a column before its optional metadata: the type byte and its length bytes.

use super::cursor::Cursor;
use super::server_version::Flavor;
use super::{Fault, decimal};
use std::fmt;

/// A column type as the log stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Physical {
    /// An integer of so many bytes.
    Int(u8),
    Float,
    Double,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Year,
    /// So many bits.
    Bit(u16),
    Date,
    OldTime,
    OldDateTime,
    OldTimestamp,
    /// With fractional digits, like the next two.
    Time(u8),
    DateTime(u8),
    Timestamp(u8),
    /// At most so many bytes.
    Char(u16),
    /// At most so many bytes.
    VarChar(u16),
    /// The length takes so many bytes, like in the next three.
    Blob(u8),
    Json(u8),
    Geometry(u8),
    Vector(u8),
    /// The number takes so many bytes.
    Enum(u8),
    /// The mask takes so many bytes.
    Set(u8),
}

impl Physical {
    /// Reads the type with this byte; `lengths` holds the length bytes of all columns one after the other.
    pub(crate) fn read(code: u8, lengths: &mut Cursor<'_>) -> Result<Self, Fault> {
        Ok(match code {
            1 => Self::Int(1),
            2 => Self::Int(2),
            9 => Self::Int(3),
            3 => Self::Int(4),
            8 => Self::Int(8),
            4 => Self::sized(lengths, 4, Self::Float)?,
            5 => Self::sized(lengths, 8, Self::Double)?,
            246 => {
                let (precision, scale) = (lengths.u8()?, lengths.u8()?);
                if !decimal::is_legal(precision, scale) {
                    return Err(Fault::corrupt("a DECIMAL has an impossible precision or scale"));
                }
                Self::Decimal { precision, scale }
            }
            13 => Self::Year,
            16 => {
                let (bits, bytes) = (lengths.u8()?, lengths.u8()?);
                match u16::from(bits) + 8 * u16::from(bytes) {
                    bits @ 1..=64 => Self::Bit(bits),
                    _ => return Err(Fault::corrupt("a BIT column has an impossible length")),
                }
            }
            10 | 14 => Self::Date,
            11 => Self::OldTime,
            12 => Self::OldDateTime,
            7 => Self::OldTimestamp,
            19 => Self::Time(fraction(lengths)?),
            18 => Self::DateTime(fraction(lengths)?),
            17 => Self::Timestamp(fraction(lengths)?),
            15 | 253 => Self::VarChar(lengths.u16()?),
            249..=252 => Self::Blob(prefix(lengths)?),
            245 => Self::Json(prefix(lengths)?),
            255 => Self::Geometry(prefix(lengths)?),
            242 => Self::Vector(prefix(lengths)?),
            247 | 248 | 254 => Self::string(code, lengths)?,
            140 | 141 => {
                return Err(Fault::unsupported(
                    "a column is COMPRESSED (altering it to a plain one avoids it from then on)",
                ));
            }
            _ => return Err(Fault::unsupported(format!("a column has the unknown type {code}"))),
        })
    }

    fn sized(lengths: &mut Cursor<'_>, size: u8, kind: Self) -> Result<Self, Fault> {
        if lengths.u8()? == size {
            Ok(kind)
        } else {
            Err(Fault::corrupt("a FLOAT or DOUBLE has an impossible size"))
        }
    }

    /// CHAR, and ENUM and SET in its disguise: the first length byte says which, and holds two bits of the length.
    fn string(code: u8, lengths: &mut Cursor<'_>) -> Result<Self, Fault> {
        let (first, second) = (lengths.u8()?, lengths.u8()?);
        let (real, high) = match first {
            0 => (code, 0),
            _ => (first | 0x30, u16::from(!first & 0x30) << 4),
        };
        let length = high | u16::from(second);
        match (real, length) {
            (247, 1 | 2) => Ok(Self::Enum(second)),
            (248, 1..=8) => Ok(Self::Set(second)),
            (254, _) => Ok(Self::Char(length)),
            _ => Err(Fault::corrupt("a CHAR, ENUM or SET has an impossible type")),
        }
    }

    /// Whether the metadata may have a bit for its sign. That of a YEAR says nothing, and [not every server has
    /// it](super::signs).
    pub(crate) fn has_sign(self) -> bool {
        matches!(self, Self::Int(_) | Self::Float | Self::Double | Self::Decimal { .. } | Self::Year)
    }

    /// Whether its charset decides between text and bytes.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Char(_) | Self::VarChar(_) | Self::Blob(_))
    }

    /// Whether the metadata has a charset for it among the text columns.
    pub(crate) fn has_charset(self, flavor: Flavor) -> bool {
        self.is_text() || flavor == Flavor::MariaDb && matches!(self, Self::Geometry(_))
    }

    /// Whether the metadata has members and a charset for it.
    pub(crate) fn has_members(self) -> bool {
        matches!(self, Self::Enum(_) | Self::Set(_))
    }
}

/// As an error names it, in bytes where the log counts bytes.
impl fmt::Display for Physical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(bytes) => write!(f, "an integer of {bytes} bytes"),
            Self::Float => f.write_str("a float"),
            Self::Double => f.write_str("a double"),
            Self::Decimal { precision, scale } => write!(f, "a decimal({precision},{scale})"),
            Self::Year => f.write_str("a year"),
            Self::Bit(bits) => write!(f, "a bit({bits})"),
            Self::Date => f.write_str("a date"),
            Self::OldTime => f.write_str("a time"),
            Self::OldDateTime => f.write_str("a datetime"),
            Self::OldTimestamp => f.write_str("a timestamp"),
            Self::Time(digits) => write!(f, "a time({digits})"),
            Self::DateTime(digits) => write!(f, "a datetime({digits})"),
            Self::Timestamp(digits) => write!(f, "a timestamp({digits})"),
            Self::Char(bytes) => write!(f, "a char of {bytes} bytes"),
            Self::VarChar(bytes) => write!(f, "a varchar of {bytes} bytes"),
            Self::Blob(prefix) => write!(f, "a text or blob with a length of {prefix} bytes"),
            Self::Json(_) => f.write_str("a json"),
            Self::Geometry(_) => f.write_str("a geometry"),
            Self::Vector(_) => f.write_str("a vector"),
            Self::Enum(bytes) => write!(f, "an enum of {bytes} bytes"),
            Self::Set(bytes) => write!(f, "a set of {bytes} bytes"),
        }
    }
}

fn fraction(lengths: &mut Cursor<'_>) -> Result<u8, Fault> {
    match lengths.u8()? {
        digits @ 0..=6 => Ok(digits),
        _ => Err(Fault::corrupt("a time has more than six fractional digits")),
    }
}

fn prefix(lengths: &mut Cursor<'_>) -> Result<u8, Fault> {
    match lengths.u8()? {
        bytes @ 1..=4 => Ok(bytes),
        _ => Err(Fault::corrupt("a BLOB has an impossible length of its length")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: u8, lengths: &[u8]) -> Result<Physical, Fault> {
        Physical::read(code, &mut Cursor::new(lengths))
    }

    #[test]
    fn char_hides_enum_set_and_two_bits_of_its_length() {
        assert_eq!(read(254, &[247, 1]), Ok(Physical::Enum(1)));
        assert_eq!(read(254, &[248, 8]), Ok(Physical::Set(8)));
        assert_eq!(read(254, &[254, 40]), Ok(Physical::Char(40)));
        // CHAR(255) in utf8mb4: 1020 bytes.
        assert_eq!(read(254, &[0xFE ^ 0x30, 0xFC]), Ok(Physical::Char(1020)));
    }

    #[test]
    fn impossible_types_are_errors() {
        assert!(read(246, &[66, 0]).is_err());
        assert!(read(18, &[7]).is_err());
        assert!(read(252, &[0]).is_err());
        assert!(read(141, &[1, 1]).is_err());
        assert!(read(77, &[]).is_err());
    }
}
