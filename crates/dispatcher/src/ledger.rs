//! What is not durable yet, over all dispatchers: where the checkpoint comes from.
//!
//! ```text
//!   handed over ─► in flight (inbox, front door, pipeline) ─► flushed
//!   resolved ────────────────────────────────────────────► checkpoint = min(resolved, first in flight - 1)
//! ```
//!
//! An event is in flight before [`Ledger::resolve`] is called with its commit-ts or a greater one. A checkpoint
//! reads the resolved-ts *first* and looks at what is in flight *then*: an event that it does not see was either
//! handed over later, and is above that resolved-ts, or is durable.

use crate::Error;
use crate::fate::Fate;
use crate::pending::Pending;
use crate::work::Counters;
use change_event::CommitTs;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::Notify;

#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) fate: Fate,
    pub(crate) work: Counters,
    resolved: AtomicU64,
    /// The least commit-ts of an event that was given to `handle`, but never taken.
    dropped: AtomicU64,
    /// The greatest checkpoint that was ever given.
    given: AtomicU64,
    /// Events in flight.
    open: AtomicUsize,
    all_closed: Notify,
    /// What dispatchers have in flight, each once, and some that have nothing since the last look.
    listed: Mutex<Vec<Arc<Pending>>>,
}

impl Ledger {
    /// A ledger whose checkpoint is `start` until it is more.
    pub(crate) fn new(start: CommitTs) -> Arc<Self> {
        Arc::new(Self {
            fate: Fate::default(),
            work: Counters::default(),
            resolved: AtomicU64::new(0),
            dropped: AtomicU64::new(u64::MAX),
            given: AtomicU64::new(start.0),
            open: AtomicUsize::new(0),
            all_closed: Notify::new(),
            listed: Mutex::default(),
        })
    }

    /// Everything at or below `ts` has been handed over.
    pub(crate) fn resolve(&self, ts: CommitTs) {
        self.resolved.fetch_max(ts.0, Ordering::Release);
    }

    pub(crate) fn resolved(&self) -> CommitTs {
        CommitTs(self.resolved.load(Ordering::Acquire))
    }

    /// An event of this commit-ts was given and not taken: no checkpoint reaches it any more.
    pub(crate) fn dropped(&self, ts: CommitTs) {
        self.dropped.fetch_min(ts.0, Ordering::Release);
    }

    /// The commit-ts up to which everything is durable. O(dispatchers with something in flight); never less than
    /// before.
    pub(crate) fn checkpoint(&self) -> CommitTs {
        let resolved = self.resolved();
        let mut checkpoint = resolved;
        let mut scanned = 0;
        self.listed.lock().retain(|pending| {
            scanned += 1;
            let first = pending.look();
            checkpoint = checkpoint.min(first.map_or(resolved, CommitTs::before));
            first.is_some()
        });
        self.work.scanned.add(scanned);
        let dropped = CommitTs(self.dropped.load(Ordering::Acquire));
        if dropped <= checkpoint {
            checkpoint = dropped.before();
        }
        CommitTs(self.given.fetch_max(checkpoint.0, Ordering::AcqRel).max(checkpoint.0))
    }

    /// Waits until nothing is in flight.
    pub(crate) async fn settled(&self) {
        loop {
            let closed = self.all_closed.notified();
            tokio::pin!(closed);
            // Before the look, so that no news falls between the two.
            closed.as_mut().enable();
            if self.open.load(Ordering::Acquire) == 0 {
                return;
            }
            closed.await;
        }
    }

    /// An event was lost: nothing after it can ever count.
    pub(crate) fn lost(&self, error: pipeline_core::Error) {
        self.fate.seal(Error::Door(error));
    }

    pub(crate) fn opened(&self) {
        self.open.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn closed(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.all_closed.notify_waiters();
        }
    }

    pub(crate) fn list(&self, pending: Arc<Pending>) {
        self.listed.lock().push(pending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_falls_below_the_start_nor_passes_a_dropped_event() {
        let ledger = Ledger::new(CommitTs(25));
        ledger.resolve(CommitTs(10));
        assert_eq!(ledger.checkpoint(), CommitTs(25));
        ledger.dropped(CommitTs(30));
        ledger.resolve(CommitTs(50));
        assert_eq!(ledger.checkpoint(), CommitTs(29));
    }
}
