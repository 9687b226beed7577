//! The rows of a log, added up, and what the server says its tables hold.
#![allow(dead_code)] // Each test file uses its part of it.

use change_event::{ChangeEvent, Column, ColumnKind, DdlKind, Generated, Image, TableSchema, Value};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use source_mysql::{Binlog, Error, SourceItem};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows of each table, rendered, and how often.
type Rows = BTreeMap<String, BTreeMap<Vec<String>, usize>>;

/// What a log made of its tables.
#[derive(Default)]
pub struct Books {
    pub rows: Rows,
    /// Each table as its last rows had it.
    pub tables: BTreeMap<String, Arc<TableSchema>>,
}

impl Books {
    /// Reads until a table of this name is created. `skipped`: tables that are not looked at.
    pub async fn read(log: &mut Binlog, end: &str, skipped: &[&str]) -> Self {
        Self::try_read(log, end, skipped).await.unwrap()
    }

    /// The same for a log that may be wrong.
    pub async fn try_read(log: &mut Binlog, end: &str, skipped: &[&str]) -> Result<Self, Error> {
        let mut books = Self::default();
        loop {
            let SourceItem::Event(event) = log.next().await?.expect("the end comes first") else { continue };
            match event {
                ChangeEvent::Rows(event) if skipped.contains(&&*event.table.name.to_string()) => {}
                ChangeEvent::Rows(event) => {
                    let name = event.table.name.to_string();
                    let rows = books.rows.entry(name.clone()).or_default();
                    for row in event.rows.iter() {
                        if let Some(image) = row.before {
                            remove(rows, render(image, &event.table.columns));
                        }
                        if let Some(image) = row.after {
                            *rows.entry(render(image, &event.table.columns)).or_default() += 1;
                        }
                    }
                    books.tables.insert(name, event.table.clone());
                }
                ChangeEvent::Ddl(ddl) => {
                    for change in &ddl.changes {
                        let name = format!("{}.{}", change.schema, change.table);
                        if change.table == end {
                            return Ok(books);
                        }
                        books.follow(
                            &name,
                            change.kind,
                            change.renamed_from.as_ref().map(|from| from.to_string()),
                        );
                    }
                }
                ChangeEvent::Resolved(_) => {}
            }
        }
    }

    fn follow(&mut self, name: &str, kind: DdlKind, from: Option<String>) {
        match (kind, from) {
            (DdlKind::TruncateTable | DdlKind::DropTable, _) => {
                self.rows.remove(name);
            }
            (DdlKind::RenameTable, Some(from)) => {
                let rows = self.rows.remove(&from).unwrap_or_default();
                self.rows.insert(name.into(), rows);
                if let Some(table) = self.tables.remove(&from) {
                    self.tables.insert(name.into(), table);
                }
            }
            _ => {}
        }
    }

    /// Compares a table with the server's, cell by cell, and gives how many cells there were.
    pub async fn compare(&self, conn: &mut Conn, table: &str) -> usize {
        let (cells, differences) = self.differences(conn, table).await;
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        cells
    }

    /// Compares a table with the server's, cell by cell: how many cells there were, and what differs.
    pub async fn differences(&self, conn: &mut Conn, table: &str) -> (usize, Vec<String>) {
        let Some(columns) = self.tables.get(table).map(|table| &table.columns) else {
            return (0, vec![format!("{table} has no rows")]);
        };
        let theirs = select(conn, table, columns).await;
        let ours = &self.rows[table];
        let mut differences = Vec::new();
        for (ours, theirs) in ours.keys().zip(theirs.keys()) {
            for (i, column) in columns.iter().enumerate().filter(|(i, _)| ours[*i] != theirs[*i]) {
                differences.push(format!("{table}.{} is {}, read as {}", column.name, theirs[i], ours[i]));
            }
        }
        if differences.is_empty() && *ours != theirs {
            differences.push(format!("{table} has other rows"));
        }
        (theirs.values().sum::<usize>() * columns.len(), differences)
    }
}

/// The columns of a table as the server describes them, in words that [`described`] uses too.
pub async fn description(conn: &mut Conn, table: &str) -> Vec<String> {
    let (schema, name) = table.split_once('.').unwrap();
    let rows: Vec<mysql_async::Row> = conn
        .exec(
            "SELECT column_name, CONVERT(data_type USING utf8mb4), CONVERT(column_type USING utf8mb4),
                 CONVERT(is_nullable USING utf8mb4),
                 (SELECT COUNT(*) FROM information_schema.statistics k WHERE k.index_name = 'PRIMARY'
                     AND k.table_schema = ? AND k.table_name = ?
                     AND k.column_name = c.column_name),
                 CONVERT(character_set_name USING utf8mb4), character_maximum_length,
                 numeric_precision, numeric_scale, datetime_precision,
                 (SELECT COUNT(*) FROM information_schema.statistics k WHERE k.non_unique = 0
                     AND k.table_schema = ? AND k.table_name = ?
                     AND k.column_name = c.column_name)
             FROM information_schema.columns c WHERE table_schema = ? AND table_name = ?
             ORDER BY ordinal_position",
            (schema, name, schema, name, schema, name),
        )
        .await
        .unwrap();
    let column = |row: &mysql_async::Row| {
        let text = |i: usize| row.get::<Option<String>, _>(i).unwrap().unwrap_or_default();
        let number = |i: usize| row.get::<Option<u64>, _>(i).unwrap().unwrap_or_default();
        let data_type = text(1);
        let kind = match &*data_type {
            "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon"
            | "geomcollection" | "geometrycollection" => "geometry",
            // What MariaDB stores its own types as.
            "uuid" | "inet6" | "inet4" => "binary",
            kind => kind,
        };
        let size = match kind {
            "char" | "varchar" | "varbinary" => number(6).to_string(),
            "decimal" => format!("{},{}", number(7), number(8)),
            "bit" => number(7).to_string(),
            "time" | "datetime" | "timestamp" => number(9).to_string(),
            _ => String::new(),
        };
        let charset = if text(5) == "utf8" { "utf8mb3".to_owned() } else { text(5) };
        let charset = if matches!(kind, "enum" | "set") { String::new() } else { charset };
        let unsigned = if text(2).contains("unsigned") { " unsigned" } else { "" };
        let null = if text(3) == "YES" { "" } else { " not null" };
        let key = key(number(4) > 0, number(10) > 0);
        format!("{} {kind}({size}){unsigned} {charset}{null}{key}", text(0))
    };
    rows.iter().map(column).collect()
}

fn key(primary: bool, unique: bool) -> &'static str {
    match (primary, unique) {
        (true, _) => " primary",
        (false, true) => " unique",
        (false, false) => "",
    }
}

/// The columns of a table as they are tracked. `json`: what the server calls that type.
pub fn described(table: &TableSchema, json: &str) -> Vec<String> {
    use ColumnKind::*;
    let column = |column: &Column| {
        let number = |n: Option<u32>| n.unwrap_or(0).to_string();
        let kind = if column.kind == Json { json } else { column.type_name() };
        let size = match column.kind {
            // Nor does the server tell one for its own types that are stored so.
            Char if column.is_binary() => String::new(),
            Char | VarChar | Bit => number(column.length_or_default()),
            Decimal => format!("{},{}", number(column.length), number(column.decimals)),
            Time | DateTime | Timestamp => number(column.decimals),
            _ => String::new(),
        };
        let charset = match (&column.charset, column.kind) {
            (Some(charset), kind) if kind.is_string() && charset != "binary" => charset.as_str(),
            (_, Json) if json == "longtext" => "utf8mb4",
            _ => "",
        };
        let unsigned = if column.unsigned { " unsigned" } else { "" };
        let null = if column.nullable { "" } else { " not null" };
        let key = key(column.primary_key, column.unique_key);
        format!("{} {kind}({size}){unsigned} {charset}{null}{key}", column.name)
    };
    table.columns.iter().map(column).collect()
}

fn remove(rows: &mut BTreeMap<Vec<String>, usize>, row: Vec<String>) {
    let count = rows.get_mut(&row).unwrap_or_else(|| panic!("a row goes that never came: {row:?}"));
    *count -= 1;
    if *count == 0 {
        rows.remove(&row);
    }
}

/// What stands for the value of a VIRTUAL column: it is no part of a row, and not every server logs it.
const COMPUTED: &str = "computed";

/// What the server says a table holds.
pub async fn select(conn: &mut Conn, table: &str, columns: &[Column]) -> BTreeMap<Vec<String>, usize> {
    use ColumnKind::*;
    let shown = columns.iter().map(|column| {
        let name = format!("`{}`", column.name);
        match column.kind {
            _ if column.generated == Generated::Virtual => format!("'{COMPUTED}'"),
            Float | Double => format!("{name} + 0e0"),
            // The display width of a ZEROFILL column is no part of its value.
            kind if kind.is_integer() => format!("{name} + 0"),
            Bit | Enum | Set | Year => format!("CAST({name} + 0 AS UNSIGNED)"),
            kind if kind.is_string() && !column.is_binary() => format!("HEX(CONVERT({name} USING utf8mb4))"),
            Json => format!("HEX(CONVERT({name} USING utf8mb4))"),
            Geometry | Vector => format!("HEX({name})"),
            kind if kind.is_string() => format!("HEX({name})"),
            _ => name,
        }
    });
    let shown: Vec<String> = shown.map(|expression| format!("CAST({expression} AS CHAR)")).collect();
    let rows: Vec<mysql_async::Row> =
        conn.query(format!("SELECT {} FROM {table}", shown.join(", "))).await.unwrap();
    let mut counted = BTreeMap::new();
    for row in rows {
        let cells = columns.iter().enumerate().map(|(i, column)| {
            let cell: Option<String> = row.get(i).unwrap();
            match (cell, column.kind) {
                (None, _) => "NULL".to_owned(),
                (Some(text), Float | Double) => format!("{:?}", text.parse::<f64>().unwrap()),
                (Some(text), _) => text,
            }
        });
        *counted.entry(cells.collect()).or_default() += 1;
    }
    counted
}

fn render(image: Image<'_>, columns: &[Column]) -> Vec<String> {
    let cells = columns.iter().zip(image.values());
    let shown = |(column, value): (&Column, Value<'_>)| match column.generated {
        Generated::Virtual => COMPUTED.to_owned(),
        _ if column.kind == ColumnKind::Vector => vector(value),
        Generated::No | Generated::Stored => cell(value, column.decimals.unwrap_or(0) as usize),
    };
    cells.map(shown).collect()
}

/// The numbers of a vector, which is a list in words, as the server stores them.
fn vector(value: Value<'_>) -> String {
    let (Value::Text(text) | Value::Bytes(text) | Value::Json(text)) = value else { return cell(value, 0) };
    let text = String::from_utf8_lossy(text);
    let numbers = text.trim_start_matches('[').trim_end_matches(']').split(',');
    let bytes = numbers.flat_map(|number| number.parse::<f32>().unwrap_or(f32::NAN).to_le_bytes());
    bytes.map(|byte| format!("{byte:02X}")).collect()
}

/// The cell as [`select`] has the server show it.
fn cell(value: Value<'_>, digits: usize) -> String {
    let fraction = |micros: u32| match digits {
        0 => String::new(),
        _ => format!(".{}", &format!("{micros:06}")[..digits]),
    };
    match value {
        Value::Null => "NULL".into(),
        Value::Int(v) => v.to_string(),
        Value::UInt(v) | Value::Bit(v) | Value::Enum(v) | Value::Set(v) => v.to_string(),
        Value::Float(v) => format!("{:?}", f64::from(v)),
        Value::Double(v) => format!("{v:?}"),
        Value::Decimal(text) => String::from_utf8_lossy(text).into_owned(),
        Value::Text(b) | Value::Bytes(b) | Value::Json(b) => {
            b.iter().map(|byte| format!("{byte:02X}")).collect()
        }
        Value::Date(d) => format!("{:04}-{:02}-{:02}", d.year, d.month, d.day),
        Value::DateTime(v) => format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}{}",
            v.date.year,
            v.date.month,
            v.date.day,
            v.hour,
            v.minute,
            v.second,
            fraction(v.micros)
        ),
        Value::Time(v) => {
            let sign = if v.negative { "-" } else { "" };
            let text = format!("{sign}{:02}:{:02}:{:02}", v.hours, v.minutes, v.seconds);
            text + &fraction(v.micros)
        }
    }
}
