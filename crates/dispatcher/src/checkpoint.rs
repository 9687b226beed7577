//! From what is durable to what is known to be durable.

use crate::fate::Fate;
use crate::ledger::Ledger;
use crate::{Error, Sink};
use change_event::CommitTs;
use futures::future::BoxFuture;
use pipeline_core::BoxError;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::MissedTickBehavior;

/// Saves what is needed to start again from a checkpoint, such as the source's position.
///
/// # Order
/// A checkpoint is saved before the sink is told of it: whoever reads it in the sink can rely on the source being
/// able to start from there. Each is greater than the one before.
pub trait CheckpointStore: Send + Sync + 'static {
    /// Saves; when it returns, a restart finds it.
    ///
    /// # Errors
    /// If it could not; that ends the dispatchers, and the sink is not told.
    fn persist(&self, checkpoint: CommitTs) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// Saves nothing: for a source that reads its way back from the checkpoint in the sink.
impl CheckpointStore for () {
    fn persist(&self, _checkpoint: CommitTs) -> impl Future<Output = Result<(), BoxError>> + Send {
        ready(Ok(()))
    }
}

/// Works out checkpoints and tells of them: the store first, then the sink, then whoever watches.
pub(crate) struct Publisher<S, C> {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) sink: S,
    pub(crate) store: C,
    /// The last one told. One at a time tells.
    pub(crate) last: Mutex<CommitTs>,
    pub(crate) watch: watch::Sender<CommitTs>,
}

/// A [`Publisher`] whose sink and store do not matter.
pub(crate) trait Publish: Send + Sync {
    /// Tells the checkpoint as it is now, if it is more than the last one told.
    fn publish(&self) -> BoxFuture<'_, Result<CommitTs, Error>>;

    /// Asks the sink to make durable what it has.
    fn flush(&self) -> BoxFuture<'_, Result<(), Error>>;
}

impl<S: Sink, C: CheckpointStore> Publish for Publisher<S, C> {
    fn publish(&self) -> BoxFuture<'_, Result<CommitTs, Error>> {
        Box::pin(async {
            let mut last = self.last.lock().await;
            let checkpoint = self.ledger.checkpoint();
            if checkpoint > *last {
                let saved = self.store.persist(checkpoint).await;
                saved.map_err(|source| Error::Persist { checkpoint, source: source.into() })?;
                self.sink.add_checkpoint_ts(checkpoint);
                *last = checkpoint;
                self.watch.send_replace(checkpoint);
            }
            Ok(checkpoint)
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { self.sink.flush().await.map_err(Error::Flush) })
    }
}

/// Publishes every `interval`, until the first error.
pub(crate) async fn tick(publisher: Arc<dyn Publish>, ledger: Arc<Ledger>, interval: Duration) {
    let fate: &Fate = &ledger.fate;
    let ticks = async {
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = publisher.publish().await {
                fate.seal(error);
            }
        }
    };
    tokio::select! {
        biased;
        _ = fate.sealed() => {}
        () = ticks => {}
    }
}
