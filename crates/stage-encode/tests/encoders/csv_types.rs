//! A value of every type, as CSV has it.

use crate::event::{binary, event, lines};
use change_event::{Column, ColumnKind, ColumnKind::*, Date, DateTime, Op, Time, Value};
use stage_encode::{BinaryEncoding, Csv, CsvConfig, EncodeError, Encoder, Reason};

fn shown(config: CsvConfig, column: Column, value: Value<'_>) -> String {
    let csv = Csv::new(CsvConfig { terminator: String::new(), ..config }).unwrap();
    let line = lines(&csv, &event("t", vec![column], &[(Op::Insert, &[value])]));
    let place = lines(&csv, &event("t", Vec::new(), &[(Op::Insert, &[])]));
    let field = line.strip_prefix(&place).unwrap();
    field.strip_prefix(&csv.config().delimiter).unwrap().to_owned()
}

fn quoted(column: Column, value: Value<'_>) -> String {
    shown(CsvConfig::default(), column, value)
}

fn column(kind: ColumnKind) -> Column {
    Column::new("c", kind)
}

fn members(kind: ColumnKind, names: &[&str]) -> Column {
    Column { members: names.iter().map(|&name| name.to_owned()).collect(), ..column(kind) }
}

#[test]
#[expect(clippy::approx_constant, reason = "3.14 is a golden of the ancestor")]
fn numbers_are_bare() {
    for kind in [TinyInt, SmallInt, MediumInt, Int, BigInt] {
        assert_eq!(quoted(column(kind), Value::Int(1)), "1");
        assert_eq!(quoted(column(kind), Value::UInt(1)), "1");
    }
    assert_eq!(quoted(column(BigInt), Value::Int(i64::MIN)), "-9223372036854775808");
    assert_eq!(quoted(column(BigInt), Value::UInt(u64::MAX)), "18446744073709551615");
    assert_eq!(quoted(column(Float), Value::Float(3.14)), "3.14");
    assert_eq!(quoted(column(Double), Value::Double(3.14)), "3.14");
    assert_eq!(quoted(column(Double), Value::Double(1e6)), "1e+06");
    assert_eq!(quoted(column(Bit), Value::Bit(683)), "683");
    assert_eq!(quoted(column(Year), Value::Int(1970)), "1970");
}

#[test]
fn a_decimal_is_a_string_with_full_scale() {
    assert_eq!(quoted(column(Decimal), Value::Decimal(b"129012.1230000")), "\"129012.1230000\"");
}

#[test]
fn text_is_its_own_bytes() {
    for kind in [Char, VarChar, VarString, TinyText, Text, MediumText, LongText] {
        assert_eq!(quoted(column(kind), Value::Text(b"hello world")), "\"hello world\"");
    }
    assert_eq!(quoted(column(Vector), Value::Text(b"[1,2,3,4,5]")), "\"[1,2,3,4,5]\"");
    assert_eq!(quoted(column(Json), Value::Json(br#"{"key": "value"}"#)), r#""{""key"": ""value""}""#);
}

#[test]
fn malformed_text_is_kept() {
    let mut out = Vec::new();
    let event = event("t", vec![column(VarChar)], &[(Op::Insert, &[Value::Text(b"\xff\"\xfe")])]);
    Csv::default().encode(&event, &mut out).unwrap();
    assert!(out.ends_with(b",\"\xff\"\"\xfe\"\r\n"), "{}", out.escape_ascii());
}

#[test]
fn bytes_are_base64_or_hex() {
    let hex = CsvConfig { binary_encoding_method: BinaryEncoding::Hex, ..CsvConfig::default() };
    for kind in [Char, VarChar, TinyText, Text, MediumText, LongText] {
        let value = Value::Bytes(b"hello world");
        assert_eq!(quoted(binary(kind), value), "\"aGVsbG8gd29ybGQ=\"");
        assert_eq!(shown(hex.clone(), binary(kind), value), "\"68656c6c6f20776f726c64\"");
    }
}

#[test]
fn dates_and_times_are_strings() {
    let date = |year, month, day| Date { year, month, day };
    let at = |date, hour, minute, second, micros| DateTime { date, hour, minute, second, micros };
    let christmas = at(date(2015, 12, 20), 23, 58, 58, 120_000);
    assert_eq!(quoted(column(Date), Value::Date(date(2000, 1, 1))), "\"2000-01-01\"");
    assert_eq!(quoted(column(DateTime), Value::DateTime(christmas)), "\"2015-12-20 23:58:58\"");
    let stamp = at(date(1973, 12, 30), 15, 30, 0, 0);
    assert_eq!(quoted(column(Timestamp), Value::DateTime(stamp)), "\"1973-12-30 15:30:00\"");
    let time = Time { negative: false, hours: 23, minutes: 59, seconds: 59, micros: 0 };
    assert_eq!(quoted(column(Time), Value::Time(time)), "\"23:59:59\"");
    let fine = |kind| Column { decimals: Some(3), ..column(kind) };
    assert_eq!(quoted(fine(DateTime), Value::DateTime(christmas)), "\"2015-12-20 23:58:58.120\"");
    assert_eq!(quoted(fine(Time), Value::Time(Time { negative: true, ..time })), "\"-23:59:59.000\"");
}

#[test]
fn an_enum_is_its_members_name() {
    let column = members(Enum, &["a,", "b"]);
    assert_eq!(quoted(column.clone(), Value::Enum(1)), "\"a,\"");
    assert_eq!(quoted(column, Value::Enum(2)), "\"b\"");
}

#[test]
fn a_set_is_its_members_names() {
    let column = members(Set, &["a", "b", "c", "d"]);
    assert_eq!(quoted(column.clone(), Value::Set(9)), "\"a,d\"");
    assert_eq!(quoted(column.clone(), Value::Set(0)), "\"\"");
    let bare = CsvConfig { quote: String::new(), ..CsvConfig::default() };
    assert_eq!(shown(bare, column, Value::Set(9)), "a\\,d");
}

#[test]
fn null_has_its_own_text() {
    assert_eq!(quoted(column(Int), Value::Null), "\\N");
    let named = CsvConfig { null: "\"NULL\",".to_owned(), ..CsvConfig::default() };
    assert_eq!(shown(named, column(Int), Value::Null), "\"NULL\",");
}

#[test]
fn rendered_text_is_escaped_where_it_holds_the_delimiter() {
    let by = |delimiter: &str, quote: &str| CsvConfig {
        delimiter: delimiter.to_owned(),
        quote: quote.to_owned(),
        ..CsvConfig::default()
    };
    let date = Value::Date(Date { year: 2000, month: 1, day: 1 });
    assert_eq!(shown(by("-", ""), column(Date), date), "2000\\-01\\-01");
    assert_eq!(shown(by("-", "\""), column(Date), date), "\"2000-01-01\"");
    assert_eq!(shown(by(",", "0"), column(Date), date), "02000000-001-0010");
    assert_eq!(shown(by("sb", ""), binary(Text), Value::Bytes(b"hello")), "aGV\\s\\bG8=");
}

#[test]
fn a_number_without_a_member_is_an_error_that_leaves_nothing() {
    let cases = [
        (Enum, Value::Enum(3), Reason::EnumMember),
        (Enum, Value::Enum(u64::MAX), Reason::EnumMember),
        (Set, Value::Set(0b101), Reason::SetMember),
        (Set, Value::Set(1 << 63), Reason::SetMember),
    ];
    for (kind, bad, reason) in cases {
        let good = if kind == Enum { Value::Enum(1) } else { Value::Set(1) };
        let event =
            event("t", vec![members(kind, &["x", "y"])], &[(Op::Insert, &[good]), (Op::Insert, &[bad])]);
        let mut out = b"kept".to_vec();
        let error = Csv::default().encode(&event, &mut out).unwrap_err();
        let expected = EncodeError { table: event.table.name.clone(), column: Some("c".to_owned()), reason };
        assert_eq!((error, out.as_slice()), (expected, &b"kept"[..]), "{bad:?}");
    }
}
