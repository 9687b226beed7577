//! The law of the gate.

use super::Subject;
use super::rig::{Before, Plan, Rig};
use super::trial::{Law, ROOMY, time_passes};
use crate::{Gate, Levels, RouteId, Weigh};

const LAW: Law = Law("the gate");

/// # Gate
///
/// What passes a gate is paid for until its flush ack: above high the gate shuts, it opens again, what is held
/// exceeds high by at most one element per lane, and an element heavier than the whole limit still passes. Nobody
/// is left asleep, and nothing is held in the end.
///
/// Tried with a gate before the stage, and with the stage's own if it has one.
///
/// # Panics
/// If the stage breaks it.
pub fn gate<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        LAW.trial(each_place(subject, lanes, Place::Before));
        if subject.gated {
            LAW.trial(each_place(subject, lanes, Place::Within));
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Before,
    Within,
}

const ROUTES: [RouteId; 3] = [RouteId(0), RouteId(1), RouteId(2)];

fn plan(lanes: usize, place: Place, gate: &Gate) -> Plan {
    let plan = Plan::new(lanes);
    match place {
        Place::Before => Plan { before: Before::Gate(gate.clone()), ..plan },
        Place::Within => Plan { gate: gate.clone(), ..plan },
    }
}

async fn each_place<In, Out>(subject: &Subject<In, Out>, lanes: usize, place: Place)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let weights = paid_until_the_ack(subject, lanes, place).await;
    let heaviest = weights.iter().copied().max().unwrap_or(1);
    let total: u64 = weights.iter().sum();
    let overshoot = heaviest * lanes as u64;
    shut_and_opened(subject, lanes, place, Levels { high: total / 3, low: total / 6 }, overshoot).await;
    heavier_than_the_limit(subject, lanes, place, overshoot).await;
}

/// What each element is charged, with room for all.
async fn paid_until_the_ack<In, Out>(subject: &Subject<In, Out>, lanes: usize, place: Place) -> Vec<u64>
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let gate = Gate::new(ROOMY);
    let mut rig = Rig::start(LAW, subject, plan(lanes, place, &gate));
    let (mut sent, mut weights) = (Vec::new(), Vec::new());
    for round in 0..24 {
        let before = gate.held();
        sent.push(rig.send(ROUTES[round % ROUTES.len()]).await);
        time_passes().await;
        let now = gate.held();
        LAW.holds(now > before, || {
            format!("an element came in and what is held went from {before} to {now} bytes, with no flush ack given")
        });
        weights.push(now - before);
    }
    rig.end.open();
    rig.flushed("all that was sent was flushed", sent).await;
    LAW.holds(gate.held() == 0, || format!("{} bytes are held after the last flush ack", gate.held()));
    weights
}

async fn shut_and_opened<In, Out>(
    subject: &Subject<In, Out>,
    lanes: usize,
    place: Place,
    levels: Levels,
    overshoot: u64,
) where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let gate = Gate::new(levels);
    let mut rig = Rig::start(LAW, subject, plan(lanes, place, &gate));
    let sent = rig.send_all(&ROUTES, 8).await;
    time_passes().await;
    LAW.holds(gate.is_shut(), || {
        format!(
            "{} elements wait before a shut end, and the gate is open at {} bytes",
            sent.len(),
            gate.held()
        )
    });
    let mut passed = 0;
    while passed < rig.end.outputs().len() {
        passed += 1;
        rig.end.change(|opening| opening.first = passed);
        time_passes().await;
        let (held, waiting) = (gate.held(), gate.waiting());
        LAW.holds(!gate.is_shut() || held > levels.low, || format!("the gate is shut at {held} bytes"));
        LAW.holds(gate.is_shut() || waiting == 0, || {
            format!("the gate is open and {waiting} sleep before it")
        });
    }
    rig.flushed("all that waited at the gate was flushed", sent).await;
    LAW.holds(gate.peak() <= levels.high + overshoot, || {
        format!("{} bytes were held at once, with high at {} and {lanes} lanes", gate.peak(), levels.high)
    });
    LAW.holds(gate.held() == 0, || format!("{} bytes are held after the last flush ack", gate.held()));
}

async fn heavier_than_the_limit<In, Out>(
    subject: &Subject<In, Out>,
    lanes: usize,
    place: Place,
    overshoot: u64,
) where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    // Every payload weighs at least one byte: none is below this limit.
    let gate = Gate::new(Levels { high: 0, low: 0 });
    let mut rig = Rig::start(LAW, subject, plan(lanes, place, &gate));
    rig.end.open();
    let sent = rig.send_all(&ROUTES, 3).await;
    rig.flushed("elements heavier than the limit passed the gate one by one", sent).await;
    LAW.holds(gate.peak() <= overshoot, || format!("{} bytes were held at once", gate.peak()));
}
