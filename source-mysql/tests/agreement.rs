//! The server as judge: the rows of a log, added up, are what the server's tables hold in the end.

mod reading;
mod server;

use change_event::{ChangeEvent, Column, ColumnKind, DdlKind, Image, Value};
use mysql_async::prelude::Queryable;
use server::MariaDb;
use source_mysql::{Binlog, SourceItem, SourceOptions, Start};
use std::collections::BTreeMap;

/// Tables whose columns stay the same from their first row on, with as many rows as they hold in the end.
const TABLES: [(&str, usize); 9] = [
    ("shop.order_lines", 1175),
    ("shop.orders", 370),
    ("shop.shadow", 44),
    ("shop.types_number", 3),
    ("shop.types_text", 4),
    ("shop.types_time", 4),
    ("warehouse.movements", 50),
    ("warehouse.stock", 303),
    ("shop.orders_2023", 100),
];

/// The rows of each table: rendered, and how often.
type Tables = BTreeMap<String, BTreeMap<Vec<String>, usize>>;

#[tokio::test]
async fn the_rows_add_up_to_the_servers_tables() {
    let db = MariaDb::start();
    db.run_script(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/shop.sql"));
    db.run("CREATE TABLE shop.the_end (id INT)").await;
    let mut log =
        Binlog::connect(&db.url("reader"), SourceOptions::default(), Start::Earliest).await.unwrap();
    let mut tables = Tables::new();
    let mut columns: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    loop {
        let SourceItem::Event(event) = log.next().await.unwrap().unwrap() else { continue };
        match event {
            ChangeEvent::Rows(event) => {
                let name = event.table.name.to_string();
                // Its columns change: old rows look different when they go.
                if name == "shop.customers" {
                    continue;
                }
                let rows = tables.entry(name.clone()).or_default();
                for row in event.rows.iter() {
                    if let Some(image) = row.before {
                        remove(rows, render(image, &event.table.columns));
                    }
                    if let Some(image) = row.after {
                        *rows.entry(render(image, &event.table.columns)).or_default() += 1;
                    }
                }
                columns.insert(name, event.table.columns.clone());
            }
            ChangeEvent::Ddl(ddl) => {
                for change in &ddl.changes {
                    let name = format!("{}.{}", change.schema, change.table);
                    match (change.kind, &change.renamed_from) {
                        (DdlKind::TruncateTable | DdlKind::DropTable, _) => drop(tables.remove(&name)),
                        (DdlKind::RenameTable, Some(from)) => {
                            let from = from.to_string();
                            let moved = tables.remove(&from).unwrap_or_default();
                            tables.insert(name.clone(), moved);
                            let moved = columns.remove(&from).unwrap_or_default();
                            columns.insert(name, moved);
                        }
                        _ => {}
                    }
                }
                if ddl.changes.iter().any(|change| change.table == "the_end") {
                    break;
                }
            }
            ChangeEvent::Resolved(_) => {}
        }
    }
    for (table, count) in TABLES {
        let on_server = select(&db, table, &columns[table]).await;
        assert_eq!(on_server.values().sum::<usize>(), count, "{table}");
        for (ours, theirs) in tables[table].keys().zip(on_server.keys()) {
            for (i, column) in columns[table].iter().enumerate() {
                assert_eq!(ours[i], theirs[i], "{table}.{}", column.name);
            }
        }
        assert!(tables[table] == on_server, "{table}");
    }
}

fn remove(rows: &mut BTreeMap<Vec<String>, usize>, row: Vec<String>) {
    let count = rows.get_mut(&row).unwrap_or_else(|| panic!("a row goes that never came: {row:?}"));
    *count -= 1;
    if *count == 0 {
        rows.remove(&row);
    }
}

/// What the server says a table holds.
async fn select(db: &MariaDb, table: &str, columns: &[Column]) -> BTreeMap<Vec<String>, usize> {
    use ColumnKind::*;
    let shown = columns.iter().map(|column| {
        let name = format!("`{}`", column.name);
        match column.kind {
            Float | Double => format!("{name} + 0e0"),
            // The display width of a ZEROFILL column is no part of its value.
            kind if kind.is_integer() => format!("{name} + 0"),
            Bit | Enum | Set | Year => format!("CAST({name} + 0 AS UNSIGNED)"),
            kind if kind.is_string() && !column.is_binary() => format!("HEX(CONVERT({name} USING utf8mb4))"),
            Geometry | Json => format!("HEX({name})"),
            kind if kind.is_string() => format!("HEX({name})"),
            _ => name,
        }
    });
    let shown: Vec<String> = shown.map(|expression| format!("CAST({expression} AS CHAR)")).collect();
    let mut conn = db.connect().await;
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
    cells.map(|(column, value)| cell(value, column.decimals.unwrap_or(0) as usize)).collect()
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
