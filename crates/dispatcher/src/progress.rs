//! How far one dispatcher has come.

use crate::ledger::Ledger;
use crate::pending::Pending;
use change_event::CommitTs;
use parking_lot::Mutex;
use pipeline_core::{ErrorKind, Observe};
use std::sync::{Arc, Weak};

/// The events of one dispatcher that are not durable yet: rows until their flush ack, statements until they are
/// written or passed.
///
/// It hears of flush acks as the observer of what went through the front door. An event that was lost stays in it
/// for good, so that no checkpoint passes it.
#[derive(Debug, Default)]
pub struct TableProgress {
    /// Shared with the ledger's list.
    pending: Arc<Pending>,
    loss: Mutex<Option<pipeline_core::Error>>,
    /// Weak: what is in flight may outlive the dispatchers.
    ledger: Weak<Ledger>,
}

impl TableProgress {
    /// A progress of its own, with nothing in flight.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A progress that holds back the checkpoint of `ledger`.
    pub(crate) fn in_ledger(ledger: &Arc<Ledger>) -> Arc<Self> {
        Arc::new(Self { ledger: Arc::downgrade(ledger), ..Self::default() })
    }

    /// Adds an event, in commit order; its token removes it. O(1) amortised.
    pub fn add(&self, ts: CommitTs) -> u64 {
        let ledger = self.ledger.upgrade();
        if let Some(ledger) = &ledger {
            ledger.opened();
        }
        let (token, listed) = self.pending.add(ts, ledger.is_some());
        // Not under the lock: the ledger takes its own first. A scan that comes in between misses the event, but
        // it has read a resolved-ts below it.
        if let Some(ledger) = ledger.filter(|_| !listed) {
            ledger.list(self.pending.clone());
        }
        token
    }

    /// Removes an event that is durable, in any order; says whether it was there. O(1) amortised.
    pub fn remove(&self, token: u64) -> bool {
        let removed = self.pending.remove(token);
        if removed && let Some(ledger) = self.ledger.upgrade() {
            ledger.closed();
        }
        removed
    }

    /// The commit-ts of the first event that is not durable.
    pub fn first(&self) -> Option<CommitTs> {
        self.pending.first()
    }

    /// The first event's commit-ts less one; with nothing in flight, the resolved-ts.
    pub fn checkpoint(&self, resolved: CommitTs) -> CommitTs {
        self.first().map_or(resolved, CommitTs::before)
    }

    /// How many events are not durable.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether everything is durable.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why an event was lost, if one was: the first reason.
    pub fn loss(&self) -> Option<pipeline_core::Error> {
        self.loss.lock().clone()
    }
}

impl Observe for TableProgress {
    fn settled(&self, token: u64, outcome: Result<(), pipeline_core::Error>) {
        match outcome {
            Ok(()) => {
                self.remove(token);
            }
            // Left out on purpose: there is nothing to wait for.
            Err(error) if error.kind() == ErrorKind::Discarded => {
                self.remove(token);
            }
            Err(error) => {
                self.loss.lock().get_or_insert_with(|| error.clone());
                if let Some(ledger) = self.ledger.upgrade() {
                    ledger.lost(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkpoint_is_one_below_the_first_event_or_the_resolved_ts() {
        let progress = TableProgress::new();
        assert_eq!(progress.checkpoint(CommitTs(50)), CommitTs(50));
        let (a, b) = (progress.add(CommitTs(60)), progress.add(CommitTs(60)));
        let c = progress.add(CommitTs(70));
        assert!(progress.remove(a) && progress.remove(c));
        assert_eq!(progress.checkpoint(CommitTs(80)), CommitTs(59));
        assert!(progress.remove(b));
        assert_eq!(progress.checkpoint(CommitTs(80)), CommitTs(80));
    }

    #[test]
    fn a_lost_event_stays_in_flight() {
        let progress = TableProgress::new();
        let token = progress.add(CommitTs(60));
        progress.settled(token, Err(pipeline_core::Error::lost()));
        assert_eq!(progress.checkpoint(CommitTs(80)), CommitTs(59));
        assert!(progress.loss().is_some());
    }

    #[test]
    fn the_checkpoint_is_the_least_of_all_and_looks_only_at_what_is_in_flight() {
        let ledger = Ledger::new(CommitTs(0));
        let tables: Vec<_> = (0..1000).map(|_| TableProgress::in_ledger(&ledger)).collect();
        let early = tables[7].add(CommitTs(20));
        let late = tables[9].add(CommitTs(30));
        ledger.resolve(CommitTs(40));
        assert_eq!(ledger.checkpoint(), CommitTs(19));
        tables[7].remove(early);
        assert_eq!(ledger.checkpoint(), CommitTs(29));
        tables[9].remove(late);
        assert_eq!(ledger.checkpoint(), CommitTs(40));
        assert_eq!(ledger.checkpoint(), CommitTs(40));
        assert_eq!(ledger.work.read().scanned, 2 + 2 + 1);
    }

    #[test]
    fn a_table_that_fell_off_the_list_comes_back() {
        let ledger = Ledger::new(CommitTs(0));
        let table = TableProgress::in_ledger(&ledger);
        for ts in [10, 20, 30] {
            let token = table.add(CommitTs(ts));
            ledger.resolve(CommitTs(ts));
            assert_eq!(ledger.checkpoint(), CommitTs(ts - 1));
            table.remove(token);
            assert_eq!(ledger.checkpoint(), CommitTs(ts));
        }
    }
}
