//! Any format writes the columns that are selected, and no other part of a line changes.

use crate::event::{columns, event, lines};
use change_event::{Column, ColumnKind::*, ColumnSelector, ColumnSelectors, Op, RowEvent, Value};
use stage_encode::{CanalConfig, CanalJson, Csv, CsvConfig, Encoder, Reason, Selected};
use std::sync::Arc;

fn selecting(columns: &[&str]) -> ColumnSelectors {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    let selector = ColumnSelector { matcher: vec!["test.t".to_owned()], columns };
    ColumnSelectors::new(vec![selector], false).unwrap()
}

/// Three changes of rows `a`, `b`, `c`; the columns that are not wanted are left out by hand.
fn changes(table: &str, wanted: &[usize]) -> RowEvent {
    let all = columns(&[Int, VarChar, Int]);
    let rows = [1, 2, 3, 4].map(|id| [Value::Int(id), Value::Text(b"text"), Value::Int(id * 10)]);
    let pick = |rows: &[[Value<'static>; 3]]| -> Vec<Value<'static>> {
        rows.iter().flat_map(|row| wanted.iter().map(|&place| row[place])).collect()
    };
    let (insert, update, delete) = (pick(&rows[..1]), pick(&rows[1..3]), pick(&rows[3..]));
    let columns: Vec<Column> = wanted.iter().map(|&place| all[place].clone()).collect();
    event(table, columns, &[(Op::Insert, &insert), (Op::Update, &update), (Op::Delete, &delete)])
}

fn formats() -> [Arc<dyn Encoder>; 2] {
    let csv = CsvConfig { output_old_value: true, output_field_header: true, ..CsvConfig::default() };
    [Arc::new(Csv::new(csv).unwrap()), Arc::new(CanalJson::new(CanalConfig::default(), || 7))]
}

#[test]
fn a_line_is_that_of_a_table_with_the_selected_columns_only() {
    for format in formats() {
        for (selected, places) in [
            (&["*", "!b"][..], &[0, 2][..]),
            (&["B"], &[1]),
            (&["*"], &[0, 1, 2]),
            (&["a", "c", "b"], &[0, 1, 2]),
        ] {
            let selected = Selected::new(selecting(selected), format.clone());
            let (whole, wanted) = (changes("t", &[0, 1, 2]), changes("t", places));
            let plain = Selected::new(ColumnSelectors::default(), format.clone());
            assert_eq!(lines(&selected, &whole), lines(&plain, &wanted), "{places:?}");
            let header = |encoder: &Selected<dyn Encoder>, event: &RowEvent| {
                let mut out = Vec::new();
                encoder.header(&event.table, &mut out);
                out
            };
            assert_eq!(header(&selected, &whole), header(&plain, &wanted), "{places:?}");
            let other = changes("other", &[0, 1, 2]);
            assert_eq!(lines(&selected, &other), lines(&plain, &other), "another table has them all");
        }
    }
}

#[test]
fn a_key_that_is_left_out_is_an_error_and_leaves_nothing_behind() {
    let mut all = columns(&[Int, Int]);
    all[0].primary_key = true;
    let event = event("t", all, &[(Op::Insert, &[Value::Int(1), Value::Int(2)])]);
    for format in formats() {
        let mut out = b"before".to_vec();
        let error = Selected::new(selecting(&["b"]), format).encode(&event, &mut out).unwrap_err();
        assert_eq!((error.column.as_deref(), error.reason), (Some("a"), Reason::KeyLeftOut));
        assert_eq!(out, b"before");
    }
}
