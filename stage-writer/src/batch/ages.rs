//! Which batch is oldest: deadlines in the order they were set.
//!
//! Every batch may live equally long, so deadlines arise in order and a queue is enough; opening or closing a batch
//! costs O(1), and a wake-up looks at expired batches only.

use pipeline_core::RouteId;
use std::collections::VecDeque;
use tokio::time::Instant;

/// A queue of deadlines. A batch that was closed early leaves its deadline behind until that comes to the front,
/// or until such leftovers outnumber what is open.
#[derive(Debug, Default)]
pub(super) struct Ages {
    queue: VecDeque<Deadline>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) route: RouteId,
    /// Which of the route's batches: serials are never used twice.
    pub(super) serial: u64,
}

impl Ages {
    /// Adds a deadline, which is not before any that was added earlier.
    pub(super) fn push(&mut self, deadline: Deadline, open: usize, is_open: impl Fn(&Deadline) -> bool) {
        if self.queue.len() > 2 * open + 64 {
            self.queue.retain(is_open);
        }
        self.queue.push_back(deadline);
    }

    /// The earliest deadline of a batch that is still open.
    pub(super) fn first(&mut self, is_open: impl Fn(&Deadline) -> bool) -> Option<Deadline> {
        while let Some(front) = self.queue.front() {
            if is_open(front) {
                return Some(*front);
            }
            self.queue.pop_front();
        }
        None
    }
}
