//! sysbench's row: `id int, k int, c char(120), pad char(60)`.

use change_event::{
    Column, ColumnKind, CommitTs, Op, RowEvent, RowsBuilder, RowsError, TableName, TableSchema, Value,
};
use std::sync::Arc;

/// One of the tables.
pub(crate) fn table(number: u64) -> Arc<TableSchema> {
    let mut id = Column::new("id", ColumnKind::Int);
    (id.primary_key, id.nullable) = (true, false);
    let text = |name, length| Column {
        length: Some(length),
        charset: Some("utf8mb4".to_owned()),
        ..Column::new(name, ColumnKind::Char)
    };
    Arc::new(TableSchema {
        name: TableName::new("sbtest", format!("sbtest{number}")),
        table_id: number as i64,
        partition: None,
        version: 1,
        columns: vec![id, Column::new("k", ColumnKind::Int), text("c", 120), text("pad", 60)],
    })
}

/// The text that a row's character columns are cut from: groups of digits, as sysbench makes them.
pub(crate) fn text() -> Vec<u8> {
    let mut state = 42_u64;
    let digit = |at: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if at % 12 == 11 { b'-' } else { b'0' + (state >> 33) as u8 % 10 }
    };
    (0..4096).map(digit).collect()
}

/// One transaction of inserts.
pub(crate) fn transaction(
    table: &Arc<TableSchema>,
    commit_ts: CommitTs,
    first: u64,
    rows: u64,
    text: &[u8],
) -> Result<RowEvent, RowsError> {
    let mut builder = RowsBuilder::new(4);
    for id in first..first + rows {
        let start = (id % 3800) as usize;
        let values = [
            Value::Int(id as i64),
            Value::Int((id * 7919 % 1_000_000) as i64),
            Value::Text(&text[start..start + 119]),
            Value::Text(&text[start + 120..start + 179]),
        ];
        builder.push(Op::Insert, values)?;
    }
    Ok(RowEvent { table: table.clone(), commit_ts, rows: builder.build() })
}
