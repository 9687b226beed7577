//! What the dispatchers have done so far, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// How much work was done. It grows with what is active, never with what is only registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Turns that were given to active dispatchers.
    pub visits: u64,
    /// How often those turns were polled.
    pub polls: u64,
    /// Row events that were sent through the front door.
    pub events: u64,
    /// Block events that were passed or written, one per dispatcher touched.
    pub blocks: u64,
    /// Table progresses that were looked at for a checkpoint.
    pub scanned: u64,
}

/// [`Work`] as it is counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) visits: Counter,
    pub(crate) polls: Counter,
    pub(crate) events: Counter,
    pub(crate) blocks: Counter,
    pub(crate) scanned: Counter,
}

impl Counters {
    pub(crate) fn read(&self) -> Work {
        Work {
            visits: self.visits.read(),
            polls: self.polls.read(),
            events: self.events.read(),
            blocks: self.blocks.read(),
            scanned: self.scanned.read(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
