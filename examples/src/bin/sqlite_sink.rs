//! A sink that is a database: change events go into SQLite, a transaction for each batch. A DDL runs when all
//! rows of its table before it are in, and no other table waits for that.
//!
//! `cargo run -p examples --bin sqlite_sink`

use change_event::{
    Column, ColumnKind, CommitTs, Op, RowEvent, RowsBuilder, RowsError, TableName, TableSchema, Value,
};
use pipeline_core::{BoxError, Pipeline, Routed, Routes, Scope, Weigh};
use rusqlite::{Connection, params_from_iter, types};
use stage_writer::{Batch, BatchLimits, Label, RowBatcher};
use std::sync::{Arc, Mutex};
use tower::{Service, ServiceExt, service_fn};

/// The rows of one transaction.
struct Changed(RowEvent);

impl Weigh for Changed {
    fn weight(&self) -> u64 {
        self.0.rows.bytes() as u64 + 256
    }
}

impl Label for Changed {
    // Rows of one version of a table have the same columns.
    type Group = Arc<TableSchema>;

    fn group(&self) -> &Arc<TableSchema> {
        &self.0.table
    }

    fn rows(&self) -> u64 {
        self.0.rows.len() as u64
    }
}

type Database = Arc<Mutex<Connection>>;

/// Works with the database, off the async threads.
async fn with<T: Send + 'static>(
    database: &Database,
    work: impl FnOnce(&mut Connection) -> Result<T, BoxError> + Send + 'static,
) -> Result<T, BoxError> {
    let database = database.clone();
    tokio::task::spawn_blocking(move || work(&mut database.lock().expect("no work panics"))).await?
}

/// Applies a batch. What is sent again after a crash changes nothing: an INSERT that is there already is replaced.
fn apply(database: &mut Connection, batch: &Batch<Arc<TableSchema>, Changed>) -> Result<(), BoxError> {
    let TableSchema { name, columns, .. } = &*batch.group;
    let (table, places) = (&name.table, vec!["?"; columns.len()].join(", "));
    let transaction = database.transaction()?;
    for row in batch.bodies.iter().flat_map(|Changed(event)| event.rows.iter()) {
        if let Some(before) = row.before {
            let delete = format!("DELETE FROM {table} WHERE {} = ?", columns[0].name);
            transaction.prepare_cached(&delete)?.execute([cell(before.value(0))?])?;
        }
        if let Some(after) = row.after {
            let cells: Vec<types::Value> = after.values().map(cell).collect::<Result<_, _>>()?;
            let insert = format!("INSERT OR REPLACE INTO {table} VALUES ({places})");
            transaction.prepare_cached(&insert)?.execute(params_from_iter(cells))?;
        }
    }
    transaction.commit()?;
    println!("committed {} rows of {table}: {}", batch.rows, batch.reason.name());
    Ok(())
}

fn cell(value: Value<'_>) -> Result<types::Value, BoxError> {
    Ok(match value {
        Value::Null => types::Value::Null,
        Value::Int(number) => types::Value::Integer(number),
        Value::Text(text) => types::Value::Text(String::from_utf8(text.to_vec())?),
        other => return Err(format!("no table here has a column for {other:?}").into()),
    })
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let database: Database = Arc::new(Mutex::new(Connection::open(folder.path().join("shop.db"))?));
    let writer = database.clone();
    let store = service_fn(move |batch: Batch<_, _>| {
        let writer = writer.clone();
        async move { with(&writer, move |database| apply(database, &batch)).await }
    });
    let (mut sink, pipeline) = Pipeline::builder()
        .wake()
        .transform(RowBatcher::new(BatchLimits { rows: 2, ..BatchLimits::default() }))
        .named("sqlite")
        .payload(store)
        .spawn();

    let mut routes = Routes::new();
    for event in source()? {
        match event {
            Event::Rows(event) => {
                let route = routes.of(&event.table.name);
                let _receipt = sink.ready().await?.call(Routed::new(route, Changed(event))).await?;
            }
            Event::Ddl(table, statement) => {
                sink.drain(Scope::Route(routes.of(&table))).await?;
                with(&database, move |database| Ok(database.execute_batch(statement)?)).await?;
                println!("{statement}");
            }
        }
    }
    pipeline.close().await?;
    with(&database, |database| show(database, &["orders", "items"])).await
}

/// Prints tables.
fn show(database: &Connection, tables: &[&str]) -> Result<(), BoxError> {
    for table in tables {
        let mut select = database.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = select.column_count();
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let cells =
                (0..columns).map(|column| row.get(column)).collect::<Result<Vec<types::Value>, _>>()?;
            println!("{table}: {cells:?}");
        }
    }
    Ok(())
}

/// What a source gives: rows, or a statement about a table.
enum Event {
    Rows(RowEvent),
    Ddl(TableName, &'static str),
}

fn source() -> Result<Vec<Event>, RowsError> {
    use Value::{Int, Text};
    let table = |name: &str, version, columns: &[(&str, ColumnKind)]| {
        let columns = columns.iter().map(|(name, kind)| Column::new(*name, *kind)).collect();
        let name = TableName::new("shop", name);
        Arc::new(TableSchema { name, table_id: 1, partition: None, version, columns })
    };
    let (id, note) = (("id", ColumnKind::Int), ("note", ColumnKind::Text));
    let items = table("items", 1, &[id]);
    let orders = table("orders", 1, &[id]);
    let with_note = table("orders", 2, &[id, note]);
    let change = |table: &Arc<TableSchema>, op, values: &[Value<'_>]| {
        let mut rows = RowsBuilder::new(table.columns.len());
        rows.push(op, values.iter().copied())?;
        Ok(Event::Rows(RowEvent { table: table.clone(), commit_ts: CommitTs(1), rows: rows.build() }))
    };
    Ok(vec![
        Event::Ddl(items.name.clone(), "CREATE TABLE items (id INTEGER PRIMARY KEY)"),
        Event::Ddl(orders.name.clone(), "CREATE TABLE orders (id INTEGER PRIMARY KEY)"),
        change(&orders, Op::Insert, &[Int(1)])?,
        change(&orders, Op::Insert, &[Int(2)])?,
        change(&items, Op::Insert, &[Int(7)])?,
        change(&orders, Op::Insert, &[Int(3)])?,
        Event::Ddl(orders.name.clone(), "ALTER TABLE orders ADD COLUMN note TEXT"),
        change(&with_note, Op::Update, &[Int(3), Value::Null, Int(3), Text(b"two, please")])?,
        change(&with_note, Op::Delete, &[Int(1), Value::Null])?,
        change(&with_note, Op::Insert, &[Int(4), Text(b"gift")])?,
    ])
}
