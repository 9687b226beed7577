//! Slots for requests: so many at once, and those that somebody waits for come first.
//!
//! ```text
//!  urgent  ▒▒      ─┐
//!                   ├─► a slot that is given back goes to the first urgent request, else to the first usual one
//!  usual   ▒▒▒▒▒▒▒ ─┘
//! ```
//!
//! A drain is awaited by a statement, and with it by all its tables; behind a thousand files that only fill the time,
//! it would wait for as many requests as there are in line. Urgent requests cannot starve the others for long: each
//! comes from a drain, and a route has one at a time.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::oneshot;

/// How soon a request should go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    Usual,
    /// Before all usual ones.
    Urgent,
}

/// All slots. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    free: usize,
    /// Both lines are as long as there are operations under way, which the pipeline bounds.
    urgent: VecDeque<oneshot::Sender<Slot>>,
    usual: VecDeque<oneshot::Sender<Slot>>,
}

/// The right to have one request in flight; given on when dropped. Empty if it was not wanted where it was sent.
#[derive(Debug)]
pub(super) struct Slot(Option<Slots>);

impl Slots {
    /// # Panics
    /// If `count` is 0.
    pub(super) fn new(count: usize) -> Self {
        assert!(count > 0, "a request limit of 0 would let nothing through");
        let state = State { free: count, urgent: VecDeque::new(), usual: VecDeque::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Waits for a slot.
    ///
    /// # Cancel safety
    /// Dropped, it leaves the line; a slot that was already on its way goes to the next.
    pub(super) async fn acquire(&self, urgency: Urgency) -> Slot {
        let given = {
            let mut state = self.0.lock();
            if let Some(rest) = state.free.checked_sub(1) {
                state.free = rest;
                return Slot(Some(self.clone()));
            }
            let (sender, given) = oneshot::channel();
            match urgency {
                Urgency::Urgent => state.urgent.push_back(sender),
                Urgency::Usual => state.usual.push_back(sender),
            }
            given
        };
        given.await.expect("a line is only left by being given a slot")
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(slots) = self.0.take() else { return };
        loop {
            let next = {
                let mut state = slots.0.lock();
                let next = state.urgent.pop_front().or_else(|| state.usual.pop_front());
                if next.is_none() {
                    state.free += 1;
                }
                next
            };
            // Handing on wakes a task, so not under the lock.
            match next.map(|waiter| waiter.send(Slot(Some(slots.clone())))) {
                Some(Err(mut unwanted)) => unwanted.0 = None,
                None | Some(Ok(())) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_test::task;
    use tokio_test::{assert_pending, assert_ready};

    #[test]
    fn an_urgent_request_comes_before_all_usual_ones() {
        let slots = Slots::new(1);
        let held = assert_ready!(task::spawn(slots.acquire(Urgency::Usual)).poll());
        let mut usual = task::spawn(slots.acquire(Urgency::Usual));
        assert_pending!(usual.poll());
        let mut urgent = task::spawn(slots.acquire(Urgency::Urgent));
        assert_pending!(urgent.poll());
        drop(held);
        assert!(urgent.is_woken() && !usual.is_woken());
        drop(assert_ready!(urgent.poll()));
        drop(assert_ready!(usual.poll()));
        assert_eq!(slots.0.lock().free, 1);
    }

    #[test]
    fn who_gives_up_passes_its_slot_on_and_none_is_lost() {
        let slots = Slots::new(1);
        let held = assert_ready!(task::spawn(slots.acquire(Urgency::Usual)).poll());
        let mut waiters = [0; 3].map(|_| task::spawn(slots.acquire(Urgency::Usual)));
        waiters.iter_mut().for_each(|waiter| assert_pending!(waiter.poll()));
        let [given, gone, last] = waiters;
        drop(gone);
        drop(held);
        assert!(given.is_woken());
        // Its slot is on its way, and it never takes it.
        drop(given);
        let mut last = last;
        assert!(last.is_woken());
        drop(assert_ready!(last.poll()));
        assert_eq!((slots.0.lock().free, Arc::strong_count(&slots.0)), (1, 1));
    }
}
