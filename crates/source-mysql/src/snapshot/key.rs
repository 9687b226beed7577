//! The key by which a table is cut into chunks.
//!
//! The server compares, never we: a place between two chunks is the key of a row as literals that mean the very same
//! value to the server. Text is in the column's own charset, so that the column's collation compares it.

use crate::log::server::{Server, Trouble};
use crate::sql::quote;
use change_event::{Column, ColumnKind, TableSchema};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use std::fmt::Write as _;

/// A unique key whose columns are never NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The index, in backticks.
    pub(super) index: String,
    columns: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// In backticks.
    name: String,
    form: Form,
}

/// How a value of a column is written as a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// Its digits.
    Number,
    /// Its number, for what shows a text otherwise.
    Ordinal,
    /// A double.
    Double,
    /// Its text in quotes: dates and times.
    Quoted,
    /// Its bytes, in this charset.
    Text(String),
    Bytes,
}

/// Where a chunk ends and the next one begins: the key of the last row, each column as a literal.
pub(super) type Place = Vec<String>;

/// The key that a table is best cut by: the primary one, else another one; `None` for a table that is read in one piece.
pub(super) async fn of_table(
    conn: &mut Conn,
    server: &Server,
    table: &TableSchema,
) -> Result<Option<Key>, Trouble> {
    let name = &table.name;
    let sql = format!("SHOW INDEX FROM {}.{}", quote(&name.schema), quote(&name.table));
    let rows: Vec<Row> = conn.query(sql).await.map_err(|e| super::reader::judge(e, server, name))?;
    Ok(choose(rows.iter().filter_map(Shown::of), &table.columns))
}

/// One line of `SHOW INDEX`: a column of an index.
#[derive(Debug)]
struct Shown {
    unique: bool,
    index: String,
    column: Option<String>,
    prefix: bool,
    nullable: bool,
    btree: bool,
}

impl Shown {
    fn of(row: &Row) -> Option<Self> {
        let text = |i: usize| row.get_opt::<Option<Vec<u8>>, _>(i)?.ok()?;
        let text = |i| text(i).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Some(Self {
            unique: text(1)? == "0",
            index: text(2)?,
            column: text(4),
            prefix: text(7).is_some(),
            nullable: text(9).is_some_and(|null| null == "YES"),
            btree: text(10).is_some_and(|kind| kind == "BTREE"),
        })
    }
}

fn choose(shown: impl Iterator<Item = Shown>, columns: &[Column]) -> Option<Key> {
    let mut keys: Vec<(String, Option<Vec<Part>>)> = Vec::new();
    for line in shown.filter(|line| line.unique) {
        if keys.last().is_none_or(|(index, _)| *index != line.index) {
            keys.push((line.index.clone(), Some(Vec::new())));
        }
        let Some((_, parts)) = keys.last_mut() else { continue };
        let part = part(&line, columns);
        *parts = parts.take().zip(part).map(|(mut parts, part)| {
            parts.push(part);
            parts
        });
    }
    let mut fit = keys.into_iter().filter_map(|(index, parts)| Some((index, parts?)));
    let mut best = fit.next()?;
    for (index, parts) in fit {
        if best.0 != "PRIMARY" && index == "PRIMARY" {
            best = (index, parts);
        }
    }
    Some(Key { index: quote(&best.0), columns: best.1 })
}

fn part(line: &Shown, columns: &[Column]) -> Option<Part> {
    if line.prefix || line.nullable || !line.btree {
        return None;
    }
    let column = columns.iter().find(|column| Some(&column.name) == line.column.as_ref())?;
    Some(Part { name: quote(&column.name), form: form(column)? })
}

fn form(column: &Column) -> Option<Form> {
    use ColumnKind::*;
    Some(match column.kind {
        TinyInt | SmallInt | MediumInt | Int | BigInt | Decimal => Form::Number,
        Bit | Enum | Set => Form::Ordinal,
        Float | Double => Form::Double,
        Year | Date | DateTime | Timestamp | Time => Form::Quoted,
        // What MariaDB's own types are stored as: text in an answer.
        Char if column.is_binary() && matches!(column.length, Some(4 | 16)) => return None,
        Char | VarChar | VarString | TinyText | Text | MediumText | LongText => {
            match column.charset.as_deref() {
                Some("binary") => Form::Bytes,
                // The only name that all servers know.
                Some("utf8mb3") => Form::Text("utf8".to_owned()),
                Some(charset) => Form::Text(charset.to_owned()),
                None => return None,
            }
        }
        Json | Vector | Geometry | Unspecified => return None,
    })
}

impl Key {
    /// The key's columns in order.
    pub(super) fn order(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|part| part.name.as_str()).collect();
        names.join(", ")
    }

    /// What is selected to learn a place.
    pub(super) fn shown(&self) -> String {
        let shown = self.columns.iter().map(|Part { name, form }| match form {
            Form::Number | Form::Quoted => name.clone(),
            Form::Ordinal => format!("CAST({name} AS UNSIGNED)"),
            Form::Double => format!("{name} + 0e0"),
            Form::Text(_) | Form::Bytes => format!("HEX({name})"),
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    /// The place that a row of [`shown`](Self::shown) is.
    pub(super) fn place(&self, row: &Row) -> Option<Place> {
        let literal = |(i, Part { form, .. }): (usize, &Part)| {
            let text: Vec<u8> = row.get_opt(i)?.ok()?;
            let text = String::from_utf8_lossy(&text);
            Some(match form {
                Form::Number | Form::Ordinal => text.into_owned(),
                Form::Double if text.contains('e') => text.into_owned(),
                Form::Double => format!("{text}e0"),
                Form::Quoted => format!("'{text}'"),
                Form::Text(charset) => format!("_{charset} X'{text}'"),
                Form::Bytes => format!("X'{text}'"),
            })
        };
        self.columns.iter().enumerate().map(literal).collect()
    }

    /// The condition for rows behind a place. A comparison of whole rows would not use an index on every server.
    pub(super) fn is_behind(&self, place: &Place) -> String {
        self.compare(place, ">", ">")
    }

    /// The condition for rows up to a place.
    pub(super) fn is_up_to(&self, place: &Place) -> String {
        self.compare(place, "<", "<=")
    }

    /// `(a >= 1 AND (a > 1 OR (b >= 2 AND (b > 2 OR c > 3))))`
    fn compare(&self, place: &Place, strict: &str, last: &str) -> String {
        let mut text = String::new();
        let count = self.columns.len();
        for (i, (Part { name, .. }, literal)) in self.columns.iter().zip(place).enumerate() {
            let written = match i + 1 == count {
                true => write!(text, "{name} {last} {literal}"),
                false => write!(text, "({name} {strict}= {literal} AND ({name} {strict} {literal} OR "),
            };
            debug_assert!(written.is_ok(), "a String takes every write");
        }
        text.extend(std::iter::repeat_n("))", count - 1));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(index: &str, column: &str) -> Shown {
        Shown {
            unique: true,
            index: index.to_owned(),
            column: Some(column.to_owned()),
            prefix: false,
            nullable: false,
            btree: true,
        }
    }

    fn columns() -> Vec<Column> {
        let mut name = Column::new("name", ColumnKind::VarChar);
        name.charset = Some("latin1".to_owned());
        vec![Column::new("a", ColumnKind::Int), name, Column::new("j", ColumnKind::Json)]
    }

    #[test]
    fn the_primary_key_is_taken_before_others_and_a_key_that_does_not_order_all_rows_is_not() {
        let chosen = |lines: Vec<Shown>| choose(lines.into_iter(), &columns()).map(|key| key.index);
        assert_eq!(chosen(vec![line("u", "a"), line("PRIMARY", "name")]).as_deref(), Some("`PRIMARY`"));
        assert_eq!(chosen(vec![line("u", "a"), line("v", "name")]).as_deref(), Some("`u`"));
        let plain = Shown { unique: false, ..line("k", "a") };
        assert_eq!(chosen(vec![plain, line("z", "a")]).as_deref(), Some("`z`"));
        for unfit in [
            Shown { prefix: true, ..line("k", "name") },
            Shown { nullable: true, ..line("k", "a") },
            Shown { column: None, ..line("k", "a") },
            Shown { btree: false, ..line("k", "a") },
            line("k", "j"),
        ] {
            assert_eq!(chosen(vec![line("k", "a"), unfit, line("z", "a")]).as_deref(), Some("`z`"));
        }
    }

    #[test]
    fn a_place_is_compared_column_by_column() {
        let key = choose([line("k", "name"), line("k", "a")].into_iter(), &columns()).unwrap();
        let place = vec!["_latin1 X'E9'".to_owned(), "-5".to_owned()];
        assert_eq!(key.shown(), "HEX(`name`), `a`");
        assert_eq!(
            key.is_behind(&place),
            "(`name` >= _latin1 X'E9' AND (`name` > _latin1 X'E9' OR `a` > -5))"
        );
        assert_eq!(
            key.is_up_to(&place),
            "(`name` <= _latin1 X'E9' AND (`name` < _latin1 X'E9' OR `a` <= -5))"
        );
    }
}
