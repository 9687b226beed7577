//! A value of every type, as canal-json has it: the number of its type, the type's text, the value.

use crate::event::{binary, event, lines};
use change_event::{Column, ColumnKind, ColumnKind::*, Date, DateTime, Op, Time, Value};
use stage_encode::{CanalConfig, CanalJson};

/// `sqlType`, `mysqlType` and `data` of one column `c`.
fn shown(column: Column, value: Value<'_>) -> [String; 3] {
    let line = lines(
        &CanalJson::new(CanalConfig::default(), || 0),
        &event("t", vec![column], &[(Op::Insert, &[value])]),
    );
    let between = |start: &str, end: &str| {
        let from = line.find(start).unwrap() + start.len();
        line[from..from + line[from..].find(end).unwrap()].to_owned()
    };
    [
        between("\"sqlType\":{\"c\":", "}"),
        between("\"mysqlType\":{\"c\":\"", "\"}"),
        between("\"data\":[{\"c\":", "}]}\r\n"),
    ]
}

fn column(kind: ColumnKind) -> Column {
    Column::new("c", kind)
}

fn unsigned(kind: ColumnKind) -> Column {
    Column { unsigned: true, ..column(kind) }
}

fn holds(cases: &[(Column, Value<'_>, &str, &str, &str)]) {
    for (column, value, sql_type, mysql_type, text) in cases {
        assert_eq!(shown(column.clone(), *value), [*sql_type, *mysql_type, *text], "{column:?}");
    }
}

#[test]
fn numbers() {
    holds(&[
        (column(TinyInt), Value::Int(-128), "-6", "tinyint", "\"-128\""),
        (column(SmallInt), Value::Int(-32768), "5", "smallint", "\"-32768\""),
        (column(MediumInt), Value::Int(-8388608), "4", "mediumint", "\"-8388608\""),
        (column(Int), Value::Int(2147483647), "4", "int", "\"2147483647\""),
        (column(BigInt), Value::Int(i64::MIN), "-5", "bigint", "\"-9223372036854775808\""),
        (unsigned(TinyInt), Value::UInt(255), "5", "tinyint unsigned", "\"255\""),
        (unsigned(SmallInt), Value::UInt(65535), "4", "smallint unsigned", "\"65535\""),
        (unsigned(MediumInt), Value::UInt(16777215), "4", "mediumint unsigned", "\"16777215\""),
        (unsigned(Int), Value::UInt(4294967295), "-5", "int unsigned", "\"4294967295\""),
        (unsigned(BigInt), Value::UInt(u64::MAX), "3", "bigint unsigned", "\"18446744073709551615\""),
        (column(Float), Value::Float(1e10), "7", "float", "\"10000000000\""),
        (unsigned(Double), Value::Double(1e-7), "8", "double unsigned", "\"0.0000001\""),
        (column(Decimal), Value::Decimal(b"-1.50"), "3", "decimal", "\"-1.50\""),
        (column(Bit), Value::Bit(683), "-7", "bit", "\"683\""),
        (column(Year), Value::Int(1970), "12", "year", "\"1970\""),
    ]);
}

#[test]
fn dates_and_times() {
    let date = Date { year: 2015, month: 12, day: 20 };
    let at = DateTime { date, hour: 23, minute: 58, second: 58, micros: 500_000 };
    let time = Time { negative: true, hours: 101, minutes: 2, seconds: 3, micros: 450_000 };
    let fine = |kind| Column { decimals: Some(2), ..column(kind) };
    holds(&[
        (column(Date), Value::Date(date), "91", "date", "\"2015-12-20\""),
        (column(DateTime), Value::DateTime(at), "93", "datetime", "\"2015-12-20 23:58:58\""),
        (fine(Timestamp), Value::DateTime(at), "93", "timestamp", "\"2015-12-20 23:58:58.50\""),
        (fine(Time), Value::Time(time), "92", "time", "\"-101:02:03.45\""),
    ]);
}

#[test]
fn text_and_bytes() {
    let text = Value::Text(b"<hello>\n");
    let escaped = r#""\u003chello\u003e\n""#;
    let bytes = Value::Bytes(b"\x00\"\x7f\x80\xff");
    let latin1 = "\"\\u0000\\\"\u{7f}\u{80}\u{ff}\"";
    holds(&[
        (column(Char), text, "1", "char", escaped),
        (column(VarChar), text, "12", "varchar", escaped),
        (column(VarString), text, "12", "var_string", escaped),
        (column(TinyText), text, "2005", "tinytext", escaped),
        (column(Text), text, "2005", "text", escaped),
        (column(MediumText), text, "2005", "mediumtext", escaped),
        (column(LongText), text, "2005", "longtext", escaped),
        (binary(Char), bytes, "2004", "binary", latin1),
        (binary(VarChar), bytes, "2004", "varbinary", latin1),
        (binary(VarString), bytes, "2004", "var_string", latin1),
        (binary(TinyText), bytes, "2004", "tinyblob", latin1),
        (binary(Text), bytes, "2004", "blob", latin1),
        (binary(MediumText), bytes, "2004", "mediumblob", latin1),
        (binary(LongText), bytes, "2004", "longblob", latin1),
        (column(Geometry), bytes, "2004", "geometry", latin1),
    ]);
}

#[test]
fn the_others() {
    let members = |kind| Column { members: vec!["a".to_owned()], ..column(kind) };
    holds(&[
        (members(Enum), Value::Enum(0), "4", "enum", "\"0\""),
        (members(Enum), Value::Enum(7), "4", "enum", "\"7\""),
        (members(Set), Value::Set(9), "-7", "set", "\"9\""),
        (column(Json), Value::Json(br#"{"k": [1]}"#), "12", "json", r#""{\"k\": [1]}""#),
        (column(Vector), Value::Text(b"[1,2]"), "12", "vector", "\"[1,2]\""),
        (column(Int), Value::Null, "4", "int", "null"),
        (unsigned(TinyInt), Value::Null, "-6", "tinyint unsigned", "null"),
        (binary(Text), Value::Null, "2004", "blob", "null"),
    ]);
}

#[test]
fn the_whole_type_is_shown_for_compatible_content() {
    let config = CanalConfig { content_compatible: true, ..CanalConfig::default() };
    let column = Column { length: Some(10), ..unsigned(Int) };
    let event = event("t", vec![column], &[(Op::Insert, &[Value::UInt(1)])]);
    let line = lines(&CanalJson::new(config, || 0), &event);
    assert!(line.contains("\"mysqlType\":{\"c\":\"int(10) unsigned\"}"), "{line}");
}
