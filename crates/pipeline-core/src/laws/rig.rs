//! A real pipeline around the stage on trial: front door, perhaps something before it, the stage, the end.

use super::end::End;
use super::ledger::Ledger;
use super::subject::{AddStage, Subject};
use super::trial::{Law, ROOMY, time_passes};
use crate::{
    BoxError, Builder, Drained, Enqueued, Envelope, Error, FrontDoor, Gate, Levels, Observer, Pipeline,
    RouteId, Routed, Scope, Weigh,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tower::{Service, ServiceExt, service_fn};

/// What the faulty stage says.
pub(super) const FAULT: &str = "the stage before failed, as the law asked";

/// What stands between the front door and the stage.
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// A gate, and the enqueue ack.
    Gate(Gate),
    /// A stage that fails as soon as this is set and it gets an element.
    Fault(Arc<AtomicBool>),
}

/// How to build a [`Rig`].
pub(super) struct Plan {
    pub(super) lanes: usize,
    pub(super) front: Levels,
    pub(super) before: Before,
    /// For the stage's own gate, if it has one.
    pub(super) gate: Gate,
    /// Whether the enqueue ack comes between the stage and the end.
    pub(super) wake_after: bool,
}

impl Plan {
    /// Room everywhere, nothing before the stage, no enqueue ack of the kit's.
    pub(super) fn new(lanes: usize) -> Self {
        Self { lanes, front: ROOMY, before: Before::Nothing, gate: Gate::new(ROOMY), wake_after: false }
    }
}

/// The running pipeline.
pub(super) struct Rig<'a, In, Out> {
    law: Law,
    subject: &'a Subject<In, Out>,
    pub(super) door: FrontDoor<In>,
    /// Taken by the trial that ends it.
    pub(super) pipeline: Option<Pipeline>,
    pub(super) end: End<Out>,
    pub(super) ledger: Arc<Ledger>,
    next: BTreeMap<RouteId, u64>,
}

impl<'a, In, Out> Rig<'a, In, Out>
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    /// Starts it, with the end shut.
    pub(super) fn start(law: Law, subject: &'a Subject<In, Out>, plan: Plan) -> Self {
        Self::with(law, subject, &subject.add, plan)
    }

    /// The same with a stage that is built another way.
    pub(super) fn with(law: Law, subject: &'a Subject<In, Out>, add: &AddStage<In, Out>, plan: Plan) -> Self {
        let end = End::new(subject.numbers.clone());
        let builder = before(Pipeline::builder(), plan.before);
        let mut builder = add(builder, plan.gate).transform(end.clone());
        if plan.wake_after {
            builder = builder.wake();
        }
        let (door, pipeline) = builder
            .concurrency(usize::MAX)
            .effect_free()
            .service(end.clone())
            .lanes(plan.lanes)
            .front(plan.front)
            .spawn();
        Self {
            law,
            subject,
            door,
            pipeline: Some(pipeline),
            end,
            ledger: Arc::default(),
            next: BTreeMap::new(),
        }
    }

    /// Sends the next element of a route, as soon as the front door is ready.
    pub(super) async fn send(&mut self, route: RouteId) -> Enqueued {
        match self.law.soon("the front door took an element", self.door.ready()).await {
            Ok(_) => self.call(route),
            Err(error) => self.law.broken(&format!("the front door refused an element: {}", words(&error))),
        }
    }

    /// Sends the next element of a route if the front door is ready before nothing moves any more.
    pub(super) async fn try_send(&mut self, route: RouteId) -> Option<Enqueued> {
        let ready = tokio::select! {
            biased;
            ready = self.door.ready() => ready.is_ok(),
            () = time_passes() => false,
        };
        ready.then(|| self.call(route))
    }

    /// Sends many, the routes taking turns.
    pub(super) async fn send_all(&mut self, routes: &[RouteId], each: usize) -> Vec<Enqueued> {
        let mut sent = Vec::with_capacity(routes.len() * each);
        for _ in 0..each {
            for route in routes {
                sent.push(self.send(*route).await);
            }
        }
        sent
    }

    /// Sends the payload that the stage never gets done with, if there is one.
    pub(super) async fn send_stuck(&mut self, route: RouteId) -> Option<Enqueued> {
        let payload = self.subject.stuck.as_ref()?(route);
        match self.law.soon("the front door took an element", self.door.ready()).await {
            Ok(_) => Some(self.give(route, None, payload)),
            Err(error) => self.law.broken(&format!("the front door refused an element: {}", words(&error))),
        }
    }

    /// Sends the payload that the stage fails at, if there is one.
    pub(super) async fn send_bad(&mut self, route: RouteId) -> Option<Enqueued> {
        let payload = self.subject.fails.as_ref()?(route);
        match self.law.soon("the front door took an element", self.door.ready()).await {
            Ok(_) => Some(self.give(route, None, payload)),
            Err(error) => self.law.broken(&format!("the front door refused an element: {}", words(&error))),
        }
    }

    fn call(&mut self, route: RouteId) -> Enqueued {
        let next = self.next.entry(route).or_default();
        let number = *next;
        *next += 1;
        self.give(route, Some(number), (self.subject.input)(route, number))
    }

    fn give(&mut self, route: RouteId, number: Option<u64>, payload: In) -> Enqueued {
        let token = self.ledger.enter(route, number, payload.weight().max(1));
        let observer = Observer::new(self.ledger.clone(), token);
        self.door.call(Routed::new(route, payload).observed_by(observer))
    }

    /// How many of a route were sent.
    pub(super) fn sent(&self, route: RouteId) -> u64 {
        self.next.get(&route).copied().unwrap_or(0)
    }

    /// Waits until all of these are flushed.
    pub(super) async fn flushed(&self, what: &str, sent: Vec<Enqueued>) {
        for enqueued in sent {
            let flushed = async { enqueued.await?.flushed().await };
            if let Err(error) = self.law.soon(what, flushed).await {
                self.law.broken(&format!("instead of waiting until {what}: {}", words(&error)));
            }
        }
    }

    /// Waits for a marker.
    pub(super) async fn drained(&self, scope: Scope, drained: Drained) {
        let what = format!("the marker of {scope:?} was acknowledged");
        if let Err(error) = self.law.soon(&what, drained).await {
            self.law.broken(&format!("the marker of {scope:?} was swallowed: {}", words(&error)));
        }
    }
}

/// An error with its causes.
pub(super) fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn before<In: Weigh + Send + 'static>(builder: Builder<In, In>, before: Before) -> Builder<In, In> {
    let pass = service_fn(|envelope: Envelope<In>| async { Ok::<_, BoxError>(envelope) });
    match before {
        Before::Nothing => builder,
        Before::Gate(gate) => builder.watermarks(gate).service(pass).wake(),
        Before::Fault(set) => builder.service(service_fn(move |envelope: Envelope<In>| {
            let fails = set.load(Ordering::Relaxed);
            async move { if fails { Err(BoxError::from(FAULT)) } else { Ok(envelope) } }
        })),
    }
}
