//! Events made by hand.

use change_event::{Column, ColumnKind, CommitTs, Op, RowEvent, RowsBuilder, TableName, TableSchema, Value};
use stage_encode::Encoder;
use std::sync::Arc;

/// The commit-ts of the documented lines: 1661918023745 milliseconds and one.
pub(crate) const COMMIT_TS: u64 = 435_661_838_416_609_281;

/// An event of `test.<table>`.
pub(crate) fn event(table: &str, columns: Vec<Column>, changes: &[(Op, &[Value<'_>])]) -> RowEvent {
    let mut rows = RowsBuilder::new(columns.len());
    for (op, values) in changes {
        rows.push(*op, values.iter().copied()).unwrap();
    }
    let name = TableName::new("test", table);
    let table = TableSchema { name, table_id: 1, partition: None, version: 1, columns };
    RowEvent { table: Arc::new(table), commit_ts: CommitTs(COMMIT_TS), rows: rows.build() }
}

/// Columns named `a`, `b`, `c`…
pub(crate) fn columns(kinds: &[ColumnKind]) -> Vec<Column> {
    let named = |(name, &kind): (char, _)| Column::new(name, kind);
    ('a'..='z').zip(kinds).map(named).collect()
}

/// A column `c` of bytes.
pub(crate) fn binary(kind: ColumnKind) -> Column {
    Column { charset: Some("binary".to_owned()), ..Column::new("c", kind) }
}

/// What the format makes of an event.
pub(crate) fn lines(encoder: &impl Encoder, event: &RowEvent) -> String {
    let mut out = Vec::new();
    encoder.encode(event, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
