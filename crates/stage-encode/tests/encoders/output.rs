//! What an encoder does to the buffer it is given.

use crate::event::{columns, event};
use change_event::{ColumnKind::*, Op, RowEvent, Value};
use stage_encode::{CanalConfig, CanalJson, Csv, CsvConfig, EncodeError, Encoder, Reason};
use std::sync::Arc;

fn formats() -> Vec<Box<dyn Encoder>> {
    let escaped = CsvConfig { quote: String::new(), ..CsvConfig::default() };
    vec![
        Box::new(Csv::default()),
        Box::new(Csv::new(escaped).unwrap()),
        Box::new(CanalJson::new(CanalConfig::default(), || 1)),
    ]
}

/// Rows with everything that makes a string longer.
fn rows() -> RowEvent {
    let text = "say \"hi\", <b>\\\r\n\u{2028}".repeat(20);
    let image = [
        Value::Int(-5),
        Value::Text(text.as_bytes()),
        Value::Bytes(&[0xff; 100]),
        Value::Double(5e-324),
        Value::Json(b"{}"),
    ];
    let both = [image, image].concat();
    event(
        "t",
        columns(&[Int, VarChar, Text, Double, Json]),
        &[(Op::Insert, &image), (Op::Update, &both), (Op::Delete, &image)],
    )
}

/// An encoder renders straight into the output: a buffer that is large enough is never replaced. (It asks for the
/// rows' size in memory up front, so "large enough" is the larger of that and what is written.)
#[test]
fn a_buffer_with_room_is_never_reallocated() {
    for format in formats() {
        let mut out = Vec::with_capacity(1 << 20);
        let (place, capacity) = (out.as_ptr(), out.capacity());
        for _ in 0..10 {
            format.encode(&rows(), &mut out).unwrap();
        }
        assert_eq!((out.as_ptr(), out.capacity()), (place, capacity), "{}", format.extension());
    }
}

#[test]
fn bytes_already_there_stay_and_the_same_rows_give_the_same_bytes() {
    for format in formats() {
        let mut alone = Vec::new();
        format.encode(&rows(), &mut alone).unwrap();
        let mut behind = b"kept\xff".to_vec();
        format.encode(&rows(), &mut behind).unwrap();
        assert_eq!(behind, [&b"kept\xff"[..], &alone].concat());
        assert!(!alone.is_empty());
    }
}

#[test]
fn rows_that_do_not_fit_their_table_are_refused() {
    let mut event = rows();
    Arc::make_mut(&mut event.table).columns.pop();
    for format in formats() {
        let mut out = b"kept".to_vec();
        let error = format.encode(&event, &mut out).unwrap_err();
        let expected = EncodeError { table: event.table.name.clone(), column: None, reason: Reason::Width };
        assert_eq!((error, out.as_slice()), (expected, &b"kept"[..]));
    }
}
