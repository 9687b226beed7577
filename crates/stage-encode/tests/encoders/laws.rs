//! The encoder's stage before the laws of the conformance kit.

use crate::event::{columns, event};
use bytes::Bytes;
use change_event::{ColumnKind::*, Op, RowEvent, Value};
use pipeline_core::laws::{self, Subject};
use pipeline_core::{Piece, Weigh};
use stage_encode::{Csv, Encode};
use std::sync::Arc;

/// Bytes of text that are worth a task beside the lane.
const LARGE: usize = 65 << 10;

struct Sent(RowEvent);

impl Weigh for Sent {
    fn weight(&self) -> u64 {
        self.0.rows.bytes() as u64
    }
}

/// A row of a number, so much text, and an ENUM without members.
fn sent(number: u64, text: usize, member: Value<'_>) -> Sent {
    let text = "x".repeat(text);
    let image = [Value::Int(number as i64), Value::Text(text.as_bytes()), member];
    Sent(event("t", columns(&[BigInt, VarChar, Enum]), &[(Op::Insert, &image)]))
}

/// The number in a line, behind its operation, its table and its schema.
fn numbers(piece: &Piece<(), Bytes>) -> Vec<u64> {
    let line = std::str::from_utf8(&piece.body).unwrap();
    vec![line.split(',').nth(3).unwrap().parse().unwrap()]
}

#[test]
fn the_stage_keeps_the_laws_at_once_and_in_tasks_beside() {
    let texts: [fn(u64) -> usize; 3] = [|_| 0, |_| LARGE, |number| if number % 3 == 0 { LARGE } else { 0 }];
    for text in texts {
        let subject = Subject::new(
            |builder| {
                let encode = Encode::new(Arc::new(Csv::default()), |sent: Sent| ((), sent.0));
                builder.effect_free().concurrency(4).service(encode)
            },
            move |_route, number| sent(number, text(number), Value::Null),
            numbers,
        );
        laws::check_all(&subject.fails(move |_route| sent(0, text(0), Value::Enum(1))));
    }
}
