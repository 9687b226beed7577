//! Statements and rows without a server: followed as a source follows them, through dispatchers and the whole sink.
#![allow(dead_code, reason = "each test file uses its own part")]

use change_event::{
    ChangeEvent, CommitTs, DdlEvent, Op, RowEvent, RowsBuilder, TableName, TableSchema, Value,
};
use dispatcher::{Dispatchers, Splitter};
use object_store::ObjectStore;
use sink_cloudstorage::config::Config;
use sink_cloudstorage::{CloudStorage, CloudStorageSink};
use source_mysql::schemas::Applied;
use source_mysql::{Dialect, Schemas};
use std::sync::Arc;

/// A log that is made up as it goes.
pub struct Scripted {
    storage: CloudStorage,
    dispatchers: Dispatchers<CloudStorageSink>,
    schemas: Schemas,
    last: CommitTs,
    _spool: tempfile::TempDir,
}

impl Scripted {
    /// Begins without tables.
    pub async fn begin(config: &Config, store: Arc<dyn ObjectStore>, splitter: impl Splitter) -> Self {
        let spool = tempfile::tempdir().unwrap();
        let config = Config { spool_base_dir: Some(spool.path().to_owned()), ..config.clone() };
        let storage = CloudStorage::over(&config, store, "a test's store").await.unwrap();
        let dispatchers = Dispatchers::builder(storage.sink()).splitter(splitter).spawn().unwrap();
        Self { storage, dispatchers, schemas: Schemas::default(), last: CommitTs::default(), _spool: spool }
    }

    /// A statement of a session that uses this database, as it commits. Says what it did.
    ///
    /// # Panics
    /// If it cannot be followed.
    pub async fn statement(&mut self, sql: &str, database: &str, at: u64) -> Vec<Arc<DdlEvent>> {
        let dialect = Dialect { mariadb: true, ..Dialect::default() };
        let events = match self.schemas.apply(sql, database, dialect, CommitTs(at)) {
            Applied::Ddl(events) => events,
            Applied::Ignored => Vec::new(),
            Applied::Unparsed { reason, .. } => panic!("{sql}: {reason}"),
        };
        let events: Vec<_> = events.into_iter().map(Arc::new).collect();
        for event in &events {
            self.hand_over(event.commit_ts, ChangeEvent::Ddl(Arc::clone(event))).await;
        }
        events
    }

    /// A table as it is now.
    pub fn table(&self, name: &TableName) -> Option<Arc<TableSchema>> {
        self.schemas.get(name)
    }

    /// Changes of one table in one transaction: of an UPDATE the values before and those after.
    pub async fn rows<'v>(
        &mut self,
        table: Arc<TableSchema>,
        rows: impl IntoIterator<Item = (Op, Vec<Value<'v>>)>,
        at: u64,
    ) {
        let mut builder = RowsBuilder::new(table.columns.len());
        rows.into_iter().for_each(|(op, values)| builder.push(op, values).unwrap());
        let event = RowEvent { table, commit_ts: CommitTs(at), rows: builder.build() };
        self.hand_over(CommitTs(at), ChangeEvent::Rows(event)).await;
    }

    /// Nothing below or at what came last is to come.
    pub async fn resolve(&mut self) {
        self.dispatchers.handle(ChangeEvent::Resolved(self.last)).await.unwrap();
    }

    /// Makes everything durable, and gives the last checkpoint.
    pub async fn end(mut self) -> CommitTs {
        self.resolve().await;
        let checkpoint = self.dispatchers.finish().await.unwrap();
        self.storage.close().await.unwrap();
        checkpoint
    }

    async fn hand_over(&mut self, at: CommitTs, event: ChangeEvent) {
        self.last = at;
        self.dispatchers.handle(event).await.unwrap();
    }
}
