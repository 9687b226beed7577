//! Payloads in, batches out: the stream behind both batchers.

use super::ages::{Ages, Deadline};
use super::{Batch, BatchLimits, FlushReason};
use futures::Stream;
use pipeline_core::stage::{GiveBack, Upstream};
use pipeline_core::{BoxError, DrainMarker, Element, ElementStream, Envelope, Lane, Owed, RouteId, Scope};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep};

/// How many elements may be taken in before the clock is looked at again.
const CLOCK_EVERY: u32 = 64;

/// What a batcher takes in, and what it keeps of it.
pub(super) trait Gathering: 'static {
    /// What comes in.
    type In: Send + 'static;
    /// What must be equal for two to share a batch.
    type Group: Clone + PartialEq + Send + 'static;
    /// What is kept.
    type Part: Send + 'static;

    fn group(payload: &Self::In) -> &Self::Group;

    fn size(payload: &Self::In) -> Size;

    fn part(payload: Self::In) -> Self::Part;

    /// Takes `next` into the part before it, if two are better kept as one.
    fn join(last: &mut Self::Part, next: Self::Part) -> Result<(), Self::Part>;
}

/// How much there is of something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) bytes: u64,
    pub(super) rows: u64,
}

/// An open batch, and what is owed for its payloads.
struct Open<K: Gathering> {
    serial: u64,
    group: K::Group,
    parts: Vec<K::Part>,
    owed: Owed,
    size: Size,
    /// It was old enough to be closed, and too small.
    waits: bool,
}

impl<K: Gathering> Open<K> {
    /// Adds a payload; says how much that makes.
    fn add(&mut self, part: K::Part, owed: Owed, size: Size) -> Size {
        self.size.bytes += size.bytes;
        self.size.rows += size.rows;
        self.owed.absorb(owed);
        // Thousands of small pieces become few blocks.
        let last = self.parts.last_mut().expect("a batch is opened with a payload");
        if let Err(part) = K::join(last, part) {
            self.parts.push(part);
        }
        self.size
    }
}

/// Batches of one lane.
pub(super) struct Batching<K: Gathering> {
    upstream: Option<ElementStream<K::In>>,
    pressure: Upstream,
    limits: BatchLimits,
    /// Routes with an open batch, and no others.
    open: FxHashMap<RouteId, Open<K>>,
    serials: u64,
    /// Those that do not wait yet, by their age.
    ages: Ages,
    /// Those that wait, by their greatest age.
    greatest_ages: Ages,
    timer: Pin<Box<Sleep>>,
    /// Whom the timer wakes.
    rings: Option<Waker>,
    since_clock: u32,
    /// Closed batches on their way out: bounded by what was open, since nothing is taken in before they left.
    out: VecDeque<Element<Batch<K::Group, K::Part>>>,
}

impl<K: Gathering> Batching<K> {
    pub(super) fn join(upstream: ElementStream<K::In>, lane: &Lane, limits: BatchLimits) -> Self {
        Self {
            upstream: Some(upstream),
            pressure: lane.pressure.clone(),
            limits,
            open: FxHashMap::default(),
            serials: 0,
            ages: Ages::default(),
            greatest_ages: Ages::default(),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            rings: None,
            since_clock: 0,
            out: VecDeque::new(),
        }
    }

    fn take_in(&mut self, envelope: Envelope<K::In>) {
        let Envelope { route, owed, payload } = envelope;
        if self.open.get(&route).is_some_and(|open| open.group != *K::group(&payload)) {
            self.close(route, FlushReason::Drain);
        }
        let size = K::size(&payload);
        let total = match self.open.entry(route) {
            Entry::Occupied(mut open) => open.get_mut().add(K::part(payload), owed, size),
            Entry::Vacant(place) => {
                self.serials += 1;
                let serial = self.serials;
                let group = K::group(&payload).clone();
                let parts = vec![K::part(payload)];
                place.insert(Open { serial, group, parts, owed, size, waits: false });
                let deadline = Deadline { at: Instant::now() + self.limits.age, route, serial };
                let open = &self.open;
                self.ages.push(deadline, open.len(), |deadline| is_open(open, deadline, false));
                size
            }
        };
        if size.bytes >= self.limits.bytes {
            self.close(route, FlushReason::Oversized);
        } else if total.bytes >= self.limits.bytes || total.rows >= self.limits.rows {
            self.close(route, FlushReason::Size);
        } else if total.bytes >= self.limits.least_bytes && self.open.get(&route).is_some_and(|o| o.waits) {
            self.close(route, FlushReason::Interval);
        }
    }

    fn forward(&mut self, marker: DrainMarker) {
        match marker.scope() {
            Scope::Route(route) => self.close(route, FlushReason::Drain),
            Scope::All => self.close_all(FlushReason::Drain),
        }
        self.out.push_back(Element::Drain(marker));
    }

    fn close(&mut self, route: RouteId, reason: FlushReason) {
        let Some(open) = self.open.remove(&route) else {
            return;
        };
        self.open.give_back();
        let Open { serial: _, group, parts, owed, size: Size { bytes, rows }, waits: _ } = open;
        let payload = Batch { group, bodies: parts, bytes, rows, reason, closed: Instant::now() };
        self.out.push_back(Element::Data(Envelope { route, owed, payload }));
    }

    fn close_all(&mut self, reason: FlushReason) {
        let routes: Vec<RouteId> = self.open.keys().copied().collect();
        routes.into_iter().for_each(|route| self.close(route, reason));
    }

    /// Closes what is old enough, and sets the timer for the next.
    fn close_aged(&mut self, cx: &mut Context<'_>) {
        self.since_clock = 0;
        loop {
            let open = &self.open;
            let young = self.ages.first(|deadline| is_open(open, deadline, false));
            let waiting = self.greatest_ages.first(|deadline| is_open(open, deadline, true));
            let first = young.into_iter().chain(waiting).min_by_key(|deadline| deadline.at);
            let Some(first) = first else { return };
            let set = self.timer.deadline() == first.at;
            let rings = |waker: &Waker| waker.will_wake(cx.waker());
            if set && !self.timer.is_elapsed() && self.rings.as_ref().is_some_and(rings) {
                return;
            }
            if !set {
                self.timer.as_mut().reset(first.at);
            }
            // Outside of the task's budget: a timer that is polled with none left is not set, and says the same.
            if pin!(unconstrained(self.timer.as_mut())).poll(cx).is_pending() {
                self.rings = Some(cx.waker().clone());
                return;
            }
            if !self.waits_on(first) {
                self.close(first.route, FlushReason::Interval);
            }
        }
    }

    /// Whether a batch that has come to its deadline is to wait for a later one, because it is small. Then that is set.
    fn waits_on(&mut self, Deadline { at, route, serial }: Deadline) -> bool {
        let patience = self.limits.patience();
        let Some(batch) = self.open.get_mut(&route) else { return false };
        if batch.waits || batch.size.bytes >= self.limits.least_bytes || patience.is_zero() {
            return false;
        }
        batch.waits = true;
        let open = &self.open;
        let later = Deadline { at: at + patience, route, serial };
        self.greatest_ages.push(later, open.len(), |deadline| is_open(open, deadline, true));
        true
    }
}

/// Whether a deadline is still that of an open batch, which waits or does not.
fn is_open<K: Gathering>(open: &FxHashMap<RouteId, Open<K>>, deadline: &Deadline, waits: bool) -> bool {
    open.get(&deadline.route).is_some_and(|batch| batch.serial == deadline.serial && batch.waits == waits)
}

impl<K: Gathering> Stream for Batching<K> {
    type Item = Result<Element<Batch<K::Group, K::Part>>, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(element) = this.out.pop_front() {
                this.out.give_back();
                return Poll::Ready(Some(Ok(element)));
            }
            let Some(upstream) = &mut this.upstream else {
                return Poll::Ready(None);
            };
            match upstream.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(Element::Data(envelope)))) => {
                    this.take_in(envelope);
                    this.since_clock += 1;
                    if this.since_clock >= CLOCK_EVERY {
                        this.close_aged(cx);
                    }
                }
                Poll::Ready(Some(Ok(Element::Drain(marker)))) => this.forward(marker),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => {
                    this.upstream = None;
                    this.close_all(FlushReason::Close);
                }
                Poll::Pending => {
                    this.close_aged(cx);
                    // Flush before you wait: nothing more comes in until what is held goes out.
                    if !this.open.is_empty() && this.pressure.poll_shut(cx).is_ready() {
                        this.close_all(FlushReason::Quota);
                    }
                    if this.out.is_empty() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

// Nothing is pinned in place.
impl<K: Gathering> Unpin for Batching<K> {}
