//! How many requests a file takes: its own and its index, and as few more as a table's first one can do with.

mod watched;

use change_event::{
    ChangeEvent, Column, ColumnKind, CommitTs, DdlChange, DdlEvent, DdlKind, Influence, Op, RowEvent,
    RowsBuilder, TableName, TableSchema, Value,
};
use dispatcher::Dispatchers;
use object_store::memory::InMemory;
use sink_cloudstorage::config::Config;
use sink_cloudstorage::{CloudStorage, CloudStorageSink};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use watched::Watched;

const TABLES: usize = 20;

/// A run over a store that counts.
struct Run {
    store: Arc<Watched>,
    storage: CloudStorage,
    dispatchers: Dispatchers<CloudStorageSink>,
    _spool: TempDir,
}

impl Run {
    async fn over(bucket: &Arc<InMemory>) -> Self {
        Self::with(bucket, Config::default()).await
    }

    async fn with(bucket: &Arc<InMemory>, config: Config) -> Self {
        let spool = tempfile::tempdir().expect("a directory");
        let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..config };
        let store = Arc::new(Watched::over(bucket.clone()));
        let storage = CloudStorage::over(&config, store.clone(), "counted").await.expect("a sink");
        let dispatchers = Dispatchers::builder(storage.sink()).spawn().expect("dispatchers");
        Self { store, storage, dispatchers, _spool: spool }
    }

    /// Requests that it takes to handle some events and to make them durable.
    async fn requests_of(&self, ts: u64, events: impl IntoIterator<Item = ChangeEvent>) -> usize {
        let before = self.store.requests();
        for event in events {
            self.dispatchers.handle(event).await.expect("taken");
        }
        self.dispatchers.handle(ChangeEvent::Resolved(CommitTs(ts))).await.expect("taken");
        while self.dispatchers.checkpoint() < CommitTs(ts) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.store.requests() - before
    }

    async fn close(self) {
        self.dispatchers.finish().await.expect("an end in order");
        self.storage.close().await.expect("an end in order");
    }
}

fn table(number: usize, version: u64) -> TableSchema {
    TableSchema {
        name: TableName::new("shop", format!("orders_{number}")),
        table_id: number as i64,
        partition: None,
        version,
        columns: vec![Column::new("id", ColumnKind::Int)],
    }
}

fn row(number: usize, version: u64, ts: u64) -> ChangeEvent {
    let mut rows = RowsBuilder::new(1);
    rows.push(Op::Insert, [Value::Int(1)]).expect("a row");
    let table = Arc::new(table(number, version));
    ChangeEvent::Rows(RowEvent { table, commit_ts: CommitTs(ts), rows: rows.build() })
}

fn rows(version: u64, ts: u64) -> impl Iterator<Item = ChangeEvent> {
    (0..TABLES).map(move |number| row(number, version, ts))
}

/// A column is added to the table, which has this version from then on.
fn alter(number: usize, version: u64) -> ChangeEvent {
    let table = table(number, version);
    let TableName { schema, table: name } = &table.name;
    ChangeEvent::Ddl(Arc::new(DdlEvent {
        commit_ts: CommitTs(version),
        influence: Influence::Tables(vec![table.name.clone()]),
        changes: vec![DdlChange {
            kind: DdlKind::AddColumn,
            query: format!("ALTER TABLE `{name}` ADD COLUMN a INT"),
            schema: schema.clone(),
            table: name.clone(),
            columns: Some(Arc::new(table.clone())),
            renamed_from: None,
        }],
    }))
}

#[tokio::test(start_paused = true)]
async fn a_file_takes_two_requests_and_a_tables_first_one_three() {
    let bucket = Arc::new(InMemory::new());
    let run = Run::over(&bucket).await;
    assert_eq!(run.requests_of(10, rows(7, 10)).await, 3 * TABLES, "schema file, data, index");
    for ts in 11..15 {
        assert_eq!(run.requests_of(ts, rows(7, ts)).await, 2 * TABLES);
    }
    assert_eq!(run.requests_of(20, [alter(3, 20)]).await, 1, "its schema file");
    assert_eq!(
        run.requests_of(21, [row(3, 20, 21)]).await,
        2,
        "the schema file is known, and that nothing else is there"
    );
    assert_eq!(run.requests_of(22, [row(3, 20, 22)]).await, 2);
    run.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_table_that_was_written_to_before_is_asked_for_its_index_and_what_a_crash_left() {
    let bucket = Arc::new(InMemory::new());
    let run = Run::over(&bucket).await;
    run.requests_of(10, rows(7, 10)).await;
    run.close().await;
    let run = Run::over(&bucket).await;
    // Dates, index, what is beyond it; and the two of each file. The schema file is not looked for.
    assert_eq!(run.requests_of(12, rows(7, 12)).await, 5 * TABLES);
    assert_eq!(run.requests_of(13, rows(7, 13)).await, 2 * TABLES);
    // What came after the checkpoint is new.
    assert_eq!(run.requests_of(14, [row(99, 14, 14)]).await, 3);
    run.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_table_that_was_idle_is_asked_for_as_after_a_start() {
    let bucket = Arc::new(InMemory::new());
    let run = Run::over(&bucket).await;
    run.requests_of(10, rows(7, 10)).await;
    tokio::time::sleep(Duration::from_secs(1200)).await;
    assert_eq!(run.requests_of(11, rows(7, 11)).await, 5 * TABLES);
    run.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_table_whose_rows_wait_long_is_not_taken_for_idle() {
    let bucket = Arc::new(InMemory::new());
    let hour = Duration::from_secs(3600);
    let waiting = Config { min_file_size: 1 << 20, max_file_age: hour, ..Config::default() };
    let run = Run::with(&bucket, waiting).await;
    assert_eq!(run.requests_of(10, rows(7, 10)).await, 3 * TABLES);
    for ts in 11..14 {
        // Each of its files is an hour old.
        assert_eq!(run.requests_of(ts, rows(7, ts)).await, 2 * TABLES);
    }
    run.close().await;
}
