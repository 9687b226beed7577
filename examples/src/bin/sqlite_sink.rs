//! A sink that is a database: rows go into SQLite, a transaction for each batch. A DDL runs when all rows of its table
//! before it are in, and no other table waits for that.
//!
//! `cargo run -p examples --bin sqlite_sink`

use pipeline_core::{BoxError, Pipeline, Routed, Routes, Scope, Weigh};
use rusqlite::types::Value::{self, Integer};
use rusqlite::{Connection, params_from_iter};
use stage_writer::{Batch, BatchLimits, Label, RowBatcher};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

struct Row {
    table: &'static str,
    cells: Vec<Value>,
}

impl Weigh for Row {
    fn weight(&self) -> u64 {
        let text = |cell: &Value| if let Value::Text(text) = cell { text.capacity() } else { 0 };
        let cells = self.cells.iter().map(|cell| size_of::<Value>() + text(cell));
        (size_of::<Self>() + cells.sum::<usize>()) as u64
    }
}

impl Label for Row {
    type Group = &'static str;

    fn group(&self) -> &&'static str {
        &self.table
    }
}

/// What a source gives, in order.
enum Event {
    Row(&'static str, Vec<Value>),
    Ddl(&'static str, &'static str),
}

/// Inserts a batch. What comes again after a crash replaces itself.
fn insert(database: &mut Connection, batch: &Batch<&'static str, Row>) -> Result<(), BoxError> {
    let transaction = database.transaction()?;
    for Row { table, cells } in &batch.bodies {
        let places = vec!["?"; cells.len()].join(", ");
        let mut insert =
            transaction.prepare_cached(&format!("INSERT OR REPLACE INTO {table} VALUES ({places})"))?;
        insert.execute(params_from_iter(cells))?;
    }
    transaction.commit()?;
    println!("{}: {} rows in one transaction ({})", batch.group, batch.rows, batch.reason.name());
    Ok(())
}

fn print(database: &mut Connection, table: &str) -> Result<(), BoxError> {
    let mut select = database.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = select.column_count();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let cells: Vec<Value> = (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>()?;
        println!("{table}: {cells:?}");
    }
    Ok(())
}

type Database = Arc<Mutex<Connection>>;

/// Works with the database, off the async threads.
async fn with(
    database: Database,
    work: impl FnOnce(&mut Connection) -> Result<(), BoxError> + Send + 'static,
) -> Result<(), BoxError> {
    tokio::task::spawn_blocking(move || work(&mut database.lock().expect("no work panics"))).await?
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let database: Database = Arc::new(Mutex::new(Connection::open(folder.path().join("shop.db"))?));
    let target = database.clone();
    let store = service_fn(move |batch: Batch<_, Row>| {
        with(target.clone(), move |database| insert(database, &batch))
    });
    let limits = BatchLimits { rows: 2, age: Duration::from_secs(60), ..BatchLimits::default() };
    let (mut sink, pipeline) = Pipeline::builder()
        .wake() // a row is enqueued once it waits for its batch, and flushed once that is committed
        .transform(RowBatcher::new(limits))
        .named("sqlite")
        .payload(store)
        .spawn();

    let events = [
        Event::Ddl("items", "CREATE TABLE items (id INTEGER PRIMARY KEY)"),
        Event::Ddl("orders", "CREATE TABLE orders (id INTEGER PRIMARY KEY)"),
        Event::Row("orders", vec![Integer(1)]),
        Event::Row("orders", vec![Integer(2)]),
        Event::Row("items", vec![Integer(7)]),
        Event::Row("orders", vec![Integer(3)]),
        Event::Ddl("orders", "ALTER TABLE orders ADD COLUMN note TEXT"),
        Event::Row("orders", vec![Integer(3), Value::Text("two, please".to_owned())]),
        Event::Row("orders", vec![Integer(4), Value::Null]),
    ];
    let mut routes = Routes::<&str>::new();
    for event in events {
        match event {
            Event::Row(table, cells) => {
                let row = Routed::new(routes.of(&table), Row { table, cells });
                let _receipt = sink.ready().await?.call(row).await?;
            }
            Event::Ddl(table, statement) => {
                sink.drain(Scope::Route(routes.of(&table))).await?;
                with(database.clone(), move |database| Ok(database.execute_batch(statement)?)).await?;
                println!("{statement}");
            }
        }
    }
    pipeline.close().await?;
    with(database.clone(), |database| print(database, "orders")).await?;
    with(database, |database| print(database, "items")).await
}
