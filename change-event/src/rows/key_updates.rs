//! Updates of keys, as consumers that replay by key need them.

use super::{Op, RowRef, Rows};
use crate::TableSchema;

impl Rows {
    /// Splits every UPDATE that changes a primary or unique key into a DELETE in its place and an INSERT
    /// at the end, as consumers that replay by key need it. Everything else stays as it is.
    pub fn split_key_updates(self, table: &TableSchema) -> Self {
        let keys: Vec<usize> = table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.primary_key || c.unique_key)
            .map(|(i, _)| i)
            .collect();
        let moves = |row: &RowRef<'_>| match (row.before, row.after) {
            (Some(before), Some(after)) => keys.iter().any(|&k| before.value(k) != after.value(k)),
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        if !self.iter().any(|row| moves(&row)) {
            return self;
        }
        let mut split = Self {
            width: self.width,
            changes: Vec::with_capacity(self.changes.len()),
            cells: Vec::with_capacity(self.cells.len()),
            arena: Vec::new(),
        };
        let mut inserts = Vec::new();
        for row in self.iter() {
            if moves(&row) {
                split.changes.push(Op::Delete);
                split.cells.extend(row.before.into_iter().flat_map(|image| image.cells));
                inserts.extend(row.after.into_iter().flat_map(|image| image.cells));
            } else {
                split.changes.push(row.op);
                split
                    .cells
                    .extend([row.before, row.after].into_iter().flatten().flat_map(|image| image.cells));
            }
        }
        let added = inserts.len().checked_div(self.width).unwrap_or(0);
        split.changes.extend(std::iter::repeat_n(Op::Insert, added));
        split.cells.append(&mut inserts);
        split.arena = self.arena;
        split
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnKind, RowsBuilder, TableName, Value};

    #[test]
    fn key_updates_become_deletes_in_place_and_inserts_at_the_end() {
        let mut id = Column::new("id", ColumnKind::Int);
        id.primary_key = true;
        let table = TableSchema {
            name: TableName::new("db", "t"),
            table_id: 1,
            partition: None,
            version: 1,
            columns: vec![id, Column::new("v", ColumnKind::Int)],
        };
        let mut rows = RowsBuilder::new(2);
        rows.push(Op::Update, [1, 10, 2, 10].map(Value::Int)).unwrap();
        rows.push(Op::Update, [5, 50, 5, 51].map(Value::Int)).unwrap();
        rows.push(Op::Delete, [7, 70].map(Value::Int)).unwrap();
        let split = rows.build().split_key_updates(&table);
        let seen: Vec<_> =
            split.iter().map(|r| (r.op, r.before.map(|i| i.value(0)), r.after.map(|i| i.value(0)))).collect();
        assert_eq!(
            seen,
            [
                (Op::Delete, Some(Value::Int(1)), None),
                (Op::Update, Some(Value::Int(5)), Some(Value::Int(5))),
                (Op::Delete, Some(Value::Int(7)), None),
                (Op::Insert, None, Some(Value::Int(2))),
            ]
        );
    }
}
