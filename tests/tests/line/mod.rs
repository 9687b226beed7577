//! The whole sink over a store whose puts can be held back.
#![allow(dead_code, reason = "each test file uses its own part")]

use change_event::{
    ChangeEvent, Column, ColumnKind, CommitTs, DdlChange, DdlEvent, DdlKind, Influence, Op, RowEvent,
    RowsBuilder, TableName, TableSchema, Value,
};
use dispatcher::{DispatchedRows, DispatcherId};
use pipeline_core::{RouteId, Routed, Telemetry};
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::config::{Config, SinkUri};
use std::sync::Arc;
use std::time::Duration;
use tests::HeldStore;

/// A configuration, from URI parameters and `[sink]` with dates off.
pub fn config(parameters: &str) -> Config {
    let uri = SinkUri::parse(&format!("memory://x?protocol=csv&include-commit-ts=true{parameters}")).unwrap();
    Config::read(&uri, "[sink]\ndate-separator = \"none\"\n").unwrap()
}

/// A running sink over `store`, with a spool directory of its own.
pub async fn open(store: &HeldStore, parameters: &str) -> (CloudStorage, tempfile::TempDir) {
    open_with(store, parameters, Telemetry::default()).await
}

/// The same, with instruments of this telemetry.
pub async fn open_with(
    store: &HeldStore,
    parameters: &str,
    telemetry: Telemetry,
) -> (CloudStorage, tempfile::TempDir) {
    let spool = tempfile::tempdir().unwrap();
    let parameters = format!("{parameters}&spool-base-dir={}", spool.path().display());
    let config = config(&parameters);
    let storage =
        CloudStorage::over_with(&config, Arc::new(store.clone()), "a test's store", telemetry).await;
    (storage.unwrap(), spool)
}

/// `db.NAME (id int primary key, v varchar(N))` at a version.
pub fn table(name: &str, version: u64) -> Arc<TableSchema> {
    let mut id = Column::new("id", ColumnKind::Int);
    (id.primary_key, id.nullable) = (true, false);
    let v = Column { charset: Some("utf8mb4".into()), ..Column::new("v", ColumnKind::VarChar) };
    Arc::new(TableSchema {
        name: TableName::new("db", name),
        table_id: 1,
        partition: None,
        version,
        columns: vec![id, v],
    })
}

/// One transaction of inserts.
pub fn inserts(table: &Arc<TableSchema>, ts: u64, ids: std::ops::Range<i64>, text: &str) -> RowEvent {
    let mut rows = RowsBuilder::new(2);
    for id in ids {
        rows.push(Op::Insert, [Value::Int(id), Value::Text(text.as_bytes())]).unwrap();
    }
    RowEvent { table: table.clone(), commit_ts: CommitTs(ts), rows: rows.build() }
}

/// What a dispatcher sends for an event.
pub fn routed(route: u64, event: RowEvent) -> Routed<DispatchedRows> {
    let dispatcher = DispatcherId::of(Some(&event.table.name), 0);
    Routed::new(RouteId(route), DispatchedRows { dispatcher, event })
}

/// `ALTER TABLE` of one table, which has `table`'s columns afterwards.
pub fn alter(table: &Arc<TableSchema>) -> DdlEvent {
    let TableName { schema, table: name } = table.name.clone();
    let change = DdlChange {
        kind: DdlKind::AddColumn,
        query: format!("ALTER TABLE {name} ADD COLUMN w INT"),
        schema,
        table: name,
        columns: Some(table.clone()),
        renamed_from: None,
    };
    DdlEvent {
        commit_ts: CommitTs(table.version),
        influence: Influence::Tables(vec![table.name.clone()]),
        changes: vec![change],
    }
}

pub fn ddl(event: DdlEvent) -> ChangeEvent {
    ChangeEvent::Ddl(Arc::new(event))
}

/// Lets everything else run until `condition` holds; a minute of the tests' paused clock at most.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never came to pass that {what}");
}
