//! The way in for a source.

use crate::checkpoint::Publish;
use crate::ledger::Ledger;
use crate::registry::Registry;
use crate::router::Router;
use crate::{Builder, Error, Sink, Work};
use change_event::{ChangeEvent, CommitTs, TableName};
use pipeline_core::Gate;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_stream::Stream;
use tokio_stream::wrappers::WatchStream;

/// How long the dispatchers are given to send what is in their inboxes before the next flush.
const BETWEEN_FLUSHES: Duration = Duration::from_millis(20);
/// After how long without a movement the inboxes count as stuck.
const STANDSTILL: Duration = Duration::from_secs(1);

/// All dispatchers between one source and one sink.
///
/// Dropping it ends them at once; what was not flushed by then is above the checkpoint.
pub struct Dispatchers<S> {
    /// One event at a time, in the order of the calls.
    pub(crate) router: Mutex<Router<S>>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) inboxes: Gate,
    pub(crate) publisher: Arc<dyn Publish>,
    pub(crate) checkpoints: watch::Receiver<CommitTs>,
    pub(crate) _tasks: JoinSet<()>,
}

impl<S: Sink> Dispatchers<S> {
    /// Starts composing dispatchers for a sink.
    pub fn builder(sink: S) -> Builder<S> {
        Builder::new(sink)
    }

    /// Takes an event: when it returns, the event is in the inboxes of all dispatchers it touches, or, for a
    /// resolved-ts, known to the checkpoint. Waits while the inboxes are full.
    ///
    /// # Order
    /// Events come in log order: no commit-ts below the one before, none at or below a resolved-ts.
    ///
    /// # Errors
    /// The first error of anything; [`Error::Closed`] after [`finish`](Self::finish). Other errors of its own (an
    /// event out of order, a dispatcher that the sink refuses) become the first error.
    ///
    /// # Cancel safety
    /// Dropped before it returns, the event may be gone: the checkpoint then stays below it for good. Do so only on
    /// the way to [`finish`](Self::finish).
    pub fn handle(&self, event: ChangeEvent) -> impl Future<Output = Result<(), Error>> + Send {
        let ts = match &event {
            ChangeEvent::Rows(rows) => Some(rows.commit_ts),
            ChangeEvent::Ddl(ddl) => Some(ddl.commit_ts),
            ChangeEvent::Resolved(_) => None,
        };
        // Made now and not at the first poll: a future that is dropped before it has taken the event with it, too.
        let unhanded = Unhanded { ts, ledger: &self.ledger };
        async move {
            let mut router = self.router.lock().await;
            self.ledger.fate.check()?;
            let taken = router.take(event).await;
            match &taken {
                Ok(()) => unhanded.taken(),
                Err(Error::Closed) => {}
                Err(error) => self.ledger.fate.seal(error.clone()),
            }
            taken
        }
    }

    /// Registers a table's dispatchers before its first event. It costs no work until there is one.
    ///
    /// # Errors
    /// If the sink refuses one of them.
    pub async fn register(&self, table: &TableName) -> Result<(), Error> {
        self.router.lock().await.known_or_new(table).map(drop)
    }

    /// The commit-ts up to which everything is durable, worked out now. Never less than before; O(dispatchers with
    /// something in flight).
    pub fn checkpoint(&self) -> CommitTs {
        self.ledger.checkpoint()
    }

    /// The checkpoints that were saved and told to the sink: the latest one at once, then each that follows.
    ///
    /// A reader that is slow gets the latest of several. The stream ends when the dispatchers are dropped, and not
    /// before: that no more come is said by [`finish`](Self::finish) and [`failed`](Self::failed).
    ///
    /// ```
    /// use change_event::{ChangeEvent, CommitTs};
    /// use dispatcher::{BlackholeSink, Dispatchers};
    /// use tokio_stream::StreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (sink, _pipeline) = BlackholeSink::spawn();
    /// let dispatchers = Dispatchers::builder(sink).spawn()?;
    /// let mut checkpoints = dispatchers.checkpoints();
    /// assert_eq!(checkpoints.next().await, Some(CommitTs(0)));
    /// dispatchers.handle(ChangeEvent::Resolved(CommitTs(42))).await?;
    /// assert_eq!(checkpoints.next().await, Some(CommitTs(42)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoints(&self) -> impl Stream<Item = CommitTs> + Send + Unpin + use<S> {
        WatchStream::new(self.checkpoints.clone())
    }

    /// Takes no more events, waits until every inbox is empty and every event is durable, saves and tells the last
    /// checkpoint, and gives it.
    ///
    /// # Errors
    /// The first error of anything.
    ///
    /// # Cancel safety
    /// Everything goes on; it can be called again.
    pub async fn finish(&self) -> Result<CommitTs, Error> {
        self.router.lock().await.close();
        let settled = async {
            tokio::select! {
                biased;
                () = self.ledger.settled() => Ok(()),
                error = self.hurry() => Err(error),
            }
        };
        let settled = self.ledger.fate.or(settled).await?;
        settled.inspect_err(|error: &Error| self.ledger.fate.seal(error.clone()))?;
        let told = self.publisher.publish().await;
        told.inspect_err(|error| self.ledger.fate.seal(error.clone()))
    }

    /// Keeps the sink from waiting for more, until it fails.
    ///
    /// What is in an inbox goes through the door by itself: a flush behind it leaves files as large as they would be
    /// without one. Only where nothing moves any more, a flush may be what everything waits for.
    async fn hurry(&self) -> Error {
        let mut moved = (self.inboxes.held(), Instant::now());
        loop {
            let held = self.inboxes.held();
            if held != moved.0 {
                moved = (held, Instant::now());
            }
            let is_due = held == 0 || moved.1.elapsed() >= STANDSTILL;
            if is_due && let Err(error) = self.publisher.flush().await {
                return error;
            }
            tokio::time::sleep(BETWEEN_FLUSHES).await;
        }
    }

    /// Waits for the first error. Without one, it waits for ever.
    pub async fn failed(&self) -> Error {
        self.ledger.fate.sealed().await
    }

    /// The gate over the bytes in all inboxes.
    pub fn inboxes(&self) -> &Gate {
        &self.inboxes
    }

    /// How many dispatchers are registered, the trigger dispatcher included.
    pub fn registered(&self) -> usize {
        self.registry.len()
    }

    /// What was done so far.
    pub fn work(&self) -> Work {
        self.ledger.work.read()
    }
}

/// An event that was given and is not taken yet. Left so, no checkpoint may reach it.
struct Unhanded<'a> {
    ts: Option<CommitTs>,
    ledger: &'a Ledger,
}

impl Unhanded<'_> {
    fn taken(mut self) {
        self.ts = None;
    }
}

impl Drop for Unhanded<'_> {
    fn drop(&mut self) {
        if let Some(ts) = self.ts {
            self.ledger.dropped(ts);
        }
    }
}
