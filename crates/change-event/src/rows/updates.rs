//! Updates, as whoever applies the rows in order needs them.
//!
//! ```text
//! changes  I   U           D          I   D    I    D
//! cells    [1] [2]   [3]   [4]   ─►   [1] [2]  [3]  [4]      one UPDATE is two changes now; no cell moves
//! ```
//! A transaction of a MySQL log is a sequence: `1→2→3`, two rows that trade keys through a third one, a row that gets
//! a key and is deleted by it. So the DELETE and the INSERT stand where the UPDATE stood. (The ancestor appends the
//! INSERTs to the transaction; its database logs one net change per key.)

use super::{Op, RowRef, Rows};
use crate::{TableSchema, Value};

/// What becomes of UPDATEs: who reads the rows decides it.
///
/// A reader without old rows applies an UPDATE as "replace the row with this primary key". That fails where the primary
/// key itself changes, and where there is none: such an UPDATE is split into a DELETE and an INSERT, whatever is asked
/// for. Everything else is a matter of taste: consumers of the ancestor expect that an UPDATE of any key is split.
///
/// | UPDATE of | `old_rows` and `whole` | `old_rows` | `whole` | neither |
/// |---|---|---|---|---|
/// | a primary key | whole | split | split | split |
/// | another unique key | whole | split | whole | split |
/// | a table without a primary key | whole | whole | split | split |
/// | anything else | whole | whole | whole | whole |
///
/// A unique key beside the primary key is no part of a table's description, and a table that has no other key counts
/// as one without: the rule for its unique key and the rule for the table hold together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UpdateForm {
    /// Whether the reader sees how an updated row was before.
    pub old_rows: bool,
    /// Whether an UPDATE stays whole wherever the reader can apply it.
    pub whole: bool,
}

/// The UPDATEs of one table that are split.
enum Split {
    Every,
    /// Those that change one of these columns.
    OfColumns(Vec<usize>),
}

impl UpdateForm {
    fn of_table(self, table: &TableSchema) -> Split {
        let has_primary_key = table.columns.iter().any(|column| column.primary_key);
        if !has_primary_key && !self.old_rows {
            return Split::Every;
        }
        let splits_primary = !(self.whole && self.old_rows);
        let columns = table.columns.iter().enumerate();
        let watched = columns.filter(|(_, column)| {
            (column.primary_key && splits_primary)
                || (column.unique_key && !column.primary_key && !self.whole)
        });
        Split::OfColumns(watched.map(|(at, _)| at).collect())
    }
}

impl Split {
    fn takes(&self, row: &RowRef<'_>) -> bool {
        match (self, row.before, row.after) {
            (_, None, _) | (_, _, None) => false,
            (Self::Every, Some(_), Some(_)) => true,
            (Self::OfColumns(columns), Some(before), Some(after)) => {
                columns.iter().any(|&at| !reads_the_same(before.value(at), after.value(at)))
            }
        }
    }

    fn is_idle(&self) -> bool {
        matches!(self, Self::OfColumns(columns) if columns.is_empty())
    }
}

/// Whether two values of a column look the same to a reader. Text is compared byte by byte: keys that are equal to a
/// collation are different texts. So are the two zeros of floating point.
fn reads_the_same(a: Value<'_>, b: Value<'_>) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

impl Rows {
    /// Splits UPDATEs into a DELETE and an INSERT in their place, as `form` asks for. Everything else stays as it is,
    /// and nothing is copied but, if there is an UPDATE to split, the list of changes.
    pub fn with_updates(mut self, form: UpdateForm, table: &TableSchema) -> Self {
        let split = form.of_table(table);
        if split.is_idle() || !self.changes.contains(&Op::Update) {
            return self;
        }
        let Some(first) = self.iter().position(|row| split.takes(&row)) else {
            return self;
        };
        let updates = self.changes[first..].iter().filter(|&&op| op == Op::Update).count();
        let mut changes = Vec::with_capacity(self.changes.len() + updates);
        changes.extend_from_slice(&self.changes[..first]);
        for row in self.iter().skip(first) {
            match split.takes(&row) {
                true => changes.extend([Op::Delete, Op::Insert]),
                false => changes.push(row.op),
            }
        }
        self.changes = changes;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnKind, Date, DateTime, RowsBuilder, TableName};
    use Op::{Delete, Insert, Update};

    const FORMS: [UpdateForm; 4] = [
        UpdateForm { old_rows: true, whole: true },
        UpdateForm { old_rows: true, whole: false },
        UpdateForm { old_rows: false, whole: true },
        UpdateForm { old_rows: false, whole: false },
    ];

    /// `id`, a unique key `u` and a plain `v`.
    fn table(has_primary_key: bool) -> TableSchema {
        let mut columns = ["id", "u", "v"].map(|name| Column::new(name, ColumnKind::Int));
        columns[0].primary_key = has_primary_key;
        columns[0].unique_key = has_primary_key;
        columns[1].unique_key = true;
        TableSchema {
            name: TableName::new("db", "t"),
            table_id: 1,
            partition: None,
            version: 1,
            columns: columns.into(),
        }
    }

    fn update(before: [i64; 3], after: [i64; 3]) -> (Op, Vec<i64>) {
        (Update, [before, after].concat())
    }

    fn rows(changes: &[(Op, Vec<i64>)]) -> Rows {
        let mut rows = RowsBuilder::new(3);
        for (op, values) in changes {
            rows.push(*op, values.iter().map(|&value| Value::Int(value))).unwrap();
        }
        rows.build()
    }

    /// What happened, and to which ids.
    fn seen(rows: &Rows) -> Vec<(Op, Vec<Value<'_>>)> {
        rows.iter()
            .map(|row| (row.op, [row.before, row.after].into_iter().flatten().map(|i| i.value(0)).collect()))
            .collect()
    }

    fn ids(expected: &[(Op, &[i64])]) -> Vec<(Op, Vec<Value<'static>>)> {
        expected.iter().map(|(op, ids)| (*op, ids.iter().map(|&id| Value::Int(id)).collect())).collect()
    }

    #[test]
    fn delete_and_insert_stand_where_the_update_stood() {
        // UPDATE … SET id=5 WHERE id=1; UPDATE … SET v=9 WHERE id=5; DELETE … WHERE id=5
        let rows =
            rows(&[update([1, 1, 1], [5, 1, 1]), update([5, 1, 1], [5, 1, 9]), (Delete, vec![5, 1, 9])]);
        let split = rows.with_updates(UpdateForm::default(), &table(true));
        let expected: [(Op, &[i64]); 4] = [(Delete, &[1]), (Insert, &[5]), (Update, &[5, 5]), (Delete, &[5])];
        assert_eq!(seen(&split), ids(&expected));
    }

    #[test]
    fn rows_that_trade_keys_do_so_in_the_order_of_the_log() {
        // Through -1, then 1→2→3, as three statements each.
        let rows = rows(&[
            update([1, 1, 1], [-1, 1, 1]),
            update([2, 2, 2], [1, 2, 2]),
            update([-1, 1, 1], [2, 1, 1]),
        ]);
        let split = rows.with_updates(UpdateForm::default(), &table(true));
        let expected: [(Op, &[i64]); 6] = [
            (Delete, &[1]),
            (Insert, &[-1]),
            (Delete, &[2]),
            (Insert, &[1]),
            (Delete, &[-1]),
            (Insert, &[2]),
        ];
        assert_eq!(seen(&split), ids(&expected));
    }

    #[test]
    fn which_updates_are_split_depends_on_key_and_reader() {
        let of = |form: UpdateForm, has_primary_key, before, after| {
            rows(&[update(before, after)]).with_updates(form, &table(has_primary_key)).len() == 2
        };
        let (row, other_id, other_u, other_v) = ([1, 1, 1], [2, 1, 1], [1, 2, 1], [1, 1, 2]);
        for (has_primary_key, after, expected) in [
            (true, other_id, [false, true, true, true]),
            (true, other_u, [false, true, false, true]),
            (true, other_v, [false, false, false, false]),
            (true, row, [false, false, false, false]),
            (false, other_u, [false, true, true, true]),
            (false, other_v, [false, false, true, true]),
            (false, row, [false, false, true, true]),
        ] {
            let split = FORMS.map(|form| of(form, has_primary_key, row, after));
            assert_eq!(split, expected, "primary key: {has_primary_key}, to {after:?}");
        }
    }

    #[test]
    fn keys_that_are_equal_but_read_differently_are_split() {
        let day = |micros| {
            let date = Date { year: 2024, month: 2, day: 29 };
            Value::DateTime(DateTime { date, hour: 0, minute: 0, second: 0, micros })
        };
        for (before, after, splits) in [
            (Value::Text(b"a"), Value::Text(b"A"), true),
            (Value::Text(b"a"), Value::Text(b"a "), true),
            (Value::Text(b"abc"), Value::Text(b"abd"), true),
            (Value::Double(0.0), Value::Double(-0.0), true),
            (Value::Float(0.0), Value::Float(-0.0), true),
            (Value::Null, Value::Int(0), true),
            (day(0), day(1), true),
            (Value::Null, Value::Null, false),
            (Value::Text(b"a"), Value::Text(b"a"), false),
            (Value::Decimal(b"1.50"), Value::Decimal(b"1.50"), false),
            (Value::Double(f64::NAN), Value::Double(f64::NAN), false),
        ] {
            let mut table = table(true);
            table.columns.truncate(1);
            let mut rows = RowsBuilder::new(1);
            rows.push(Update, [before, after]).unwrap();
            let split = rows.build().with_updates(UpdateForm::default(), &table);
            assert_eq!(split.len() == 2, splits, "{before:?} to {after:?}");
        }
    }

    #[test]
    fn no_cell_is_copied() {
        let rows = rows(&[update([1, 1, 1], [2, 1, 1]), (Insert, vec![1, 1, 1])]);
        let cells = rows.cells.as_ptr();
        let split = rows.with_updates(UpdateForm::default(), &table(true));
        assert_eq!((split.cells.as_ptr(), split.len()), (cells, 3));
    }
}
