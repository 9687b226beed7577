//! The end that the kit opens and shuts, and the log of what came to it.

use super::subject::Numbers;
use crate::stage::{ElementStream, Lane, Transform};
use crate::{BoxError, Element, Envelope, RouteId, Scope};
use futures::StreamExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::watch;
use tower::Service;

/// What the end says when it fails.
pub(super) const END_FAULT: &str = "the end failed, as the law asked";

/// What came out of the stage on trial.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    /// An output, and the numbers it is made of.
    Data { lane: usize, route: RouteId, numbers: Vec<u64> },
    /// A marker's part.
    Marker { lane: usize, scope: Scope },
}

/// Which outputs may pass the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    pub(super) all: bool,
    pub(super) routes: BTreeSet<RouteId>,
    /// The first so many of all outputs.
    pub(super) first: usize,
    /// Whatever comes, or waits, fails.
    pub(super) fails: bool,
}

/// The end's controls; clones share it.
pub(super) struct End<Out> {
    log: Arc<Mutex<Vec<Seen>>>,
    opening: watch::Sender<Opening>,
    numbers: Numbers<Out>,
    arrived: Arc<AtomicUsize>,
}

impl<Out> Clone for End<Out> {
    fn clone(&self) -> Self {
        Self {
            log: self.log.clone(),
            opening: self.opening.clone(),
            numbers: self.numbers.clone(),
            arrived: self.arrived.clone(),
        }
    }
}

impl<Out> End<Out> {
    /// A shut end.
    pub(super) fn new(numbers: Numbers<Out>) -> Self {
        Self {
            log: Arc::default(),
            opening: watch::Sender::new(Opening::default()),
            numbers,
            arrived: Arc::default(),
        }
    }

    /// Lets all pass.
    pub(super) fn open(&self) {
        self.change(|opening| opening.all = true);
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Opening)) {
        self.opening.send_modify(change);
    }

    /// What came, in order.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.log.lock().clone()
    }

    /// The outputs that came, in order.
    pub(super) fn outputs(&self) -> Vec<(RouteId, Vec<u64>)> {
        let data = |seen| match seen {
            Seen::Data { route, numbers, .. } => Some((route, numbers)),
            Seen::Marker { .. } => None,
        };
        self.seen().into_iter().filter_map(data).collect()
    }
}

/// Writes down what passes. Stands directly behind the stage on trial.
impl<Out: Send + 'static> Transform<Out> for End<Out> {
    type Out = Out;

    fn join(&self, upstream: ElementStream<Out>, lane: &Lane) -> ElementStream<Out> {
        let end = self.clone();
        let lane = lane.index;
        Box::pin(upstream.inspect(move |item| match item {
            Ok(Element::Data(Envelope { route, payload, .. })) => {
                let numbers = (end.numbers)(payload);
                end.log.lock().push(Seen::Data { lane, route: *route, numbers });
            }
            Ok(Element::Drain(marker)) => {
                end.log.lock().push(Seen::Marker { lane, scope: marker.scope() });
            }
            Err(_) => {}
        }))
    }
}

/// Holds outputs until they may pass.
impl<Out: Send + 'static> Service<Envelope<Out>> for End<Out> {
    type Response = Envelope<Out>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Envelope<Out>, BoxError>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, envelope: Envelope<Out>) -> Self::Future {
        let place = self.arrived.fetch_add(1, Ordering::Relaxed);
        let mut opening = self.opening.subscribe();
        let route = envelope.route;
        Box::pin(async move {
            let may_pass = |opening: &Opening| {
                opening.fails || opening.all || opening.routes.contains(&route) || place < opening.first
            };
            let fails = opening.wait_for(may_pass).await?.fails;
            if fails { Err(END_FAULT.into()) } else { Ok(envelope) }
        })
    }
}
