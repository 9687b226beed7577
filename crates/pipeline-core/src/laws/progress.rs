//! The law of progress.

use super::Subject;
use super::rig::{Before, Plan, Rig, words};
use super::trial::Law;
use crate::{Gate, Levels, RouteId, Scope, Weigh};

const LAW: Law = Law("progress");

/// # Progress
///
/// Whoever holds elements lets them go without new input: after a while, before a marker, when the input ends, and
/// when the gate before it is shut: a batcher that waits at a shut gate while it holds data waits for ever.
///
/// # Panics
/// If the stage breaks it.
pub fn progress<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        LAW.trial(after_a_while(subject, lanes));
        LAW.trial(before_a_marker(subject, lanes));
        LAW.trial(at_the_end_of_the_input(subject, lanes));
        LAW.trial(at_a_shut_gate(subject, lanes));
    }
}

const ROUTES: [RouteId; 3] = [RouteId(0), RouteId(1), RouteId(2)];

async fn after_a_while<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    rig.end.open();
    for _ in 0..3 {
        let lone = vec![rig.send(RouteId(5)).await];
        rig.flushed("a lone element was flushed without new input", lone).await;
    }
    let few = rig.send_all(&ROUTES, 2).await;
    rig.flushed("a few elements were flushed without new input", few).await;
}

async fn before_a_marker<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    rig.end.open();
    let few = rig.send_all(&ROUTES, 3).await;
    for scope in [Scope::Route(ROUTES[1]), Scope::All, Scope::All] {
        let marker = rig.door.drain(scope);
        rig.drained(scope, marker).await;
    }
    rig.flushed("what was before the markers was flushed", few).await;
}

async fn at_the_end_of_the_input<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    rig.end.open();
    let _few = rig.send_all(&ROUTES, 5).await;
    if let Some(pipeline) = rig.pipeline.take()
        && let Err(error) = LAW.soon("the closed pipeline came to its end", pipeline.close()).await
    {
        LAW.broken(&format!("closing failed: {}", words(&error)));
    }
    if let Some(left) = rig.ledger.find(|entry| !entry.is_flushed()) {
        LAW.broken(&format!("the pipeline was closed, and {left} was not flushed"));
    }
}

async fn at_a_shut_gate<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let weight = subject.weight();
    let gate = Gate::new(Levels { high: 4 * weight, low: weight });
    let mut rig = Rig::start(LAW, subject, Plan { before: Before::Gate(gate), ..Plan::new(lanes) });
    rig.end.open();
    let sent = rig.send_all(&ROUTES, 20).await;
    rig.flushed("all that waited at a shut gate was flushed", sent).await;
}
