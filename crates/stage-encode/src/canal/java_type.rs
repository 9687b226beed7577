//! `sqlType`: the number that `java.sql.Types` gives a column's type.

use change_event::{Column, ColumnKind, Value};

const BIT: &str = "-7";
const TINYINT: &str = "-6";
const SMALLINT: &str = "5";
const INTEGER: &str = "4";
const BIGINT: &str = "-5";
const REAL: &str = "7";
const DOUBLE: &str = "8";
const DECIMAL: &str = "3";
const CHAR: &str = "1";
const VARCHAR: &str = "12";
const DATE: &str = "91";
const TIME: &str = "92";
const TIMESTAMP: &str = "93";
const BLOB: &str = "2004";
const CLOB: &str = "2005";

/// The type of a column that holds this value, as JSON shows it.
///
/// An unsigned integer beyond the signed range of its type is said to have the next wider type. A GEOMETRY, which the
/// ancestor does not know, is a BLOB.
pub(super) fn java_type(column: &Column, value: &Value<'_>) -> &'static str {
    use ColumnKind::*;
    let above = |limit: u64| matches!(*value, Value::UInt(v) if v > limit);
    match column.kind {
        TinyInt if above(i8::MAX as u64) => SMALLINT,
        TinyInt => TINYINT,
        SmallInt if above(i16::MAX as u64) => INTEGER,
        SmallInt => SMALLINT,
        MediumInt | Enum => INTEGER,
        Int if above(i32::MAX as u64) => BIGINT,
        Int => INTEGER,
        BigInt if above(i64::MAX as u64) => DECIMAL,
        BigInt => BIGINT,
        Float => REAL,
        Double => DOUBLE,
        Decimal => DECIMAL,
        Bit | Set => BIT,
        Year | Json | Vector => VARCHAR,
        Date => DATE,
        DateTime | Timestamp => TIMESTAMP,
        Time => TIME,
        Char | VarChar | VarString | TinyText | Text | MediumText | LongText if column.is_binary() => BLOB,
        Char => CHAR,
        VarChar | VarString => VARCHAR,
        TinyText | Text | MediumText | LongText => CLOB,
        Geometry | Unspecified => BLOB,
    }
}

/// Whether the type of the column depends on its value.
pub(super) fn depends_on_value(column: &Column) -> bool {
    column.unsigned && column.kind.is_integer() && column.kind != ColumnKind::MediumInt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsigned_integer_beyond_the_signed_range_has_the_next_wider_type() {
        let cases = [
            (ColumnKind::TinyInt, 127, "-6", "5"),
            (ColumnKind::SmallInt, 32_767, "5", "4"),
            (ColumnKind::Int, 2_147_483_647, "4", "-5"),
            (ColumnKind::BigInt, 9_223_372_036_854_775_807, "-5", "3"),
        ];
        for (kind, limit, narrow, wide) in cases {
            let mut column = Column::new("c", kind);
            column.unsigned = true;
            assert!(depends_on_value(&column));
            assert_eq!(java_type(&column, &Value::UInt(limit)), narrow);
            assert_eq!(java_type(&column, &Value::UInt(limit + 1)), wide);
            assert_eq!(java_type(&column, &Value::Null), narrow);
        }
    }

    #[test]
    fn a_mediumint_fits_whatever_its_sign() {
        let mut column = Column::new("c", ColumnKind::MediumInt);
        column.unsigned = true;
        assert!(!depends_on_value(&column));
        assert_eq!(java_type(&column, &Value::UInt(16_777_215)), "4");
    }
}
