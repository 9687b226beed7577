//! Whole objects: the order of their fields, `old`, keys, names.

use crate::event::{columns, event, lines};
use change_event::{Column, ColumnKind::*, Generated, Op, RowEvent, Value};
use serde_json::{Value as Json, json};
use stage_encode::{CanalConfig, CanalJson, EncodeError, Encoder, Reason};

const NOW: u64 = 1_661_918_024_445;

fn canal(config: CanalConfig) -> CanalJson {
    CanalJson::new(CanalConfig { terminator: "\n".to_owned(), ..config }, || NOW)
}

fn parsed(config: CanalConfig, event: &RowEvent) -> Vec<Json> {
    lines(&canal(config), event).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Two TINYINTs, `a` the primary key, in an UPDATE of `b` from 3 to 2.
fn update() -> RowEvent {
    let mut columns = columns(&[TinyInt, TinyInt]);
    columns[0].primary_key = true;
    event("t", columns, &[(Op::Update, &[1, 3, 1, 2].map(Value::Int))])
}

#[test]
fn the_documented_line() {
    let config = CanalConfig { enable_tidb_extension: true, ..CanalConfig::default() };
    assert_eq!(
        lines(&canal(config), &update()),
        concat!(
            r#"{"id":0,"database":"test","table":"t","pkNames":["a"],"isDdl":false,"type":"UPDATE","#,
            r#""es":1661918023745,"ts":1661918024445,"sql":"","sqlType":{"a":-6,"b":-6},"#,
            r#""mysqlType":{"a":"tinyint","b":"tinyint"},"old":[{"a":"1","b":"3"}],"data":[{"a":"1","b":"2"}],"#,
            r#""_tidb":{"commitTs":435661838416609281}}"#,
            "\n"
        )
    );
}

#[test]
fn a_line_ends_with_the_terminator_and_without_the_extension() {
    let line = lines(&CanalJson::new(CanalConfig::default(), || NOW), &update());
    assert!(line.ends_with("\"data\":[{\"a\":\"1\",\"b\":\"2\"}]}\r\n"), "{line}");
}

#[test]
fn an_insert_and_a_delete_have_no_old() {
    let one = [Value::Int(1)];
    let event = event("t", columns(&[Int]), &[(Op::Insert, &one), (Op::Delete, &one)]);
    let rows = parsed(CanalConfig::default(), &event);
    assert_eq!([&rows[0]["type"], &rows[1]["type"]], ["INSERT", "DELETE"]);
    for row in rows {
        assert_eq!((&row["old"], &row["data"]), (&Json::Null, &json!([{"a": "1"}])));
    }
}

#[test]
fn without_a_primary_key_the_names_are_an_empty_list() {
    let event = event("t", columns(&[Int]), &[(Op::Insert, &[Value::Null])]);
    let line = lines(&canal(CanalConfig::default()), &event);
    assert!(line.contains("\"pkNames\":[],"), "{line}");
    assert!(line.contains("\"data\":[{\"a\":null}]"), "{line}");
}

#[test]
fn the_names_of_a_key_are_in_the_order_of_its_columns() {
    let mut columns = columns(&[Int, VarChar, BigInt]);
    columns[0].name = "z".to_owned();
    (columns[0].primary_key, columns[2].primary_key) = (true, true);
    let event = event("t", columns, &[(Op::Insert, &[Value::Int(1), Value::Text(b"x"), Value::Int(2)])]);
    let line = lines(&canal(CanalConfig::default()), &event);
    assert!(line.contains(r#","pkNames":["z","c"],"#), "{line}");
}

#[test]
fn old_shows_changed_columns_only_when_asked() {
    let old = |config| parsed(config, &update())[0]["old"].clone();
    let changed = json!([{"b": "3"}]);
    assert_eq!(old(CanalConfig::default()), json!([{"a": "1", "b": "3"}]));
    assert_eq!(old(CanalConfig { only_output_updated_columns: true, ..CanalConfig::default() }), changed);
    assert_eq!(old(CanalConfig { content_compatible: true, ..CanalConfig::default() }), changed);
}

#[test]
fn a_change_from_and_to_null_is_a_change_and_no_change_is_an_empty_object() {
    let config = CanalConfig { only_output_updated_columns: true, ..CanalConfig::default() };
    let changes: &[(Op, &[Value<'_>])] = &[
        (Op::Update, &[Value::Null, Value::Double(0.0), Value::Int(1), Value::Double(-0.0)]),
        (Op::Update, &[Value::Int(1), Value::Double(f64::NAN), Value::Null, Value::Double(f64::NAN)]),
        (Op::Update, &[Value::Null, Value::Double(1.0), Value::Null, Value::Double(1.0)]),
    ];
    let rows = parsed(config, &event("t", columns(&[Int, Double]), changes));
    assert_eq!(rows[0]["old"], json!([{"a": null, "b": "0"}]));
    assert_eq!(rows[1]["old"], json!([{"a": "1"}]));
    assert_eq!(rows[2]["old"], json!([{}]));
}

#[test]
fn a_delete_shows_its_key_only_when_asked() {
    let mut columns = columns(&[Int, VarChar, BigInt]);
    (columns[0].primary_key, columns[2].primary_key) = (true, true);
    let image = [Value::Int(1), Value::Text(b"x"), Value::Int(2)];
    let event = event(
        "t",
        columns,
        &[(Op::Insert, &image), (Op::Delete, &image), (Op::Insert, &image), (Op::Delete, &image)],
    );
    let config = CanalConfig { delete_only_output_handle_key_columns: true, ..CanalConfig::default() };
    let rows = parsed(config, &event);
    for delete in [&rows[1], &rows[3]] {
        assert_eq!(delete["data"], json!([{"a": "1", "c": "2"}]));
        assert_eq!(delete["sqlType"], json!({"a": 4, "c": -5}));
        assert_eq!(delete["mysqlType"], json!({"a": "int", "c": "bigint"}));
    }
    for insert in [&rows[0], &rows[2]] {
        assert_eq!(insert["data"], json!([{"a": "1", "b": "x", "c": "2"}]));
        assert_eq!(insert["sqlType"], json!({"a": 4, "b": 12, "c": -5}));
    }
    assert_eq!(parsed(CanalConfig::default(), &event)[1]["data"], rows[0]["data"]);
}

#[test]
fn each_row_has_the_types_of_its_own_values() {
    let mut columns = columns(&[TinyInt, Int]);
    columns[0].unsigned = true;
    let changes: &[(Op, &[Value<'_>])] = &[
        (Op::Insert, &[Value::UInt(127), Value::Int(1)]),
        (Op::Insert, &[Value::UInt(128), Value::Int(1)]),
        (Op::Delete, &[Value::UInt(200), Value::Int(1)]),
        (Op::Update, &[Value::UInt(200), Value::Int(1), Value::Null, Value::Int(1)]),
    ];
    let rows = parsed(CanalConfig::default(), &event("t", columns, changes));
    let types: Vec<_> = rows.iter().map(|row| row["sqlType"]["a"].as_i64().unwrap()).collect();
    assert_eq!(types, [-6, 5, 5, -6]);
    assert!(rows.iter().all(|row| row["mysqlType"] == json!({"a": "tinyint unsigned", "b": "int"})));
}

#[test]
fn names_are_escaped() {
    let mut column = Column::new("<\"ü\">", Int);
    column.primary_key = true;
    let event = event("a&b", vec![column], &[(Op::Insert, &[Value::Int(1)]), (Op::Insert, &[Value::Int(2)])]);
    let text = lines(&canal(CanalConfig::default()), &event);
    for line in text.lines() {
        assert!(line.contains(r#""table":"a\u0026b","pkNames":["\u003c\"ü\"\u003e"]"#), "{line}");
        assert!(
            line.contains(r#""sqlType":{"\u003c\"ü\"\u003e":4},"mysqlType":{"\u003c\"ü\"\u003e":"int"}"#),
            "{line}"
        );
    }
}

#[test]
fn virtual_columns_are_left_out_and_stored_ones_are_not() {
    let mut columns = columns(&[Int, Int]);
    (columns[0].generated, columns[1].generated) = (Generated::Virtual, Generated::Stored);
    let row =
        &parsed(CanalConfig::default(), &event("t", columns, &[(Op::Insert, &[1, 2].map(Value::Int))]))[0];
    assert_eq!((&row["data"], &row["sqlType"]), (&json!([{"b": "2"}]), &json!({"b": 4})));
}

#[test]
fn a_table_without_columns_to_show_is_an_error() {
    let mut columns = columns(&[Int]);
    columns[0].generated = Generated::Virtual;
    let event = event("t", columns, &[(Op::Insert, &[Value::Int(1)])]);
    let mut out = b"kept".to_vec();
    let error = canal(CanalConfig::default()).encode(&event, &mut out).unwrap_err();
    let expected = EncodeError { table: event.table.name.clone(), column: None, reason: Reason::NoColumns };
    assert_eq!((error, out.as_slice()), (expected, &b"kept"[..]));
}

#[test]
fn an_event_without_rows_is_no_line() {
    assert_eq!(lines(&canal(CanalConfig::default()), &event("t", columns(&[Int]), &[])), "");
}

#[test]
fn a_data_file_has_no_header() {
    let canal = canal(CanalConfig::default());
    let mut out = Vec::new();
    canal.header(&update().table, &mut out);
    assert_eq!((canal.extension(), out.as_slice()), (".json", &b""[..]));
}
