//! Many tables that had rows once: what is known of where they write goes after a while, and is looked up when it is
//! needed again.
//!
//! Alone in its file: the allocator counts what the whole process has.

mod forgetful;

use change_event::{
    ChangeEvent, Column, ColumnKind, CommitTs, Op, RowEvent, RowsBuilder, TableName, TableSchema, Value,
};
use dispatcher::Dispatchers;
use forgetful::Forgetful;
use sink_cloudstorage::config::Config;
use sink_cloudstorage::{CloudStorage, CloudStorageSink};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::sync::Arc;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TABLES: usize = 100_000;

fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

fn name(number: usize) -> TableName {
    TableName::new("shop", format!("orders_{number}"))
}

/// A row of a table, whose schema lives as long as the row.
fn row(number: usize, ts: u64) -> ChangeEvent {
    let columns = vec![Column::new("id", ColumnKind::Int)];
    let table = Arc::new(TableSchema {
        name: name(number),
        table_id: number as i64,
        partition: None,
        version: 7,
        columns,
    });
    let mut rows = RowsBuilder::new(1);
    rows.push(Op::Insert, [Value::Int(1)]).expect("a row");
    ChangeEvent::Rows(RowEvent { table, commit_ts: CommitTs(ts), rows: rows.build() })
}

/// Gives a row to each of some tables, and waits until all of them are durable.
async fn visit(dispatchers: &Dispatchers<CloudStorageSink>, tables: std::ops::Range<usize>, ts: u64) {
    for number in tables {
        dispatchers.handle(row(number, ts)).await.expect("taken");
    }
    dispatchers.handle(ChangeEvent::Resolved(CommitTs(ts))).await.expect("taken");
    while dispatchers.checkpoint() < CommitTs(ts) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What is live when tables are registered, when all were visited, and a quarter of an hour later, in which each minute
/// so many of them are.
async fn live_with_busy(busy: usize) -> [usize; 3] {
    let spool = tempfile::tempdir().expect("a directory");
    let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..Config::default() };
    let storage = CloudStorage::over(&config, Arc::new(Forgetful), "forgetful").await.expect("a sink");
    let dispatchers = Dispatchers::builder(storage.sink()).spawn().expect("dispatchers");
    for number in 0..TABLES {
        dispatchers.register(&name(number)).await.expect("registered");
    }
    visit(&dispatchers, 0..1000, 10).await;
    let before = live();
    visit(&dispatchers, 0..TABLES, 20).await;
    let visited = live();
    for minute in 0..20 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        visit(&dispatchers, 0..busy, 30 + minute).await;
    }
    let after = live();
    println!(
        "figures: {before} bytes registered, {visited} when all were visited, {after} later, {busy} busy"
    );
    dispatchers.finish().await.expect("an end in order");
    storage.close().await.expect("an end in order");
    [before, visited, after]
}

#[tokio::test(start_paused = true)]
async fn tables_that_were_visited_once_take_what_they_took_before() {
    // Whether others are busy meanwhile or not: nobody else need be there to look after them.
    for busy in [1000, 0] {
        let [before, visited, after] = live_with_busy(busy).await;
        assert!(visited > before + before / 10, "what is known of active tables counts");
        assert!(
            after < before + before / 10,
            "{after} bytes are more than {before} and a tenth, {busy} busy"
        );
    }
}
