//! What a graph is made of, and what is done to it.

use super::seen::Seen;
use crate::stages::{Batcher, Rows, slow};
use pipeline_core::{BoxError, Builder, Envelope, FrontDoor, Gate, Levels, Pipeline, RouteId, Scope};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use tower::service_fn;

/// A pipeline to be.
#[derive(Clone, Debug)]
pub struct Graph {
    lanes: usize,
    front: Levels,
    stages: Vec<Stage>,
    /// After which stage the enqueue ack is given.
    wake: Option<usize>,
    /// The element that a service fails at.
    pub bad: Option<(RouteId, u64)>,
}

#[derive(Clone, Debug)]
enum Stage {
    Service { concurrency: usize, per_route: usize, seed: u64, gate: Option<Levels>, fails: bool },
    Batcher(Batcher),
}

/// What is done to it.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Sends the next element of a route; the caller waits for its acks, or goes.
    Send { route: RouteId, heard: bool },
    /// Sends a marker; the caller waits for it, or goes.
    Drain { scope: Scope, heard: bool },
    /// Lets time pass, in milliseconds.
    Wait(u64),
}

/// A gate of the running pipeline, and the most it may ever hold.
pub struct Limit {
    pub gate: Gate,
    pub peak: u64,
}

fn route() -> impl Strategy<Value = RouteId> {
    (0_u64..5).prop_map(RouteId)
}

fn levels() -> impl Strategy<Value = Levels> {
    (0_u64..300, 0_u64..300).prop_map(|(one, other)| Levels { high: one.max(other), low: one.min(other) })
}

impl Stage {
    fn any() -> impl Strategy<Value = Self> {
        let limits = (1_usize..=8, 1_usize..=4, any::<u64>(), proptest::option::of(levels()), any::<bool>());
        let service = limits.prop_map(|(concurrency, per_route, seed, gate, fails)| Self::Service {
            concurrency,
            per_route,
            seed,
            gate,
            fails,
        });
        let batcher = (1_usize..12, prop_oneof![Just(20_u64), Just(100_000)])
            .prop_map(|(rows, age)| Self::Batcher(Batcher { rows, age: Duration::from_millis(age) }));
        prop_oneof![3 => service, 1 => batcher]
    }
}

impl Step {
    pub fn any() -> impl Strategy<Value = Self> {
        let heard = || proptest::bool::weighted(0.8);
        let scope = prop_oneof![3 => route().prop_map(Scope::Route), 1 => Just(Scope::All)];
        prop_oneof![
            12 => (route(), heard()).prop_map(|(route, heard)| Self::Send { route, heard }),
            2 => (scope, heard()).prop_map(|(scope, heard)| Self::Drain { scope, heard }),
            2 => (0_u64..60).prop_map(Self::Wait),
        ]
    }
}

impl Graph {
    pub fn any() -> impl Strategy<Value = Self> {
        let stages = proptest::collection::vec(Stage::any(), 1..=5);
        let wake = proptest::option::weighted(0.7, 0_usize..5);
        let bad = proptest::option::weighted(0.3, (route(), 0_u64..10));
        (1_usize..=3, levels(), stages, wake, bad).prop_map(|(lanes, front, stages, wake, bad)| Self {
            lanes,
            front,
            stages,
            wake,
            bad,
        })
    }

    /// Whether a stage is there that fails at the bad element.
    pub fn can_fail(&self) -> bool {
        self.stages.iter().any(|stage| matches!(stage, Stage::Service { fails: true, .. }))
    }

    /// Starts it. What comes to its end is seen.
    pub fn build(&self, seen: Arc<Seen>) -> (FrontDoor<Rows>, Pipeline, Vec<Limit>) {
        let mut builder = Pipeline::builder();
        let mut limits = Vec::new();
        // The most rows that one element has here.
        let mut rows = 1;
        for (place, stage) in self.stages.iter().enumerate() {
            builder = match *stage {
                Stage::Service { concurrency, per_route, seed, gate, fails } => {
                    if let Some(levels) = gate {
                        let heaviest = rows * Rows::WEIGHT;
                        let peak = levels.high + heaviest * self.lanes as u64;
                        limits.push(Limit { gate: Gate::new(levels), peak });
                    }
                    let gate = gate.and(limits.last()).map(|limit| limit.gate.clone());
                    let bad = self.bad.filter(|_| fails);
                    service(
                        builder.concurrency(concurrency).effect_free().per_route(per_route),
                        gate,
                        seed,
                        bad,
                    )
                }
                Stage::Batcher(batcher) => {
                    rows += batcher.rows as u64 - 1;
                    builder.transform(batcher)
                }
            };
            if self.wake == Some(place) {
                builder = builder.wake();
            }
        }
        let (door, pipeline) = builder.transform(seen).lanes(self.lanes).front(self.front).spawn();
        limits.push(Limit { gate: door.gate().clone(), peak: self.front.high + Rows::WEIGHT });
        (door, pipeline, limits)
    }
}

fn service(
    builder: Builder<Rows, Rows>,
    gate: Option<Gate>,
    seed: u64,
    bad: Option<(RouteId, u64)>,
) -> Builder<Rows, Rows> {
    let slow = slow(seed);
    let service = service_fn(move |envelope: Envelope<Rows>| {
        let fails = bad
            .is_some_and(|(route, number)| envelope.route == route && envelope.payload.0.contains(&number));
        let call = slow(envelope);
        async move {
            let envelope = call.await?;
            if fails { Err(BoxError::from(format!("call {seed} failed"))) } else { Ok(envelope) }
        }
    });
    match gate {
        Some(gate) => builder.watermarks(gate).service(service),
        None => builder.service(service),
    }
}
