//! Whether a column that a statement declared can be stored as the log stores it.
//!
//! Where the log has no names this is what tells a table that is known from one that changed unseen, so nothing is
//! let pass but what a server does: `ENUM` and `SET` hide in a `CHAR`, MariaDB's `JSON` is text, its `VECTOR` bytes,
//! and tables from before MySQL 5.6 keep their old times.

use super::collation::max_bytes_per_char;
use super::physical::Physical;
use change_event::{Column, ColumnKind};

/// `charset`: what the log says of it, or the declared one.
pub(crate) fn fits(declared: &Column, physical: Physical, charset: Option<&str>) -> bool {
    use ColumnKind as K;
    let digits = declared.decimals.unwrap_or(0);
    let same_digits = |fsp: u8| digits == u32::from(fsp);
    let width = declared.length_or_default();
    let bytes = || width.map(|n| u64::from(n) * u64::from(max_bytes_per_char(charset.unwrap_or("binary"))));
    match (declared.kind, physical) {
        (K::TinyInt, Physical::Int(1))
        | (K::SmallInt, Physical::Int(2))
        | (K::MediumInt, Physical::Int(3))
        | (K::Int, Physical::Int(4))
        | (K::BigInt, Physical::Int(8))
        | (K::Float, Physical::Float)
        | (K::Double, Physical::Double)
        | (K::Year, Physical::Year)
        | (K::Date, Physical::Date)
        | (K::Json, Physical::Json(_) | Physical::Blob(4))
        | (K::Vector, Physical::Vector(_) | Physical::VarChar(_))
        | (K::Geometry, Physical::Geometry(_))
        | (K::TinyText, Physical::Blob(1))
        | (K::Text, Physical::Blob(2))
        | (K::MediumText, Physical::Blob(3))
        | (K::LongText, Physical::Blob(4)) => true,
        (K::Decimal, Physical::Decimal { precision, scale }) => {
            width == Some(u32::from(precision)) && same_digits(scale)
        }
        (K::Bit, Physical::Bit(bits)) => width == Some(u32::from(bits)),
        (K::Time, Physical::Time(fsp))
        | (K::DateTime, Physical::DateTime(fsp))
        | (K::Timestamp, Physical::Timestamp(fsp)) => same_digits(fsp),
        (K::Time, Physical::OldTime)
        | (K::DateTime, Physical::OldDateTime)
        | (K::Timestamp, Physical::OldTimestamp) => digits == 0,
        (K::Char, Physical::Char(room)) | (K::VarChar | K::VarString, Physical::VarChar(room)) => {
            bytes() == Some(u64::from(room))
        }
        (K::Enum, Physical::Enum(bytes)) => bytes == if declared.members.len() < 256 { 1 } else { 2 },
        (K::Set, Physical::Set(bytes)) => {
            let needed = declared.members.len().div_ceil(8);
            usize::from(bytes) == if needed > 4 { 8 } else { needed.max(1) }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(kind: ColumnKind, length: Option<u32>) -> Column {
        Column { length, ..Column::new("c", kind) }
    }

    #[test]
    fn characters_are_counted_in_bytes() {
        let column = declared(ColumnKind::VarChar, Some(20));
        assert!(fits(&column, Physical::VarChar(80), Some("utf8mb4")));
        assert!(fits(&column, Physical::VarChar(60), Some("utf8mb3")));
        assert!(!fits(&column, Physical::VarChar(80), Some("latin1")));
        assert!(!fits(&column, Physical::Char(80), Some("utf8mb4")));
    }

    #[test]
    fn members_decide_the_bytes_of_a_number_or_a_mask() {
        let with = |kind, members: usize| Column {
            members: (0..members).map(|i| i.to_string()).collect(),
            ..Column::new("c", kind)
        };
        for (members, bytes) in [(1, 1), (8, 1), (9, 2), (24, 3), (25, 4), (33, 8), (64, 8)] {
            assert!(fits(&with(ColumnKind::Set, members), Physical::Set(bytes), None), "{members}");
        }
        assert!(fits(&with(ColumnKind::Enum, 255), Physical::Enum(1), None));
        assert!(fits(&with(ColumnKind::Enum, 256), Physical::Enum(2), None));
        assert!(!fits(&with(ColumnKind::Enum, 2), Physical::Set(1), None));
    }

    #[test]
    fn old_times_have_no_fraction() {
        let with = |decimals| Column { decimals, ..Column::new("c", ColumnKind::DateTime) };
        assert!(fits(&with(None), Physical::OldDateTime, None));
        assert!(fits(&with(Some(3)), Physical::DateTime(3), None));
        assert!(!fits(&with(Some(3)), Physical::OldDateTime, None));
        assert!(!fits(&with(Some(3)), Physical::DateTime(0), None));
    }
}
