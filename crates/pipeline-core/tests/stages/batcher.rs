//! A small batcher: the least that a regrouping stage must do to keep the laws.

use super::Rows;
use futures::Stream;
use pipeline_core::stage::Upstream;
use pipeline_core::{BoxError, Element, ElementStream, Envelope, Lane, Owed, RouteId, Scope, Transform};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Joins up to `rows` rows of a route, and keeps none longer than `age`.
#[derive(Clone, Copy, Debug)]
pub struct Batcher {
    pub rows: usize,
    pub age: Duration,
}

impl Transform<Rows> for Batcher {
    type Out = Rows;

    fn join(&self, upstream: ElementStream<Rows>, lane: &Lane) -> ElementStream<Rows> {
        Box::pin(Batches {
            batcher: *self,
            upstream: Some(upstream),
            pressure: lane.pressure.clone(),
            open: BTreeMap::new(),
            due: Box::pin(tokio::time::sleep(self.age)),
            out: VecDeque::new(),
        })
    }
}

/// A batch that still takes rows.
struct Open {
    since: Instant,
    owed: Vec<Owed>,
    rows: Vec<u64>,
}

struct Batches {
    batcher: Batcher,
    upstream: Option<ElementStream<Rows>>,
    pressure: Upstream,
    open: BTreeMap<RouteId, Open>,
    due: Pin<Box<Sleep>>,
    out: VecDeque<Element<Rows>>,
}

impl Batches {
    fn add(&mut self, envelope: Envelope<Rows>) {
        let Envelope { route, owed, payload } = envelope;
        let new = || Open { since: Instant::now(), owed: Vec::new(), rows: Vec::new() };
        let open = self.open.entry(route).or_insert_with(new);
        open.owed.push(owed);
        open.rows.extend(payload.0);
        if open.rows.len() >= self.batcher.rows {
            self.finish(|of, _| *of == route);
        }
    }

    fn pass(&mut self, element: Element<Rows>) {
        match element {
            Element::Data(envelope) => self.add(envelope),
            Element::Drain(marker) => {
                match marker.scope() {
                    Scope::Route(route) => self.finish(|of, _| *of == route),
                    Scope::All => self.finish(|_, _| true),
                }
                self.out.push_back(Element::Drain(marker));
            }
        }
    }

    /// Lets the batches go that are meant.
    fn finish(&mut self, is_meant: impl Fn(&RouteId, &Open) -> bool) {
        let finished = self.open.extract_if(.., |route, open| is_meant(route, open));
        self.out.extend(finished.map(|(route, open)| {
            let (owed, payload) = (Owed::join(open.owed), Rows(open.rows));
            Element::Data(Envelope { route, owed, payload })
        }));
    }

    /// With nothing coming in: lets go of what is old, or of all while a gate before is shut.
    fn poll_let_go(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(oldest) = self.open.values().map(|open| open.since).min() else {
            return Poll::Pending;
        };
        if self.pressure.poll_shut(cx).is_ready() {
            self.finish(|_, _| true);
            return Poll::Ready(());
        }
        let age = self.batcher.age;
        self.due.as_mut().reset(oldest + age);
        std::task::ready!(self.due.as_mut().poll(cx));
        self.finish(|_, open| open.since + age <= Instant::now());
        Poll::Ready(())
    }
}

impl Stream for Batches {
    type Item = Result<Element<Rows>, BoxError>;

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
                Poll::Ready(Some(Ok(element))) => this.pass(element),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => {
                    this.upstream = None;
                    this.finish(|_, _| true);
                }
                Poll::Pending => std::task::ready!(this.poll_let_go(cx)),
            }
        }
    }
}
