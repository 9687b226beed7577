//! A sink that counts and forgets.

use crate::{DispatchedRows, Sink, SinkError};
use change_event::{CommitTs, DdlEvent};
use pipeline_core::{BoxError, Envelope, FrontDoor, Pipeline};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tower::service_fn;

/// Counts rows and statements, and forgets them: for measuring what comes before a sink.
///
/// Its pipeline has no wake of its own, so the wake comes with the flush. Rows before a statement are thus durable
/// (as durable as they get here) when a dispatcher comes to it, and there is nothing to do in
/// [`pass_block_event`](Sink::pass_block_event): the default serves.
#[derive(Clone, Debug)]
pub struct BlackholeSink {
    door: FrontDoor<DispatchedRows>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    events: AtomicU64,
    rows: AtomicU64,
    statements: AtomicU64,
    checkpoint: AtomicU64,
}

impl BlackholeSink {
    /// Starts its pipeline.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn spawn() -> (Self, Pipeline) {
        let counts = Arc::new(Counts::default());
        let counting = counts.clone();
        let (door, pipeline) = Pipeline::builder()
            .service(service_fn(move |rows: Envelope<DispatchedRows>| {
                counting.events.fetch_add(1, Ordering::Relaxed);
                counting.rows.fetch_add(rows.payload.event.rows.len() as u64, Ordering::Relaxed);
                std::future::ready(Ok::<_, BoxError>(rows.map(drop)))
            }))
            .spawn();
        (Self { door, counts }, pipeline)
    }

    /// Row events so far.
    pub fn events(&self) -> u64 {
        self.counts.events.load(Ordering::Relaxed)
    }

    /// Row changes so far.
    pub fn rows(&self) -> u64 {
        self.counts.rows.load(Ordering::Relaxed)
    }

    /// Statements so far.
    pub fn statements(&self) -> u64 {
        self.counts.statements.load(Ordering::Relaxed)
    }

    /// The last checkpoint it was told.
    pub fn checkpoint(&self) -> CommitTs {
        CommitTs(self.counts.checkpoint.load(Ordering::Relaxed))
    }
}

impl Sink for BlackholeSink {
    type Door = FrontDoor<DispatchedRows>;

    fn door(&self) -> Self::Door {
        self.door.clone()
    }

    async fn write_block_event(&self, _event: &DdlEvent) -> Result<(), SinkError> {
        self.counts.statements.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn add_checkpoint_ts(&self, ts: CommitTs) {
        self.counts.checkpoint.store(ts.0, Ordering::Relaxed);
    }
}
