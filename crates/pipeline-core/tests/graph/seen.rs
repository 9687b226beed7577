//! What was seen of a run: acknowledgements, and what came to the end of each lane.

use crate::stages::Rows;
use futures::StreamExt;
use pipeline_core::{Element, ElementStream, Envelope, Error, Lane, Observe, RouteId, Scope, Transform};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// An element that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub route: RouteId,
    pub enqueued: usize,
    pub settled: Vec<Result<(), Error>>,
}

/// A marker that was sent: how many elements of each route went before it.
#[derive(Clone, Debug)]
pub struct MarkerSent {
    pub scope: Scope,
    pub before: BTreeMap<RouteId, u64>,
}

/// What came to the end of a lane.
#[derive(Clone, Debug)]
pub enum Out {
    Data(RouteId, Vec<u64>),
    Marker(Scope),
}

#[derive(Default)]
pub struct Seen {
    /// In order of the calls; an element's token is its index.
    pub sent: Mutex<Vec<Sent>>,
    pub markers: Mutex<Vec<MarkerSent>>,
    pub lanes: Mutex<BTreeMap<usize, Vec<Out>>>,
}

impl Seen {
    pub fn send(&self, route: RouteId) -> u64 {
        let mut sent = self.sent.lock().unwrap();
        sent.push(Sent { route, enqueued: 0, settled: Vec::new() });
        sent.len() as u64 - 1
    }

    /// The tokens of what was sent so far in a scope.
    pub fn tokens(&self, scope: Scope) -> Vec<usize> {
        let sent = self.sent.lock().unwrap();
        (0..sent.len()).filter(|token| concerns(scope, sent[*token].route)).collect()
    }

    pub fn is_flushed(&self, token: usize) -> bool {
        matches!(self.sent.lock().unwrap()[token].settled.first(), Some(Ok(())))
    }
}

pub fn concerns(scope: Scope, route: RouteId) -> bool {
    match scope {
        Scope::All => true,
        Scope::Route(of) => of == route,
    }
}

impl Observe for Seen {
    fn enqueued(&self, token: u64) {
        let sent = &mut self.sent.lock().unwrap()[token as usize];
        sent.enqueued += 1;
        assert!(sent.settled.is_empty(), "an enqueue ack after the end");
    }

    fn settled(&self, token: u64, outcome: Result<(), Error>) {
        self.sent.lock().unwrap()[token as usize].settled.push(outcome);
    }
}

impl Transform<Rows> for Arc<Seen> {
    type Out = Rows;

    fn join(&self, upstream: ElementStream<Rows>, lane: &Lane) -> ElementStream<Rows> {
        let seen = self.clone();
        let lane = lane.index;
        Box::pin(upstream.inspect(move |item| {
            let out = match item {
                Ok(Element::Data(Envelope { route, payload, .. })) => Out::Data(*route, payload.0.clone()),
                Ok(Element::Drain(marker)) => Out::Marker(marker.scope()),
                Err(_) => return,
            };
            seen.lanes.lock().unwrap().entry(lane).or_default().push(out);
        }))
    }
}
