//! The sink as dispatchers see it.

use crate::admission::Admission;
use crate::files::FileLayout;
use crate::schema_file::SchemaFile;
use bytes::Bytes;
use change_event::{CommitTs, DdlEvent, TableName};
use dispatcher::{DispatchedRows, Sink, SinkError, Span};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Histogram;
use parking_lot::Mutex;
use pipeline_core::{FrontDoor, RouteId, Scope, Telemetry};
use stage_writer::{Remote, Tally};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

/// The cloud-storage sink, for dispatchers. Clones share it; [`CloudStorage`](crate::CloudStorage) runs it.
#[derive(Clone)]
pub struct CloudStorageSink {
    door: FrontDoor<DispatchedRows>,
    shared: Arc<Shared>,
}

struct Shared {
    remote: Remote,
    layout: Arc<FileLayout>,
    /// `None` once the sink is closing.
    checkpoints: Mutex<Option<watch::Sender<CommitTs>>>,
    tally: Arc<Tally>,
    ddls: AtomicU64,
    admission: Admission,
    drains: Histogram<f64>,
    labels: Vec<KeyValue>,
}

/// What became durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tables with a dispatcher since the start.
    pub tables: u64,
    /// Rows in visible data files.
    pub rows: u64,
    /// Visible data files.
    pub files: u64,
    /// Bytes of visible data files.
    pub bytes: u64,
    /// DDLs whose schema files are written.
    pub ddls: u64,
}

/// A dispatcher that the configuration does not allow.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is split, and its parts would share one directory; write to a new prefix with enable-table-across-nodes=true"
)]
struct SharedDirectory(TableName);

impl CloudStorageSink {
    pub(crate) fn new(
        door: FrontDoor<DispatchedRows>,
        remote: Remote,
        layout: Arc<FileLayout>,
        admission: Admission,
        checkpoints: watch::Sender<CommitTs>,
        tally: Arc<Tally>,
        telemetry: &Telemetry,
    ) -> Self {
        let until = "From a DDL's arrival at a dispatcher until everything before it is durable.";
        let drains = telemetry.durations("ddl_drain_duration", until);
        let shared = Shared {
            remote,
            layout,
            checkpoints: Mutex::new(Some(checkpoints)),
            tally,
            ddls: AtomicU64::new(0),
            admission,
            drains,
            labels: telemetry.labels([]),
        };
        Self { door, shared: Arc::new(shared) }
    }

    pub(crate) fn remote(&self) -> Remote {
        self.shared.remote.clone()
    }

    /// What became durable so far.
    pub fn counts(&self) -> Counts {
        let Shared { tally, ddls, admission, .. } = &*self.shared;
        Counts {
            tables: admission.tables(),
            rows: tally.rows(),
            files: tally.files(),
            bytes: tally.bytes(),
            ddls: ddls.load(Ordering::Relaxed),
        }
    }

    /// Lets the checkpoint file's writer finish.
    pub(crate) fn close_checkpoints(&self) {
        drop(self.shared.checkpoints.lock().take());
    }

    async fn write_schema_files(&self, event: &DdlEvent) -> Result<(), SinkError> {
        let Shared { remote, layout, admission, .. } = &*self.shared;
        let remote = remote.awaited();
        for change in &event.changes {
            admission.database(&change.schema).map_err(SinkError::new)?;
        }
        for change in &event.changes {
            let file = SchemaFile::of_ddl(change, event.commit_ts, layout.with_column_ids);
            let id = change.columns.as_ref().map_or(0, |table| table.table_id);
            let key = file.key(layout.layout.table_id_as_path.then_some(id)).map_err(SinkError::new)?;
            if let Some(key) = key {
                let content = Bytes::from(file.to_bytes());
                let is_new = remote.begin_or_replace(&key, content).await.map_err(SinkError::new)?;
                // What is dropped keeps the version that its rows had.
                let table = change.columns.iter().find(|table| table.version == event.commit_ts.0);
                if let Some(table) = table.filter(|_| is_new) {
                    layout.known.begun(table.table_id, table.version);
                }
            }
        }
        Ok(())
    }
}

impl Sink for CloudStorageSink {
    type Door = FrontDoor<DispatchedRows>;

    fn door(&self) -> Self::Door {
        self.door.clone()
    }

    async fn pass_block_event(&self, route: RouteId, event: &DdlEvent) -> Result<(), SinkError> {
        let started = Instant::now();
        let span = tracing::debug_span!("drain", %route, commit_ts = %event.commit_ts);
        // All tables that the statement touches wait for this one.
        let _hurry = self.shared.remote.hurry(route);
        self.door.drain(Scope::Route(route)).instrument(span).await?;
        self.shared.drains.record(started.elapsed().as_secs_f64(), &self.shared.labels);
        Ok(())
    }

    async fn write_block_event(&self, event: &DdlEvent) -> Result<(), SinkError> {
        let span = tracing::debug_span!("ddl", commit_ts = %event.commit_ts, files = event.changes.len());
        self.write_schema_files(event).instrument(span).await?;
        self.shared.ddls.fetch_add(u64::from(!event.changes.is_empty()), Ordering::Relaxed);
        Ok(())
    }

    async fn flush(&self) -> Result<(), SinkError> {
        Ok(self.door.drain(Scope::All).await?)
    }

    fn add_checkpoint_ts(&self, ts: CommitTs) {
        if let Some(checkpoints) = &*self.shared.checkpoints.lock() {
            checkpoints.send_if_modified(|latest| {
                let newer = ts > *latest;
                *latest = ts.max(*latest);
                newer
            });
        }
    }

    fn admit(&self, span: &Span) -> Result<(), SinkError> {
        let Some(table) = &span.table else { return Ok(()) };
        if span.is_split() && !self.shared.layout.layout.dispatcher_in_names {
            return Err(SinkError::new(SharedDirectory(TableName::clone(table))));
        }
        self.shared.admission.table(table).map_err(SinkError::new)
    }
}
