//! Slots for requests: so many at once, and those that somebody waits for come first.
//!
//! ```text
//!  hurried ▒▒      ─┐
//!                   ├─► a slot that is given back goes to the first hurried request, else to the first usual one
//!  usual   ▒▒▒▒▒▒▒ ─┘
//! ```
//!
//! A drain is awaited by a statement, and with it by all its tables; behind a thousand files that only fill the time,
//! it would wait for as many requests as there are in line. So while a route is drained, its requests are hurried:
//! those that come, and those that are in line already. They cannot starve the others for long, since nothing new is
//! sent on a route that is being drained.

use parking_lot::Mutex;
use pipeline_core::RouteId;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::oneshot;

/// All slots. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    free: usize,
    /// Both lines are as long as there are operations under way, which the pipeline bounds.
    hurried: VecDeque<Waiter>,
    usual: VecDeque<Waiter>,
    /// How many hurry each route.
    awaited: FxHashMap<RouteId, usize>,
}

/// Whose a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Nobody's in particular.
    Usual,
    /// A route's, hurried while that is.
    Route(RouteId),
    /// Somebody's who waits for it.
    Awaited,
}

#[derive(Debug)]
struct Waiter {
    whose: Whose,
    slot: oneshot::Sender<Slot>,
}

/// The right to have one request in flight; given on when dropped. Empty if it was not wanted where it was sent.
#[derive(Debug)]
pub(super) struct Slot(Option<Slots>);

/// While it lives, requests of its route come before those of others.
#[derive(Debug)]
#[must_use = "dropped, it hurries nothing any more"]
pub struct Hurry {
    slots: Slots,
    route: RouteId,
}

impl Slots {
    /// # Panics
    /// If `count` is 0.
    pub(super) fn new(count: usize) -> Self {
        assert!(count > 0, "a request limit of 0 would let nothing through");
        Self(Arc::new(Mutex::new(State {
            free: count,
            hurried: VecDeque::new(),
            usual: VecDeque::new(),
            awaited: FxHashMap::default(),
        })))
    }

    /// Waits for a slot.
    ///
    /// # Cancel safety
    /// Dropped, it leaves the line; a slot that was already on its way goes to the next.
    pub(super) async fn acquire(&self, whose: Whose) -> Slot {
        let given = {
            let mut state = self.0.lock();
            if let Some(rest) = state.free.checked_sub(1) {
                state.free = rest;
                return Slot(Some(self.clone()));
            }
            let (slot, given) = oneshot::channel();
            let line = if state.hurries(whose) { &mut state.hurried } else { &mut state.usual };
            line.push_back(Waiter { whose, slot });
            given
        };
        given.await.expect("a line is only left by being given a slot")
    }

    pub(super) fn hurries(&self, whose: Whose) -> bool {
        self.0.lock().hurries(whose)
    }

    /// Hurries a route. O(requests in line).
    pub(super) fn hurry(&self, route: RouteId) -> Hurry {
        let mut state = self.0.lock();
        let hurried = state.awaited.entry(route).or_default();
        *hurried += 1;
        if *hurried == 1 {
            let line = std::mem::take(&mut state.usual);
            let (its, others): (VecDeque<_>, _) =
                line.into_iter().partition(|waiter| waiter.whose == Whose::Route(route));
            state.usual = others;
            state.hurried.extend(its);
        }
        Hurry { slots: self.clone(), route }
    }
}

impl State {
    fn hurries(&self, whose: Whose) -> bool {
        match whose {
            Whose::Usual => false,
            Whose::Route(route) => self.awaited.contains_key(&route),
            Whose::Awaited => true,
        }
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        let mut state = self.slots.0.lock();
        if let Some(hurried) = state.awaited.get_mut(&self.route) {
            *hurried -= 1;
            if *hurried == 0 {
                state.awaited.remove(&self.route);
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(slots) = self.0.take() else { return };
        loop {
            let next = {
                let mut state = slots.0.lock();
                let next = state.hurried.pop_front().or_else(|| state.usual.pop_front());
                if next.is_none() {
                    state.free += 1;
                }
                next
            };
            // Handing on wakes a task, so not under the lock.
            match next.map(|waiter| waiter.slot.send(Slot(Some(slots.clone())))) {
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
    fn requests_of_a_hurried_route_come_first_those_in_line_too() {
        let (one, two) = (Whose::Route(RouteId(1)), Whose::Route(RouteId(2)));
        let slots = Slots::new(1);
        let held = assert_ready!(task::spawn(slots.acquire(Whose::Usual)).poll());
        let mut usual = task::spawn(slots.acquire(one));
        let mut in_line = task::spawn(slots.acquire(two));
        assert_pending!(usual.poll());
        assert_pending!(in_line.poll());
        let hurry = [slots.hurry(RouteId(2)), slots.hurry(RouteId(2))];
        let mut later = task::spawn(slots.acquire(two));
        assert_pending!(later.poll());
        let mut awaited = task::spawn(slots.acquire(Whose::Awaited));
        assert_pending!(awaited.poll());
        drop(held);
        assert!(in_line.is_woken() && !usual.is_woken() && !later.is_woken());
        drop(assert_ready!(in_line.poll()));
        assert!(later.is_woken() && !usual.is_woken());
        assert!(slots.hurries(two) && !slots.hurries(one));
        drop(hurry);
        assert!(!slots.hurries(two));
        drop(assert_ready!(later.poll()));
        drop(assert_ready!(awaited.poll()));
        drop(assert_ready!(usual.poll()));
        let state = slots.0.lock();
        assert!(state.free == 1 && state.awaited.is_empty());
    }

    #[test]
    fn who_gives_up_passes_its_slot_on_and_none_is_lost() {
        let slots = Slots::new(1);
        let held = assert_ready!(task::spawn(slots.acquire(Whose::Usual)).poll());
        let mut waiters = [0; 3].map(|_| task::spawn(slots.acquire(Whose::Usual)));
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
