//! Slots for requests: as many as the [level](super::level) has, and those that somebody waits for come first.
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

use super::level::{Concurrency, Ended, Level, Outcome};
use parking_lot::Mutex;
use pipeline_core::RouteId;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// All slots. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    in_flight: usize,
    level: Level,
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

/// The right to have one request in flight; given on when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    /// Empty if it was not wanted where it was sent.
    slots: Option<Slots>,
    given: Instant,
    epoch: u64,
    ended: Ended,
    bytes: Option<u64>,
}

/// While it lives, requests of its route come before those of others.
#[derive(Debug)]
#[must_use = "dropped, it hurries nothing any more"]
pub struct Hurry {
    slots: Slots,
    route: RouteId,
}

impl Slots {
    /// # Panics
    /// If no request would get through.
    pub(super) fn new(concurrency: Concurrency, timeout: Duration) -> Self {
        Self(Arc::new(Mutex::new(State {
            in_flight: 0,
            level: Level::new(concurrency, timeout),
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
            if state.in_flight < state.level.now() {
                return state.give(self);
            }
            state.level.short();
            let (slot, given) = oneshot::channel();
            let line = if state.hurries(whose) { &mut state.hurried } else { &mut state.usual };
            line.push_back(Waiter { whose, slot });
            given
        };
        let mut slot = given.await.expect("a line is only left by being given a slot");
        // The time in line, and that until this task was woken, is none of the store's.
        slot.given = Instant::now();
        slot
    }

    /// A request of this epoch is asked for patience, and goes on.
    pub(super) fn failed(&self, epoch: u64) {
        let (before, now) = {
            let mut state = self.0.lock();
            let in_flight = state.in_flight;
            (state.level.failed(epoch, in_flight), state.level.now())
        };
        tell(before, now);
    }

    /// How many requests may be in flight at present.
    pub(super) fn level(&self) -> usize {
        self.0.lock().level.now()
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
    fn line_is_empty(&self) -> bool {
        self.hurried.is_empty() && self.usual.is_empty()
    }

    fn give(&mut self, slots: &Slots) -> Slot {
        self.in_flight += 1;
        self.level.sent(self.in_flight);
        let (given, epoch) = (Instant::now(), self.level.epoch());
        Slot { slots: Some(slots.clone()), given, epoch, ended: Ended::Unknown, bytes: None }
    }

    /// The next in line and its slot, if there is one for it.
    fn next(&mut self, slots: &Slots) -> Option<(Waiter, Slot)> {
        if self.in_flight >= self.level.now() {
            return None;
        }
        let next = self.hurried.pop_front().or_else(|| self.usual.pop_front())?;
        Some((next, self.give(slots)))
    }

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

impl Slot {
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Gives it on, and says what became of its request.
    pub(super) fn give_back(mut self, ended: Ended, bytes: Option<u64>) {
        (self.ended, self.bytes) = (ended, bytes);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(slots) = self.slots.take() else { return };
        let outcome =
            Outcome { ended: self.ended, took: self.given.elapsed(), bytes: self.bytes, epoch: self.epoch };
        let (mut next, before, now) = {
            let mut state = slots.0.lock();
            state.in_flight -= 1;
            if !state.line_is_empty() {
                state.level.short();
            }
            let in_flight = state.in_flight;
            let before = state.level.ended(outcome, in_flight);
            (state.next(&slots), before, state.level.now())
        };
        tell(before, now);
        // Handing on wakes a task, so not under the lock; and a higher level has slots for more than one.
        while let Some((waiter, slot)) = next {
            let unwanted = waiter.slot.send(slot).err();
            let mut state = slots.0.lock();
            if let Some(mut slot) = unwanted {
                slot.slots = None;
                state.in_flight -= 1;
            }
            next = state.next(&slots);
        }
    }
}

/// Not under the lock: a log may be slow.
fn tell(before: Option<usize>, now: usize) {
    let Some(before) = before else { return };
    if now < before {
        tracing::info!(before, now, "the store refuses or queues requests: fewer are sent at once");
    } else {
        tracing::debug!(before, now, "the store takes requests well: more are sent at once");
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
        let slots = Slots::new(Concurrency::Fixed(1), Duration::MAX);
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
        assert!(state.in_flight == 0 && state.awaited.is_empty());
    }

    #[test]
    fn who_gives_up_passes_its_slot_on_and_none_is_lost() {
        let slots = Slots::new(Concurrency::Fixed(1), Duration::MAX);
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
        assert_eq!((slots.0.lock().in_flight, Arc::strong_count(&slots.0)), (0, 1));
    }
}
