//! A table, rebuilt.

use super::{ColumnDef, Op, Row, TableKey, Violation};
use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};

/// The values of one row, in column order.
pub type Values = Vec<Option<String>>;

/// A table as the rows and DDLs of a bucket leave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The columns that rows have.
    pub columns: Vec<ColumnDef>,
    /// The rows.
    pub rows: TableRows,
}

/// The rows of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum TableRows {
    /// By primary key: its text, or the JSON array of its texts if it has several columns.
    Keyed(BTreeMap<String, Values>),
    /// Without a primary key: how often each row is there.
    Bag(BTreeMap<Values, usize>),
}

impl Table {
    /// An empty table.
    pub fn new(columns: Vec<ColumnDef>) -> Self {
        let rows = if columns.iter().any(|column| column.is_pk) {
            TableRows::Keyed(BTreeMap::new())
        } else {
            TableRows::Bag(BTreeMap::new())
        };
        Self { columns, rows }
    }

    /// How many rows it has.
    pub fn row_count(&self) -> usize {
        match &self.rows {
            TableRows::Keyed(rows) => rows.len(),
            TableRows::Bag(rows) => rows.values().sum(),
        }
    }

    /// Every row, equal ones as often as they are there, in an order of its own.
    pub fn all_rows(&self) -> Vec<&Values> {
        match &self.rows {
            TableRows::Keyed(rows) => rows.values().collect(),
            TableRows::Bag(rows) => {
                rows.iter().flat_map(|(values, &count)| std::iter::repeat_n(values, count)).collect()
            }
        }
    }

    /// The text of a row's primary key; `None` if a part of it is NULL.
    pub fn key_of(&self, values: &Values) -> Option<String> {
        let parts = self.columns.iter().zip(values).filter(|(column, _)| column.is_pk);
        let parts: Vec<&str> = parts.map(|(_, value)| value.as_deref()).collect::<Option<_>>()?;
        match parts[..] {
            [single] => Some(single.to_owned()),
            _ => Some(serde_json::Value::from(parts).to_string()),
        }
    }

    /// Applies one row: I and U put it there, D takes it away. A D of a row that is not there changes nothing: the
    /// table may be older than the bucket.
    pub(super) fn apply(&mut self, row: &Row, name: &TableKey) -> Result<(), Violation> {
        let key = self.key_of(&row.values);
        let commit_ts = row.commit_ts;
        match &mut self.rows {
            TableRows::Keyed(rows) => {
                let key = key.ok_or_else(|| Violation::NullInKey { table: name.clone(), commit_ts })?;
                match row.op {
                    Op::Insert | Op::Update => rows.insert(key, row.values.clone()),
                    Op::Delete => rows.remove(&key),
                };
            }
            TableRows::Bag(rows) => match row.op {
                Op::Insert => *rows.entry(row.values.clone()).or_default() += 1,
                Op::Delete => {
                    let gone = row.shown.as_ref().map_or_else(
                        || row.values.clone(),
                        |shown| meant(rows, &row.values, shown).unwrap_or_else(|| row.values.clone()),
                    );
                    if let Entry::Occupied(mut entry) = rows.entry(gone) {
                        *entry.get_mut() -= 1;
                        if *entry.get() == 0 {
                            entry.remove();
                        }
                    }
                }
                Op::Update => {
                    return Err(Violation::UpdateWithoutKey { table: name.clone(), commit_ts });
                }
            },
        }
        Ok(())
    }

    /// Gives the table other columns, as an ALTER does: values follow their column's name, or its new name; what is
    /// new gets its default.
    pub(super) fn reshape(&mut self, columns: &[ColumnDef], renamed: &[(String, String)]) {
        if self.columns == columns {
            return;
        }
        let at: HashMap<&str, usize> =
            self.columns.iter().enumerate().map(|(at, column)| (column.name.as_str(), at)).collect();
        let sources: Vec<Option<usize>> = columns
            .iter()
            .map(|column| {
                let old = renamed.iter().find(|(_, new)| *new == column.name);
                let name = old.map_or(column.name.as_str(), |(old, _)| old.as_str());
                at.get(name).copied()
            })
            .collect();
        let reshaped = |values: &Values| -> Values {
            columns
                .iter()
                .zip(&sources)
                .map(|(column, source)| match source {
                    Some(source) => column.adopt(values[*source].as_deref()),
                    None => column.initial(),
                })
                .collect()
        };
        let mut after = Self::new(columns.to_vec());
        let old_rows: Vec<(Values, usize)> = match &self.rows {
            TableRows::Keyed(rows) => rows.values().map(|values| (reshaped(values), 1)).collect(),
            TableRows::Bag(rows) => rows.iter().map(|(values, count)| (reshaped(values), *count)).collect(),
        };
        for (values, count) in old_rows {
            let key = after.key_of(&values);
            match &mut after.rows {
                // A key column has no NULL: `adopt` and `initial` see to it.
                TableRows::Keyed(rows) => rows.extend(key.map(|key| (key, values))),
                TableRows::Bag(rows) => *rows.entry(values).or_default() += count,
            }
        }
        *self = after;
    }
}

/// The row that has these values in the columns that are shown; the first of several.
fn meant(rows: &BTreeMap<Values, usize>, values: &Values, shown: &[bool]) -> Option<Values> {
    let fits = |row: &&Values| {
        let columns = row.iter().zip(values).zip(shown);
        columns.into_iter().all(|((row, value), shown)| !shown || row == value)
    };
    rows.keys().find(fits).cloned()
}

impl ColumnDef {
    /// The value of a column that was just added.
    fn initial(&self) -> Option<String> {
        let default = self.default.as_ref().map(|default| match default {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        match default {
            Some(text) => self.adopt(Some(&text)),
            None => self.adopt(None),
        }
    }

    /// A value as it is in this column after the column's type changed: more or fewer digits after the point, and no
    /// NULL where none is allowed. Other conversions keep the text.
    fn adopt(&self, value: Option<&str>) -> Option<String> {
        let Some(text) = value else {
            return self.not_null.then(|| self.implicit_default());
        };
        let digits = self.scale.as_deref().and_then(|scale| scale.parse().ok()).unwrap_or(0);
        match self.base_type() {
            "DECIMAL" | "DATETIME" | "TIMESTAMP" | "TIME" => Some(with_digits(text, digits)),
            _ => Some(text.to_owned()),
        }
    }

    /// What MySQL puts into a NOT NULL column that has no default.
    fn implicit_default(&self) -> String {
        match self.base_type() {
            "DECIMAL" => self.adopt(Some("0")).unwrap_or_default(),
            "DATE" => "0000-00-00".to_owned(),
            "DATETIME" | "TIMESTAMP" => self.adopt(Some("0000-00-00 00:00:00")).unwrap_or_default(),
            "TIME" => self.adopt(Some("00:00:00")).unwrap_or_default(),
            "ENUM" => self.members.first().cloned().unwrap_or_default(),
            _ if self.is_number() => "0".to_owned(),
            _ => String::new(),
        }
    }
}

/// A number or a time with exactly this many digits after the point. Digits that go are cut, not rounded.
fn with_digits(text: &str, digits: usize) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if digits == 0 {
        return whole.to_owned();
    }
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(digits).collect();
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, type_name: &str, is_pk: bool) -> ColumnDef {
        ColumnDef { name: name.to_owned(), type_name: type_name.to_owned(), is_pk, ..ColumnDef::default() }
    }

    fn row(op: Op, values: &[Option<&str>]) -> Row {
        Row {
            op,
            commit_ts: 1,
            is_update: None,
            values: values.iter().map(|value| value.map(str::to_owned)).collect(),
            shown: None,
            raw: bytes::Bytes::new(),
        }
    }

    fn apply(table: &mut Table, op: Op, values: &[Option<&str>]) -> Result<(), Violation> {
        table.apply(&row(op, values), &TableKey::new("s", "t"))
    }

    #[test]
    fn rows_replace_each_other_by_primary_key() {
        let columns = [column("a", "INT", true), column("b", "VARCHAR", true), column("c", "INT", false)];
        let mut table = Table::new(columns.to_vec());
        apply(&mut table, Op::Insert, &[Some("1"), Some("x"), None]).unwrap();
        apply(&mut table, Op::Update, &[Some("1"), Some("x"), Some("7")]).unwrap();
        apply(&mut table, Op::Insert, &[Some("2"), Some("x"), None]).unwrap();
        apply(&mut table, Op::Delete, &[Some("2"), Some("x"), None]).unwrap();
        let TableRows::Keyed(rows) = &table.rows else { panic!("it has a key") };
        let keys: Vec<&String> = rows.keys().collect();
        assert_eq!(keys, ["[\"1\",\"x\"]"]);
        assert_eq!(rows["[\"1\",\"x\"]"][2].as_deref(), Some("7"));
        let refused = apply(&mut table, Op::Insert, &[None, Some("x"), None]);
        assert!(matches!(refused, Err(Violation::NullInKey { .. })));
    }

    #[test]
    fn a_table_without_a_key_counts_equal_rows() {
        let mut table = Table::new(vec![column("a", "INT", false)]);
        for op in [Op::Insert, Op::Insert, Op::Delete] {
            apply(&mut table, op, &[Some("1")]).unwrap();
        }
        assert_eq!(table.row_count(), 1);
        apply(&mut table, Op::Delete, &[Some("1")]).unwrap();
        apply(&mut table, Op::Delete, &[Some("1")]).unwrap();
        assert_eq!(table.row_count(), 0);
        let refused = apply(&mut table, Op::Update, &[Some("1")]);
        assert!(matches!(refused, Err(Violation::UpdateWithoutKey { .. })));
    }

    #[test]
    fn a_delete_that_shows_some_columns_takes_a_row_that_has_them() {
        let mut table = Table::new(vec![column("u", "INT", false), column("v", "INT", false)]);
        for values in [["1", "5"], ["2", "6"]] {
            apply(&mut table, Op::Insert, &values.map(Some)).unwrap();
        }
        let delete = Row { shown: Some(vec![true, false]), ..row(Op::Delete, &[Some("2"), None]) };
        table.apply(&delete, &TableKey::new("s", "t")).unwrap();
        assert_eq!(table.all_rows(), [&vec![Some("1".to_owned()), Some("5".to_owned())]]);
    }

    #[test]
    fn an_altered_table_keeps_adds_renames_and_drops_columns() {
        let mut table =
            Table::new(vec![column("id", "INT", true), column("a", "INT", false), column("b", "INT", false)]);
        apply(&mut table, Op::Insert, &[Some("1"), Some("5"), Some("6")]).unwrap();
        let price = ColumnDef { scale: Some("2".to_owned()), ..column("price", "DECIMAL", false) };
        let since =
            ColumnDef { not_null: true, scale: Some("3".to_owned()), ..column("since", "DATETIME", false) };
        let color = ColumnDef { default: Some("red".into()), ..column("color", "VARCHAR", false) };
        let columns = [column("id", "INT", true), since, price, color, column("new", "INT", false)];
        table.reshape(&columns, &[("a".to_owned(), "price".to_owned())]);
        let TableRows::Keyed(rows) = &table.rows else { panic!("it has a key") };
        let values: Vec<Option<&str>> = rows["1"].iter().map(Option::as_deref).collect();
        assert_eq!(values, [Some("1"), Some("0000-00-00 00:00:00.000"), Some("5.00"), Some("red"), None]);
    }
}
