//! Every column type, from the recorded log.

mod reading;

use change_event::{ColumnKind, Generated, RowEvent, Value};
use jiff::tz::TimeZone;
use reading::{read_all, read_on, rows, sample};
use source_mysql::{Binlog, SourceItem, SourceOptions};

/// The first event of a table in the log.
fn first<'i>(items: &'i [SourceItem], table: &str) -> &'i RowEvent {
    rows(items).find(|event| event.table.name.table == table).expect("the table has rows")
}

/// Row number `row` of an insert, column by column: name and value in words.
fn show(event: &RowEvent, row: usize) -> Vec<String> {
    let image = event.rows.iter().nth(row).unwrap().after.unwrap();
    let columns = event.table.columns.iter().zip(image.values());
    columns.map(|(column, value)| format!("{} {}", column.name, plain(value))).collect()
}

fn plain(value: Value<'_>) -> String {
    match value {
        Value::Text(b) | Value::Decimal(b) => String::from_utf8_lossy(b).into_owned(),
        Value::Json(b) => format!("json {}", String::from_utf8_lossy(b)),
        Value::Bytes(b) => b.iter().map(|byte| format!("{byte:02X}")).collect(),
        Value::Date(d) => format!("{}-{}-{}", d.year, d.month, d.day),
        Value::DateTime(v) => format!(
            "{}-{}-{} {}:{}:{}.{:06}",
            v.date.year, v.date.month, v.date.day, v.hour, v.minute, v.second, v.micros
        ),
        Value::Time(v) => {
            let sign = if v.negative { "-" } else { "" };
            format!("{sign}{}:{}:{}.{:06}", v.hours, v.minutes, v.seconds, v.micros)
        }
        Value::Null => "NULL".into(),
        Value::Int(v) => v.to_string(),
        Value::UInt(v) | Value::Bit(v) => format!("{v}u"),
        Value::Float(v) => format!("{v:e}"),
        Value::Double(v) => format!("{v:e}"),
        Value::Enum(v) => format!("#{v}"),
        Value::Set(v) => format!("&{v}"),
    }
}

#[tokio::test]
async fn numbers_reach_both_ends() {
    let items = read_all(&sample()).await;
    let event = first(&items, "types_number");
    assert_eq!(
        show(event, 0),
        [
            "id 1",
            "i8 127",
            "u8 255u",
            "i16 32767",
            "u16 65535u",
            "i24 8388607",
            "u24 16777215u",
            "i32 2147483647",
            "u32 4294967295u",
            "i64 9223372036854775807",
            "u64 18446744073709551615u",
            "z32 42u",
            "f32 3.4028235e38",
            "f64 1.7976931348623157e308",
            "fd 1.234567e3",
            "ud 5e-1",
            "d5 99999",
            "d2 99999999.99",
            "d30 12345678901234567890123456789012345.123456789012345678901234567890",
            "du 0.999999999",
            "b1 1u",
            "b12 2730u",
            "b64 18446744073709551615u",
            "y 2155",
            "flag 1",
        ]
    );
    assert_eq!(
        show(event, 1),
        [
            "id 2",
            "i8 -128",
            "u8 0u",
            "i16 -32768",
            "u16 0u",
            "i24 -8388608",
            "u24 0u",
            "i32 -2147483648",
            "u32 0u",
            "i64 -9223372036854775808",
            "u64 0u",
            "z32 0u",
            "f32 -1.1754944e-38",
            "f64 5e-324",
            "fd -1e-3",
            "ud 0e0",
            "d5 -99999",
            "d2 -99999999.99",
            "d30 -0.000000000000000000000000000001",
            "du 0.000000000",
            "b1 0u",
            "b12 0u",
            "b64 0u",
            "y 1901",
            "flag 0",
        ]
    );
    assert!(show(event, 2)[1..].iter().all(|shown| shown.ends_with(" NULL")));
}

#[tokio::test]
async fn times_keep_their_digits_and_impossible_dates() {
    let items = read_all(&sample()).await;
    let event = first(&items, "types_time");
    assert_eq!(
        show(event, 0),
        [
            "id 1",
            "d 2024-2-29",
            "t0 23:59:59.000000",
            "t3 12:34:56.789000",
            "t6 838:59:59.999999",
            "dt0 9999-12-31 23:59:59.000000",
            "dt1 2024-2-29 1:2:3.400000",
            "dt2 2024-2-29 1:2:3.450000",
            "dt3 2024-2-29 1:2:3.456000",
            "dt4 2024-2-29 1:2:3.456700",
            "dt5 2024-2-29 1:2:3.456780",
            "dt6 9999-12-31 23:59:59.999999",
            "ts0 2038-1-19 3:14:7.000000",
            "ts3 2024-2-29 1:2:3.456000",
            "ts6 2038-1-19 3:14:7.999999",
        ]
    );
    assert_eq!(
        show(event, 1),
        [
            "id 2",
            "d 0-0-0",
            "t0 0:0:0.000000",
            "t3 -0:0:0.001000",
            "t6 -838:59:59.999999",
            "dt0 0-0-0 0:0:0.000000",
            "dt1 0-0-0 0:0:0.000000",
            "dt2 1000-1-1 0:0:0.000000",
            "dt3 1000-1-1 0:0:0.001000",
            "dt4 1969-12-31 23:59:59.999900",
            "dt5 1970-1-1 0:0:0.000010",
            "dt6 1-1-1 0:0:0.000001",
            "ts0 0-0-0 0:0:0.000000",
            "ts3 1970-1-1 0:0:1.000000",
            "ts6 1970-1-1 0:0:1.000001",
        ]
    );
    assert!(show(event, 2)[1..].iter().all(|shown| shown.ends_with(" NULL")));
    assert_eq!(
        show(event, 3)[1..5],
        ["d 2023-2-31", "t0 -10:20:30.000000", "t3 100:0:0.500000", "t6 -0:0:1.500000"]
    );
}

#[tokio::test]
async fn timestamps_follow_the_configured_zone() {
    let options =
        SourceOptions { time_zone: TimeZone::fixed(jiff::tz::offset(-3)), ..SourceOptions::default() };
    let mut log = Binlog::open_file(sample(), options, None).await.unwrap();
    let (items, _) = read_on(&mut log).await;
    let event = first(&items, "types_time");
    assert_eq!(show(event, 0)[13], "ts3 2024-2-28 22:2:3.456000");
    assert_eq!(show(event, 0)[8], "dt3 2024-2-29 1:2:3.456000", "a DATETIME has no zone");
    assert_eq!(show(event, 1)[12], "ts0 0-0-0 0:0:0.000000", "zero has no zone");
}

#[tokio::test]
async fn text_of_every_charset_is_utf8_and_bytes_stay_bytes() {
    let items = read_all(&sample()).await;
    let event = first(&items, "types_text");
    let accents = format!("v_long {}", "é".repeat(1000));
    assert_eq!(
        show(event, 0),
        [
            "id 1",
            "c_latin1 café",
            "c_utf8 naïve 你好 😀",
            "v_gbk 你好，世界",
            "v_sjis こんにちは",
            "v_big5 你好",
            "v_euckr 안녕하세요",
            "v_cp1251 Привет",
            "v_ucs2 ucs2 Ω",
            "v_utf16 utf16 😀",
            "v_utf32 utf32 😀",
            accents.as_str(),
            "b4 01020000",
            "vb 00FF00FF00",
            "t1 tiny",
            "t2 text",
            "t3 medium",
            "t4 long",
            "b1 00",
            "b2 0001",
            "b3 FFFE",
            "b5 DEADBEEF",
            "t_latin1 latin1 €äöü",
            "e #3",
            "s &13",
            r#"j json {"key": "value", "n": [1, 2.5, null, true], "u": "é\u2028"}"#,
            "g 00000000010200000003000000000000000000000000000000000000000000000000\
             00F03F000000000000F03F00000000000000400000000000000000",
            "p 000000000101000000000000000000F03F00000000000000C0",
            "v_last 末",
        ]
    );
    let empty = show(event, 1);
    assert_eq!(empty[1], "c_latin1 ");
    assert_eq!(empty[12], "b4 00000000", "BINARY(4) is never shorter");
    assert_eq!(empty[24], "s &0");
    assert!(show(event, 2)[1..].iter().all(|shown| shown.ends_with(" NULL")));
    let odd = show(event, 3);
    assert_eq!(odd[1], "c_latin1 a'b\"c\\d");
    assert_eq!(odd[2], "c_utf8 cr\rlf\ncrlf\r\ntab\tnul\0end");
    assert_eq!(odd[12..14], ["b4 FFFFFFFF", "vb 0D0A2C225C"]);
    assert_eq!(odd[17], format!("t4 {}", "長".repeat(500)));
    assert_eq!(odd[21], format!("b5 {}", "AB".repeat(2000)));
}

#[tokio::test]
async fn columns_show_what_the_ddl_said() {
    let items = read_all(&sample()).await;
    let text = &first(&items, "types_text").table.columns;
    let kind = |name: &str| text.iter().find(|c| c.name == name).map(|c| (c.kind, c.length, c.is_binary()));
    assert_eq!(kind("v_gbk"), Some((ColumnKind::VarChar, Some(50), false)));
    assert_eq!(kind("vb"), Some((ColumnKind::VarChar, Some(300), true)));
    assert_eq!(kind("j").unwrap().0, ColumnKind::Json);
    let orders = &first(&items, "orders").table.columns;
    let generated: Vec<_> = orders.iter().map(|c| c.generated).collect();
    assert_eq!(generated[6..], [Generated::Virtual, Generated::Stored]);
}
