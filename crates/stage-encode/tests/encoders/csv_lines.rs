//! Lines and headers, byte for byte.

use crate::event::{columns, event, lines};
use change_event::{Column, ColumnKind::*, Date, DateTime, Generated, Op, Value};
use stage_encode::{Csv, CsvConfig, CsvConfigError, Encoder};

fn config(delimiter: &str, quote: &str) -> CsvConfig {
    CsvConfig {
        delimiter: delimiter.to_owned(),
        quote: quote.to_owned(),
        terminator: "\n".to_owned(),
        ..CsvConfig::default()
    }
}

fn with_ts(delimiter: &str, quote: &str) -> CsvConfig {
    CsvConfig { include_commit_ts: true, ..config(delimiter, quote) }
}

fn csv(config: CsvConfig) -> Csv {
    Csv::new(config).unwrap()
}

#[test]
fn an_insert_is_quoted_and_has_its_commit_ts() {
    let event = event(
        "table1",
        columns(&[Int, VarChar]),
        &[(Op::Insert, &[Value::Int(123), Value::Text(b"hello,world")])],
    );
    assert_eq!(
        lines(&csv(with_ts(",", "\"")), &event),
        "\"I\",\"table1\",\"test\",435661838416609281,123,\"hello,world\"\n"
    );
}

#[test]
fn without_a_quote_the_delimiter_is_escaped() {
    let before_and_after = [&b"old"[..], b"old", b"a!b!c", b"def"].map(Value::Text);
    let update = event("table2", columns(&[VarChar; 2]), &[(Op::Update, &before_and_after)]);
    assert_eq!(lines(&csv(with_ts("!", "")), &update), "U!table2!test!435661838416609281!a\\!b\\!c!def\n");

    let insert = event("table2", columns(&[VarChar; 2]), &[(Op::Insert, &before_and_after[2..])]);
    let old_value = CsvConfig { output_old_value: true, ..with_ts("!", "") };
    assert_eq!(lines(&csv(old_value), &insert), "I!table2!test!435661838416609281!false!a\\!b\\!c!def\n");
}

#[test]
fn a_datetime_is_quoted() {
    let at =
        DateTime { date: Date { year: 2022, month: 8, day: 31 }, hour: 17, minute: 7, second: 0, micros: 0 };
    let image = [Value::Text(b"a,b,c"), Value::Text(b"def"), Value::DateTime(at)];
    let event =
        event("table3", columns(&[VarChar, VarChar, DateTime]), &[(Op::Update, &[image, image].concat())]);
    assert_eq!(
        lines(&csv(with_ts(",", "\"")), &event),
        "\"U\",\"table3\",\"test\",435661838416609281,\"a,b,c\",\"def\",\"2022-08-31 17:07:00\"\n"
    );
}

#[test]
fn null_and_numbers_are_bare() {
    let image = [Value::Text(b"a[*]b[*]c"), Value::Text(b"def"), Value::Null, Value::Double(12345.678)];
    let event = event("table5", columns(&[VarChar, VarChar, VarChar, Double]), &[(Op::Insert, &image)]);
    assert_eq!(
        lines(&csv(config("[*]", "'")), &event),
        "'I'[*]'table5'[*]'test'[*]'a[*]b[*]c'[*]'def'[*]\\N[*]12345.678\n"
    );
}

#[test]
fn without_a_quote_backslashes_and_line_breaks_are_escaped() {
    let image = [&b"a\\b\\c"[..], b"def\n"].map(Value::Text);
    let event = event("table6", columns(&[VarChar; 2]), &[(Op::Update, &[image, image].concat())]);
    assert_eq!(
        lines(&csv(with_ts(",", "")), &event),
        "U,table6,test,435661838416609281,a\\\\b\\\\c,def\\n\n"
    );
}

#[test]
fn a_delete_shows_the_row_as_it_was() {
    let image = [Value::Text(b"a\tb"), Value::Double(123.456), Value::Text("你好，世界".as_bytes())];
    let event = event("table8", columns(&[VarChar, Double, VarChar]), &[(Op::Delete, &image)]);
    assert_eq!(
        lines(&csv(with_ts("\t", "\"")), &event),
        "\"D\"\t\"table8\"\t\"test\"\t435661838416609281\t\"a\tb\"\t123.456\t\"你好，世界\"\n"
    );
}

#[test]
fn an_update_is_two_lines_with_old_values_and_one_without() {
    let changes: &[(Op, &[Value<'_>])] = &[
        (Op::Update, &[Value::Int(1), Value::Int(2)]),
        (Op::Insert, &[Value::Int(3)]),
        (Op::Delete, &[Value::Int(4)]),
    ];
    let event = event("t", columns(&[Int]), changes);
    assert_eq!(lines(&csv(config(",", "")), &event), "U,t,test,2\nI,t,test,3\nD,t,test,4\n");
    let old_value = CsvConfig { output_old_value: true, ..config(",", "") };
    assert_eq!(
        lines(&csv(old_value), &event),
        "D,t,test,true,1\nI,t,test,true,2\nI,t,test,false,3\nD,t,test,false,4\n"
    );
}

#[test]
fn every_line_of_an_event_names_its_place() {
    let one = [Value::Int(1)];
    let event = event("t", columns(&[Int]), &[(Op::Insert, &one), (Op::Delete, &one), (Op::Insert, &one)]);
    assert_eq!(
        lines(&csv(with_ts(",", "'")), &event).replace("435661838416609281", "ts"),
        "'I','t','test',ts,1\n'D','t','test',ts,1\n'I','t','test',ts,1\n"
    );
}

#[test]
fn names_are_set_off_like_any_string() {
    let quoted = event("a\"b,c", columns(&[Int]), &[(Op::Insert, &[Value::Int(1)])]);
    assert_eq!(lines(&csv(config(",", "\"")), &quoted), "\"I\",\"a\"\"b,c\",\"test\",1\n");
    assert_eq!(lines(&csv(config(",", "")), &quoted), "I,a\"b\\,c,test,1\n");
}

#[test]
fn even_an_operation_is_set_off_when_the_quote_is_its_letter() {
    let event = event("t", columns(&[Int]), &[(Op::Insert, &[Value::Int(1)])]);
    assert_eq!(lines(&csv(config(",", "I")), &event), "IIII,ItI,ItestI,1\n");
}

#[test]
fn virtual_columns_are_left_out_and_stored_ones_are_not() {
    let mut columns = columns(&[Int, Int, Int]);
    columns[0].generated = Generated::Virtual;
    columns[1].generated = Generated::Stored;
    let event = event("t", columns, &[(Op::Insert, &[Value::Int(1), Value::Int(2), Value::Int(3)])]);
    let csv = csv(CsvConfig { output_field_header: true, ..config(",", "\"") });
    assert_eq!(lines(&csv, &event), "\"I\",\"t\",\"test\",2,3\n");
    let mut header = Vec::new();
    csv.header(&event.table, &mut header);
    assert!(header.ends_with(b"schema,b,c\n"), "{}", header.escape_ascii());
}

#[test]
fn a_header_names_the_fields_that_lines_have() {
    let mut table = event("t", columns(&[Int, Int]), &[]).table;
    let table = std::sync::Arc::make_mut(&mut table);
    table.columns = vec![Column::new("Col1", Int), Column::new("col2", Int)];
    let header = |config: CsvConfig| {
        let mut out = Vec::new();
        csv(config).header(table, &mut out);
        String::from_utf8(out).unwrap()
    };
    let wanted = |config: CsvConfig| CsvConfig { output_field_header: true, ..config };
    assert_eq!(header(config(",", "\"")), "");
    assert_eq!(
        header(wanted(config(",", "\""))),
        "ticdc-meta$operation,ticdc-meta$table,ticdc-meta$schema,Col1,col2\n"
    );
    assert_eq!(
        header(wanted(CsvConfig { output_old_value: true, ..with_ts(" ", "\"") })),
        "ticdc-meta$operation ticdc-meta$table ticdc-meta$schema ticdc-meta$commit-ts ticdc-meta$is-update Col1 col2\n"
    );
}

#[test]
fn an_event_without_rows_is_no_line() {
    assert_eq!(lines(&Csv::default(), &event("t", columns(&[Int]), &[])), "");
}

#[test]
fn an_option_out_of_range_makes_no_encoder() {
    assert_eq!(Csv::new(config("", "\"")).unwrap_err(), CsvConfigError::DelimiterEmpty);
    let accepted = Csv::new(CsvConfig { output_handle_key: true, ..config(",", "") }).unwrap();
    assert!(accepted.config().output_handle_key);
    assert_eq!(accepted.extension(), ".csv");
}
