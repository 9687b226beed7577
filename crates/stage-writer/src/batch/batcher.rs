//! The regrouping stage: pieces in, batches out.

use super::ages::{Ages, Deadline};
use super::{Batch, FlushReason};
use crate::Label;
use futures::Stream;
use pipeline_core::{
    Body, BoxError, DrainMarker, Element, ElementStream, Envelope, Lane, Owed, Piece, RouteId, Scope,
    Transform, stage::Upstream,
};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep};

/// How many elements may be taken in before the clock is looked at again.
const CLOCK_EVERY: u32 = 64;

/// When a batch is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Bytes at which a batch is closed; it may exceed this by one piece.
    pub bytes: u64,
    /// The greatest age of a batch's oldest piece.
    pub age: Duration,
}

/// Gathers the pieces of each route into batches.
///
/// At most one batch per route is open. It is closed by size, by age, by a marker, by another group of its route, by
/// a shut gate before the stage, or by the end of input: so it never needs new input to let go (law 7).
///
/// # Order
/// Batches of a route leave in the order they were opened; a marker leaves after the batch before it.
#[derive(Debug)]
pub struct Batcher<L, B> {
    limits: BatchLimits,
    takes: PhantomData<fn(L, B)>,
}

impl<L, B> Batcher<L, B> {
    /// A batcher with these limits.
    pub fn new(limits: BatchLimits) -> Self {
        Self { limits, takes: PhantomData }
    }
}

impl<L: Label, B: Body> Transform<Piece<L, B>> for Batcher<L, B> {
    type Out = Batch<L::Group, B>;

    fn join(&self, upstream: ElementStream<Piece<L, B>>, lane: &Lane) -> ElementStream<Self::Out> {
        Box::pin(Batching {
            upstream: Some(upstream),
            pressure: lane.pressure.clone(),
            limits: self.limits,
            open: FxHashMap::default(),
            serials: 0,
            ages: Ages::default(),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            rings: None,
            since_clock: 0,
            out: VecDeque::new(),
        })
    }
}

/// An open batch, and what is owed for its pieces.
struct Open<G, B> {
    serial: u64,
    group: G,
    bodies: Vec<B>,
    owed: Owed,
    bytes: u64,
    rows: u64,
}

impl<G, B: Body> Open<G, B> {
    /// Adds a piece; says how many bytes that makes.
    fn add(&mut self, body: B, owed: Owed, rows: u64) -> u64 {
        self.bytes += body.len();
        self.rows += rows;
        self.owed.absorb(owed);
        // Thousands of small pieces become few blocks.
        let last = self.bodies.last_mut().expect("a batch is opened with a body");
        if let Err(body) = last.absorb(body) {
            self.bodies.push(body);
        }
        self.bytes
    }
}

struct Batching<L: Label, B> {
    upstream: Option<ElementStream<Piece<L, B>>>,
    pressure: Upstream,
    limits: BatchLimits,
    /// Routes with an open batch, and no others.
    open: FxHashMap<RouteId, Open<L::Group, B>>,
    serials: u64,
    ages: Ages,
    timer: Pin<Box<Sleep>>,
    /// Whom the timer wakes.
    rings: Option<Waker>,
    since_clock: u32,
    /// Closed batches on their way out: bounded by what was open, since nothing is taken in before they left.
    out: VecDeque<Element<Batch<L::Group, B>>>,
}

impl<L: Label, B: Body> Batching<L, B> {
    fn take_in(&mut self, envelope: Envelope<Piece<L, B>>) {
        let Envelope { route, owed, payload: Piece { label, body } } = envelope;
        if self.open.get(&route).is_some_and(|open| open.group != *label.group()) {
            self.close(route, FlushReason::Drain);
        }
        let bytes = body.len();
        let total = match self.open.entry(route) {
            Entry::Occupied(mut open) => open.get_mut().add(body, owed, label.rows()),
            Entry::Vacant(place) => {
                self.serials += 1;
                let serial = self.serials;
                let group = label.group().clone();
                place.insert(Open { serial, group, bodies: vec![body], owed, bytes, rows: label.rows() });
                let deadline = Deadline { at: Instant::now() + self.limits.age, route, serial };
                let open = &self.open;
                let is_open = |d: &Deadline| open.get(&d.route).is_some_and(|o| o.serial == d.serial);
                self.ages.push(deadline, open.len(), is_open);
                bytes
            }
        };
        if bytes >= self.limits.bytes {
            self.close(route, FlushReason::Oversized);
        } else if total >= self.limits.bytes {
            self.close(route, FlushReason::Size);
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
        let Open { serial: _, group, bodies, owed, bytes, rows } = open;
        let payload = Batch { group, bodies, bytes, rows, reason, closed: Instant::now() };
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
            let first = self.ages.first(|d| open.get(&d.route).is_some_and(|o| o.serial == d.serial));
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
            self.close(first.route, FlushReason::Interval);
        }
    }
}

impl<L: Label, B: Body> Stream for Batching<L, B> {
    type Item = Result<Element<Batch<L::Group, B>>, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(element) = this.out.pop_front() {
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

impl<L: Label, B> Unpin for Batching<L, B> {}
