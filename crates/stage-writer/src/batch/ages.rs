//! Which batch is oldest: deadlines in the order they were set.
//!
//! Every batch of a queue may live equally long, so deadlines arise in order and a queue is enough; opening or closing a
//! batch costs O(1), and a wake-up looks at expired batches only.

use pipeline_core::RouteId;
use pipeline_core::stage::GiveBack;
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
            self.queue.give_back();
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
            self.queue.give_back();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::time::Duration;

    /// Opens and closes `batches` batches in turn on as many routes as may be open at once.
    fn churn(open_at_once: u64, batches: u64) -> (Ages, usize) {
        let (mut ages, open) = (Ages::default(), RefCell::new(BTreeMap::new()));
        let mut longest = 0;
        let began = Instant::now();
        for serial in 0..batches {
            let route = RouteId(serial % open_at_once);
            open.borrow_mut().insert(route.0, serial);
            let deadline = Deadline { at: began + Duration::from_millis(serial), route, serial };
            let is_open = |d: &Deadline| open.borrow().get(&d.route.0) == Some(&d.serial);
            ages.push(deadline, open.borrow().len(), is_open);
            longest = longest.max(ages.queue.len());
        }
        (ages, longest)
    }

    #[test]
    fn leftovers_do_not_outnumber_what_is_open() {
        for open in [1, 10, 1000] {
            let (_, longest) = churn(open, 100_000);
            assert!(longest as u64 <= 2 * open + 65, "{longest} deadlines for {open} open batches");
        }
    }

    #[test]
    fn the_first_is_the_oldest_that_is_open() {
        let (mut ages, _) = churn(10, 1005);
        let first = ages.first(|d| d.serial >= 995).map(|d| d.serial);
        assert_eq!(first, Some(995));
        assert_eq!(ages.first(|_| false).map(|d| d.serial), None);
    }
}
