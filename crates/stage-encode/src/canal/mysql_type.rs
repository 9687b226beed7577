//! `mysqlType`: a column's type in MySQL's words.

use super::json_text;
use change_event::{Column, ColumnKind};

/// Appends the name of the type, with `unsigned` and `zerofill` (`int unsigned`).
pub(super) fn write_name(column: &Column, out: &mut Vec<u8>) {
    out.extend_from_slice(column.type_name().as_bytes());
    write_flags(column, out);
}

/// Appends the whole type as TiDB's information schema describes it (`int(11) unsigned`, `decimal(10,2)`).
pub(super) fn write_full(column: &Column, out: &mut Vec<u8>) {
    use ColumnKind::*;
    out.extend_from_slice(column.type_name().as_bytes());
    let length = column.length_or_default();
    let scale = column.decimals.filter(|&d| d != 0 && Some(d) != column.kind.default_decimals());
    match column.kind {
        TinyInt | SmallInt | MediumInt | Int | BigInt | Bit | Year | Char | VarChar | VarString
        | TinyText | Text | MediumText | LongText => write_numbers(length, None, out),
        Decimal => write_numbers(length, column.decimals.or(Some(0)), out),
        Float | Double if scale.is_some() => write_numbers(length, scale, out),
        DateTime | Timestamp | Time => write_numbers(scale, None, out),
        Vector => write_numbers(column.length, None, out),
        Enum | Set => write_members(column, out),
        Float | Double | Date | Json | Geometry | Unspecified => {}
    }
    write_flags(column, out);
}

/// A BIT and a YEAR are never said to be unsigned, nor a YEAR to be zero-filled.
fn write_flags(column: &Column, out: &mut Vec<u8>) {
    let year = column.kind == ColumnKind::Year;
    if column.unsigned && !year && column.kind != ColumnKind::Bit {
        out.extend_from_slice(b" unsigned");
    }
    if column.zerofill && !year {
        out.extend_from_slice(b" zerofill");
    }
}

/// `(first)` or `(first,second)`; nothing if there is no first.
fn write_numbers(first: Option<u32>, second: Option<u32>, out: &mut Vec<u8>) {
    let Some(first) = first else { return };
    out.push(b'(');
    out.extend_from_slice(itoa::Buffer::new().format(first).as_bytes());
    if let Some(second) = second {
        out.push(b',');
        out.extend_from_slice(itoa::Buffer::new().format(second).as_bytes());
    }
    out.push(b')');
}

/// `('a','b')`, quotes and line breaks written as SQL writes them, all of it inside a JSON string.
fn write_members(column: &Column, out: &mut Vec<u8>) {
    out.extend_from_slice(b"('");
    for (at, member) in column.members.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b"','");
        }
        for piece in member.split_inclusive(['\'', '\0', '\n', '\r']) {
            let plain = piece.trim_end_matches(['\'', '\0', '\n', '\r']);
            json_text::write_utf8(plain.as_bytes(), out);
            out.extend_from_slice(match &piece[plain.len()..] {
                "'" => b"''",
                "\0" => b"\\\\0",
                "\n" => b"\\\\n",
                "\r" => b"\\\\r",
                _ => b"",
            });
        }
    }
    out.extend_from_slice(b"')");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: ColumnKind, length: Option<u32>, decimals: Option<u32>) -> Column {
        Column { length, decimals, ..Column::new("c", kind) }
    }

    fn texts(column: &Column) -> [String; 2] {
        [write_name, write_full].map(|write| {
            let mut out = Vec::new();
            write(column, &mut out);
            String::from_utf8(out).unwrap()
        })
    }

    #[test]
    fn the_whole_type_has_length_and_scale() {
        use ColumnKind::*;
        let cases = [
            (column(Int, None, None), "int", "int(11)"),
            (column(Int, Some(10), None), "int", "int(10)"),
            (column(VarChar, Some(64), None), "varchar", "varchar(64)"),
            (column(Decimal, Some(10), Some(2)), "decimal", "decimal(10,2)"),
            (column(Decimal, None, None), "decimal", "decimal(10,0)"),
            (column(Float, Some(7), Some(3)), "float", "float(7,3)"),
            (column(Double, None, None), "double", "double"),
            (column(DateTime, None, Some(6)), "datetime", "datetime(6)"),
            (column(Timestamp, None, Some(0)), "timestamp", "timestamp"),
            (column(Date, None, None), "date", "date"),
            (column(Year, Some(4), None), "year", "year(4)"),
            (column(Bit, Some(8), None), "bit", "bit(8)"),
            (column(Json, None, None), "json", "json"),
            (column(Vector, Some(5), None), "vector", "vector(5)"),
        ];
        for (column, name, full) in cases {
            assert_eq!(texts(&column), [name, full]);
        }
    }

    #[test]
    fn the_flags_follow_the_type() {
        let flagged = |kind| Column { unsigned: true, zerofill: true, ..Column::new("c", kind) };
        let int = texts(&flagged(ColumnKind::Int));
        assert_eq!(int, ["int unsigned zerofill", "int(11) unsigned zerofill"]);
        assert_eq!(texts(&flagged(ColumnKind::Bit)), ["bit zerofill", "bit(1) zerofill"]);
        assert_eq!(texts(&flagged(ColumnKind::Year)), ["year", "year(4)"]);
    }

    #[test]
    fn members_are_sql_inside_json() {
        let members = ["a,", "it's", "x\ny", "\"b\"", "''", ""].map(str::to_owned).to_vec();
        let column = Column { members, ..Column::new("c", ColumnKind::Enum) };
        let expected = r#"enum('a,','it''s','x\\ny','\"b\"','''''','')"#;
        assert_eq!(texts(&column), ["enum", expected]);
    }
}
