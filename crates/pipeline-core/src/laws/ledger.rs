//! What the kit's observer has heard of every element.

use crate::{Error, Observe, RouteId};
use parking_lot::Mutex;

/// An element that was sent, and what was heard of it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) route: RouteId,
    /// `None` for the payload that gets stuck.
    pub(super) number: Option<u64>,
    pub(super) weight: u64,
    pub(super) enqueued: usize,
    pub(super) settled: Vec<Result<(), Error>>,
    /// An enqueue ack that came after the settlement.
    pub(super) late: bool,
}

impl Entry {
    pub(super) fn is_flushed(&self) -> bool {
        matches!(self.settled.first(), Some(Ok(())))
    }

    pub(super) fn is_lost(&self) -> bool {
        matches!(self.settled.first(), Some(Err(_)))
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.number {
            Some(number) => write!(f, "element {number} of {}", self.route),
            None => write!(f, "the stuck element of {}", self.route),
        }
    }
}

/// All elements of a trial; an element's token is its index.
#[derive(Default)]
pub(super) struct Ledger {
    entries: Mutex<Vec<Entry>>,
}

impl Ledger {
    /// Enters an element that is about to be sent, and gives its token.
    pub(super) fn enter(&self, route: RouteId, number: Option<u64>, weight: u64) -> u64 {
        let mut entries = self.entries.lock();
        entries.push(Entry { route, number, weight, enqueued: 0, settled: Vec::new(), late: false });
        entries.len() as u64 - 1
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().clone()
    }

    /// The first that is so.
    pub(super) fn find(&self, is_so: impl Fn(&Entry) -> bool) -> Option<Entry> {
        self.entries.lock().iter().find(|entry| is_so(entry)).cloned()
    }

    /// Bytes taken in and not settled.
    pub(super) fn outstanding(&self) -> u64 {
        let entries = self.entries.lock();
        entries.iter().filter(|entry| entry.settled.is_empty()).map(|entry| entry.weight).sum()
    }
}

impl Observe for Ledger {
    fn enqueued(&self, token: u64) {
        let entry = &mut self.entries.lock()[token as usize];
        entry.enqueued += 1;
        entry.late |= !entry.settled.is_empty();
    }

    fn settled(&self, token: u64, outcome: Result<(), Error>) {
        self.entries.lock()[token as usize].settled.push(outcome);
    }
}
