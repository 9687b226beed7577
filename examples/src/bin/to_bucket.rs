//! The whole sink in a program of your own: rows and a DDL go into a local directory in TiCDC's layout, and the
//! checkpoint says how far they are durable.
//!
//! `cargo run -p examples --bin to_bucket`

use change_event::{
    ChangeEvent, Column, ColumnKind, CommitTs, DdlChange, DdlEvent, DdlKind, Influence, Op, RowEvent,
    RowsBuilder, TableName, TableSchema, Value,
};
use dispatcher::Dispatchers;
use pipeline_core::BoxError;
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::{Config, SinkUri};
use std::path::Path;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let place = folder.path().display();
    let uri = SinkUri::parse(&format!("file://{place}?protocol=csv&include-commit-ts=true"))?;
    let config = Config::read(&uri, "")?;
    let storage = CloudStorage::open(&config, uri.location()).await?;
    let dispatchers = Dispatchers::builder(storage.sink()).spawn()?;

    let table = Arc::new(TableSchema {
        name: TableName::new("shop", "orders"),
        table_id: 1,
        partition: None,
        version: 10,
        columns: vec![Column::new("id", ColumnKind::Int), Column::new("note", ColumnKind::Json)],
    });
    let create = DdlChange {
        kind: DdlKind::CreateTable,
        query: "CREATE TABLE orders (id INT, note JSON)".to_owned(),
        schema: "shop".to_owned(),
        table: "orders".to_owned(),
        columns: Some(table.clone()),
        renamed_from: None,
    };
    let influence = Influence::Tables(Vec::new());
    let ddl = DdlEvent { commit_ts: CommitTs(10), influence, changes: vec![create] };
    dispatchers.handle(ChangeEvent::Ddl(Arc::new(ddl))).await?;
    for ts in 11..=13 {
        let mut rows = RowsBuilder::new(2);
        rows.push(Op::Insert, [Value::Int(ts), Value::Json(br#"{"n": 1}"#)])?;
        let event = RowEvent { table: table.clone(), commit_ts: CommitTs(ts as u64), rows: rows.build() };
        dispatchers.handle(ChangeEvent::Rows(event)).await?;
    }
    dispatchers.handle(ChangeEvent::Resolved(CommitTs(13))).await?;
    println!("durable up to commit-ts {}", dispatchers.finish().await?);
    storage.close().await?;
    show(folder.path(), folder.path())?;
    Ok(())
}

/// Prints every file below a folder.
fn show(root: &Path, folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            show(root, &path)?;
        } else {
            println!("\n== {}", path.strip_prefix(root).unwrap_or(&path).display());
            println!("{}", std::fs::read_to_string(&path)?.trim_end());
        }
    }
    Ok(())
}
