//! The ordered, bounded combinator: a tower service joined to the stream.
//!
//! ```text
//!            backlog              at most `concurrency`            per route
//! upstream ─► ▒▒▒▒▒ ─ ready? ─► call ─► ◌ ◌ ◌ ─► done, but not ─► in order ─► out
//!                                                yet its turn
//!     markers ────────────── take a place in their route's line ──────────►
//! ```
//!
//! The service sees envelopes only, so it cannot lose a marker. Outputs leave in order *per route*: a slow call
//! holds back its own route and no other. A call counts against `concurrency` until its output has left, so
//! finished outputs cannot pile up behind a stuck one; a route's share keeps a stuck one from taking every place.
//!
//! While the service is not ready, input is still taken: it waits in the backlog, and markers of routes with
//! nothing in it pass. The backlog is bounded in bytes by the leases its elements hold (the front door's, or those
//! of a gate before), not by a count.

mod flight;
mod limits;
mod line;
mod stand;

pub use limits::{Effects, Limits};

use crate::fate::Fate;
use crate::gate::asking;
use crate::metrics::StageBooks;
use crate::place::Place;
use crate::stage::{ElementStream, GiveBack, StageName};
use crate::{BoxError, DrainMarker, Element, Envelope, RouteId, Scope};
use flight::{Flight, same_route};
use futures::Stream;
use futures::stream::FuturesUnordered;
use line::{Line, Slot};
use rustc_hash::FxHashMap;
use stand::Stand;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;
use tracing::Span;

/// A service as a stream transformer; see the [module](self).
pub struct Ordered<S, In, Out>
where
    S: Service<Envelope<In>, Response = Envelope<Out>>,
{
    upstream: Option<ElementStream<In>>,
    service: S,
    limits: Limits,
    /// Elements that wait for the service, in order of arrival, with their place in their route's line.
    backlog: VecDeque<(u64, Envelope<In>)>,
    /// Routes that have places again for what they parked. Each is in it once.
    resuming: VecDeque<RouteId>,
    /// Routes with anything under way. Removed when empty, so the map is as large as what is active.
    lines: FxHashMap<RouteId, Line<In, Out>>,
    flights: FuturesUnordered<Flight<S::Future>>,
    /// Calls that run, or whose output waits for its turn.
    occupied: usize,
    /// A marker of every route: nothing is taken in until all before it has left.
    barrier: Option<DrainMarker>,
    out: VecDeque<Element<Out>>,
    /// A place to poll a new call in before it costs an allocation of its own.
    spare: Option<Pin<Box<Option<S::Future>>>>,
    /// Where it stands, in a pipeline.
    stand: Option<Stand>,
}

impl<S, In, Out> Ordered<S, In, Out>
where
    S: Service<Envelope<In>, Response = Envelope<Out>>,
    S::Error: Into<BoxError>,
{
    /// Joins `service` to `upstream`.
    ///
    /// # Panics
    /// If a limit is 0.
    pub fn new(upstream: ElementStream<In>, service: S, limits: Limits) -> Self {
        assert!(limits.concurrency > 0 && limits.per_route > 0, "a limit of 0 would let nothing through");
        Self {
            upstream: Some(upstream),
            service,
            limits,
            backlog: VecDeque::new(),
            resuming: VecDeque::new(),
            lines: FxHashMap::default(),
            flights: FuturesUnordered::new(),
            occupied: 0,
            barrier: None,
            out: VecDeque::new(),
            spare: None,
            stand: None,
        }
    }

    /// Says where it stands.
    pub(crate) fn standing(
        mut self,
        fate: Fate,
        name: StageName,
        place: Place,
        books: Arc<StageBooks>,
    ) -> Self {
        self.stand = Some(Stand { fate, name, place, books });
        self
    }

    /// Calls the service, and polls that once. Ready with its output; otherwise it is under way, at the place it has or
    /// else the last one.
    fn call(
        &mut self,
        mut envelope: Envelope<In>,
        place: Option<u64>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Envelope<Out>, BoxError>> {
        let route = envelope.route;
        let span = self.stand.as_mut().and_then(|stand| stand.enter(&mut envelope));
        let number = self.stand.as_ref().map_or(0, |stand| stand.place.call);
        let mut call = self.spare.take().unwrap_or_else(|| Box::pin(None));
        let polled = {
            let _in_its_span = span.as_ref().map(Span::enter);
            call.set(Some(self.service.call(envelope)));
            call.as_mut().as_pin_mut().expect("set one line above").poll(cx)
        };
        match polled {
            Poll::Ready(output) => {
                call.set(None);
                self.spare = Some(call);
                let output = output.map_err(Into::into)?;
                same_route(route, &output)?;
                Poll::Ready(Ok(output))
            }
            Poll::Pending => {
                let place = place.unwrap_or_else(|| {
                    let line = self.lines.entry(route).or_default();
                    line.occupied += 1;
                    self.occupied += 1;
                    line.take_place(Slot::Waiting)
                });
                self.flights.push(Flight { route, place, number, span, call });
                self.note();
                Poll::Pending
            }
        }
    }

    /// Writes down how many calls are under way.
    fn note(&self) {
        if let Some(stand) = &self.stand {
            stand.books.in_flight(self.occupied);
        }
    }

    /// What calls have let go of that did not fail: a loss.
    fn unexplained_loss(&self) -> Option<BoxError> {
        let Stand { fate, place, .. } = self.stand.as_ref()?;
        let is_under_way = |number| self.flights.iter().any(|flight| flight.number == number);
        fate.unexplained(*place, is_under_way).map(Into::into)
    }

    /// Takes an element in. If its route has nothing under way, the call is over at its first poll, as a rule, and the
    /// element leaves without ever having had a place in a line.
    fn pass(
        &mut self,
        envelope: Envelope<In>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Envelope<Out>, BoxError>> {
        let route = envelope.route;
        let free = self.backlog.is_empty()
            && self.resuming.is_empty()
            && self.occupied < self.limits.concurrency
            && (self.lines.is_empty() || !self.lines.contains_key(&route));
        let service = &mut self.service;
        if free && asking(&envelope.owed, || service.poll_ready(cx)).map_err(Into::into)?.is_ready() {
            return self.call(envelope, None, cx);
        }
        self.accept(Element::Data(envelope));
        Poll::Pending
    }

    /// Gives an arrived element its place.
    fn accept(&mut self, element: Element<In>) {
        match element {
            Element::Data(envelope) => {
                let place = self.lines.entry(envelope.route).or_default().take_place(Slot::Waiting);
                self.backlog.push_back((place, envelope));
            }
            Element::Drain(marker) => match marker.scope() {
                Scope::All => self.barrier = Some(marker),
                Scope::Route(route) if self.lines.contains_key(&route) => self.mark(route, marker),
                Scope::Route(_) => self.out.push_back(Element::Drain(marker)),
            },
        }
    }

    /// Gives a marker its place. Somebody waits for it, so what its route has in the backlog goes before all others'.
    fn mark(&mut self, route: RouteId, marker: DrainMarker) {
        let line = self.lines.get_mut(&route).expect("looked at by the caller");
        line.take_place(Slot::Marker(marker));
        let backlog = std::mem::take(&mut self.backlog);
        let (its, others): (VecDeque<_>, _) =
            backlog.into_iter().partition(|(_, waiting)| waiting.route == route);
        self.backlog = others;
        line.parked.extend(its);
        if line.resuming {
            self.resuming.retain(|resuming| *resuming != route);
        }
        line.resuming = line.may_resume(self.limits.share());
        if line.resuming {
            self.resuming.push_front(route);
        }
    }

    /// Calls the service for what waits, until something is ready to leave or nothing more may start.
    ///
    /// Calls of one route start in order: its head is always under way, so its line can always move on.
    fn start(&mut self, cx: &mut Context<'_>) -> Result<(), BoxError> {
        while self.out.is_empty() && self.occupied < self.limits.concurrency {
            // What was parked has waited longer than anything in the backlog.
            let resuming = self.resuming.front().copied();
            let Some(route) = resuming.or(self.backlog.front().map(|(_, waiting)| waiting.route)) else {
                break;
            };
            let line = self.lines.get_mut(&route).expect("what waits has a place in a line");
            if resuming.is_none() && line.occupied >= self.limits.share() {
                line.parked.extend(self.backlog.pop_front());
                self.backlog.give_back();
                continue;
            }
            let waiting = match resuming {
                Some(_) => line.parked.front(),
                None => self.backlog.front(),
            };
            let Some((_, next)) = waiting else {
                break;
            };
            let service = &mut self.service;
            match asking(&next.owed, || service.poll_ready(cx)) {
                Poll::Pending => break,
                Poll::Ready(Err(error)) => return Err(error.into()),
                Poll::Ready(Ok(())) => {}
            }
            let waiting = match resuming {
                Some(_) => line.parked.pop_front(),
                None => self.backlog.pop_front(),
            };
            let Some((place, envelope)) = waiting else {
                break;
            };
            self.backlog.give_back();
            line.occupied += 1;
            self.occupied += 1;
            if resuming.is_some() && !line.may_resume(self.limits.share()) {
                line.resuming = false;
                self.resuming.pop_front();
            }
            if let Poll::Ready(output) = self.call(envelope, Some(place), cx) {
                self.land(route, place, output?);
            }
        }
        Ok(())
    }

    /// Puts a finished output in its place, and lets out whatever's turn it is now.
    fn land(&mut self, route: RouteId, place: u64, output: Envelope<Out>) {
        let line = self.lines.get_mut(&route).expect("a call has a place in a line until it lands");
        line.fill(place, output);
        self.occupied -= line.leave(&mut self.out);
        if let Some(stand) = &self.stand {
            stand.books.in_flight(self.occupied);
        }
        if !line.resuming && line.may_resume(self.limits.share()) {
            line.resuming = true;
            self.resuming.push_back(route);
        }
        if line.is_empty() {
            self.lines.remove(&route);
            self.lines.give_back();
        }
    }
}

impl<S, In, Out> Stream for Ordered<S, In, Out>
where
    S: Service<Envelope<In>, Response = Envelope<Out>>,
    S::Error: Into<BoxError>,
{
    type Item = Result<Element<Out>, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(element) = this.out.pop_front() {
                this.out.give_back();
                return Poll::Ready(Some(Ok(element)));
            }
            while !this.flights.is_empty()
                && let Poll::Ready(Some((route, place, output))) = Pin::new(&mut this.flights).poll_next(cx)
            {
                let output = output.map_err(Into::into);
                match output.and_then(|output| same_route(route, &output).map(|()| output)) {
                    Ok(output) => this.land(route, place, output),
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
            }
            if let Some(lost) = this.unexplained_loss() {
                return Poll::Ready(Some(Err(lost)));
            }
            if let Err(error) = this.start(cx) {
                return Poll::Ready(Some(Err(error)));
            }
            if !this.out.is_empty() {
                continue;
            }
            if this.lines.is_empty()
                && let Some(marker) = this.barrier.take()
            {
                return Poll::Ready(Some(Ok(Element::Drain(marker))));
            }
            if this.barrier.is_some() {
                return Poll::Pending;
            }
            let Some(upstream) = &mut this.upstream else {
                return if this.lines.is_empty() { Poll::Ready(None) } else { Poll::Pending };
            };
            match upstream.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(Element::Data(envelope)))) => {
                    if let Poll::Ready(output) = this.pass(envelope, cx) {
                        return Poll::Ready(Some(output.map(Element::Data)));
                    }
                }
                Poll::Ready(Some(Ok(marker @ Element::Drain(_)))) => this.accept(marker),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => this.upstream = None,
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

// Nothing in it is pinned in place: calls live in boxes.
impl<S, In, Out> Unpin for Ordered<S, In, Out> where S: Service<Envelope<In>, Response = Envelope<Out>> {}
