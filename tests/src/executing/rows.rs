//! The rows of a data directory as statements.

use super::literal::Spelling;
use super::target::{TargetColumns, quoted, quoted_table};
use crate::consumer::{ColumnDef, Format, Op, Row, TableKey};

/// How many rows are written by one statement, at most.
const ROWS_PER_STATEMENT: usize = 100;

/// A statement that writes rows.
pub(super) struct Write {
    pub(super) sql: String,
    /// It takes a row away, which should be there.
    pub(super) deletes: bool,
}

/// One table's columns, as the bucket and as the target see them.
pub(super) struct RowWriter {
    table: String,
    columns: Vec<RowColumn>,
    has_key: bool,
}

/// One column that rows are written with.
struct RowColumn {
    /// Which of a row's values it is.
    at: usize,
    name: String,
    data_type: String,
    is_key: bool,
    spelling: Spelling,
}

impl RowWriter {
    /// Columns that the target computes are left out.
    pub(super) fn new(
        table: &TableKey,
        columns: &[ColumnDef],
        target: &TargetColumns,
        format: &Format,
    ) -> Self {
        let columns: Vec<RowColumn> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| (at, column, target.get(&column.name).cloned().unwrap_or_default()))
            .filter(|(_, _, target)| !target.is_generated)
            .map(|(at, column, target)| RowColumn {
                at,
                name: quoted(&column.name),
                data_type: target.data_type,
                is_key: column.is_pk,
                spelling: Spelling::of(column, format),
            })
            .collect();
        let has_key = columns.iter().any(|column| column.is_key);
        Self { table: quoted_table(table), columns, has_key }
    }

    /// What writes these rows, in their order. Inserts side by side are one statement.
    pub(super) fn writes(&self, rows: &[&Row]) -> Vec<Write> {
        let runs = rows.chunk_by(|a, b| a.op != Op::Delete && b.op != Op::Delete);
        let pieces = runs.flat_map(|run| run.chunks(ROWS_PER_STATEMENT));
        pieces
            .map(|rows| match rows {
                [row] if row.op == Op::Delete => Write { sql: self.delete(row), deletes: true },
                rows => Write { sql: self.replace(rows), deletes: false },
            })
            .collect()
    }

    fn replace(&self, rows: &[&Row]) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let values = |row: &&Row| {
            let literal = |column: &RowColumn| column.spelling.literal(row.values[column.at].as_deref());
            let literals: Vec<String> = self.columns.iter().map(literal).collect();
            format!("({})", literals.join(", "))
        };
        let rows: Vec<String> = rows.iter().map(values).collect();
        format!("REPLACE INTO {} ({}) VALUES {}", self.table, names.join(", "), rows.join(", "))
    }

    /// By primary key, or one row that is equal in all columns that are shown.
    fn delete(&self, row: &Row) -> String {
        let is_shown = |column: &RowColumn| row.shown.as_ref().is_none_or(|shown| shown[column.at]);
        let concerned =
            self.columns.iter().filter(|column| column.is_key || (!self.has_key && is_shown(column)));
        let conditions: Vec<String> = concerned
            .map(|column| {
                let value = row.values[column.at].as_deref();
                if self.has_key {
                    format!("{} = {}", column.name, column.spelling.literal(value))
                } else {
                    column.spelling.is_value(&column.name, &column.data_type, value)
                }
            })
            .collect();
        format!("DELETE FROM {} WHERE {} LIMIT 1", self.table, conditions.join(" AND "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::CsvOptions;
    use bytes::Bytes;

    fn row(op: Op, values: &[&str]) -> Row {
        let values = values.iter().map(|value| (*value != "NULL").then(|| (*value).to_owned())).collect();
        Row { op, commit_ts: 1, is_update: None, values, shown: None, raw: Bytes::new() }
    }

    fn statements(key: bool, rows: &[Row]) -> Vec<String> {
        let column = |name: &str, type_name: &str, is_pk| ColumnDef {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            is_pk,
            ..ColumnDef::default()
        };
        let columns = [column("id", "INT", key), column("v", "VARCHAR", false)];
        let format = Format::Csv(CsvOptions::default());
        let writer = RowWriter::new(&TableKey::new("d", "t"), &columns, &TargetColumns::new(), &format);
        let rows: Vec<&Row> = rows.iter().collect();
        writer.writes(&rows).into_iter().map(|write| write.sql).collect()
    }

    #[test]
    fn inserts_are_put_together_and_never_over_a_delete() {
        let rows = [
            row(Op::Insert, &["1", "a"]),
            row(Op::Update, &["2", "NULL"]),
            row(Op::Delete, &["1", "a"]),
            row(Op::Delete, &["2", "NULL"]),
            row(Op::Insert, &["1", ""]),
        ];
        let delete = |id: u32| format!("DELETE FROM `d`.`t` WHERE `id` = {id} LIMIT 1");
        let replace = |rows: &str| format!("REPLACE INTO `d`.`t` (`id`, `v`) VALUES {rows}");
        let wanted = [replace("(1, _utf8mb4 X'61'), (2, NULL)"), delete(1), delete(2), replace("(1, '')")];
        assert_eq!(statements(true, &rows), wanted);
    }

    #[test]
    fn without_a_key_all_columns_tell_a_row() {
        assert_eq!(
            statements(false, &[row(Op::Delete, &["1", "a"]), row(Op::Delete, &["1", "NULL"])]),
            [
                "DELETE FROM `d`.`t` WHERE `id` = 1 AND HEX(CONVERT(`v` USING utf8mb4)) = '61' LIMIT 1",
                "DELETE FROM `d`.`t` WHERE `id` = 1 AND `v` IS NULL LIMIT 1",
            ]
        );
    }
}
