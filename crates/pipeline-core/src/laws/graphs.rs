//! Every law that can be seen from outside, in pipelines at random.

use super::Subject;
use super::rig::{Before, Plan, Rig};
use super::trial::Law;
use crate::{Drained, Enqueued, Gate, Levels, RouteId, Scope, Weigh};
use std::time::Duration;

const LAW: Law = Law("every graph");

/// # Every graph
///
/// The stage in so many pipelines at random: lanes, a gate before it, levels at the front door, where the wake is, and
/// what is done to it: elements of several routes, markers, pauses, an end that opens for one route or for all. Out
/// as in, per route; what a marker was acknowledged for is durable; all is flushed in the end.
///
/// The seeds are 0 to `graphs`, so that a failure comes again; the message names it.
///
/// # Panics
/// If the stage breaks it.
pub fn random_graphs<In, Out>(subject: &Subject<In, Out>, graphs: u64)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for seed in 0..graphs {
        LAW.trial(one(subject, Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)), seed));
    }
}

/// Random enough, and the same every time: splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn levels(&mut self, weight: u64) -> Levels {
        let (one, other) = (self.roll(30) * weight, self.roll(30) * weight);
        Levels { high: one.max(other), low: one.min(other) }
    }
}

fn plan(dice: &mut Dice, weight: u64, wakes: bool) -> Plan {
    let lanes = 1 + dice.roll(4) as usize;
    let front = dice.levels(weight);
    let before = match dice.roll(2) {
        0 if !wakes => Before::Gate(Gate::new(dice.levels(weight))),
        _ => Before::Nothing,
    };
    Plan { front, before, wake_after: !wakes && dice.roll(2) == 0, ..Plan::new(lanes) }
}

async fn one<In, Out>(subject: &Subject<In, Out>, mut dice: Dice, seed: u64)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let plan = plan(&mut dice, subject.weight(), subject.wakes.is_some());
    let mut rig = Rig::start(LAW, subject, plan);
    let mut sent: Vec<Enqueued> = Vec::new();
    let mut markers: Vec<(Scope, usize, Drained)> = Vec::new();
    for _ in 0..20 + dice.roll(80) {
        let route = RouteId(dice.roll(5));
        match dice.roll(16) {
            0..12 => match rig.try_send(route).await {
                Some(enqueued) => sent.push(enqueued),
                // Shut, and nothing moves: then the end has to open.
                None => rig.end.open(),
            },
            12 => markers.push((Scope::Route(route), sent.len(), rig.door.drain(Scope::Route(route)))),
            13 => markers.push((Scope::All, sent.len(), rig.door.drain(Scope::All))),
            14 => tokio::time::sleep(Duration::from_millis(dice.roll(10_000))).await,
            _ => rig.end.change(|opening| opening.routes.extend([route])),
        }
    }
    rig.end.open();
    for (scope, before, drained) in markers {
        rig.drained(scope, drained).await;
        for entry in rig.ledger.entries().iter().take(before) {
            let concerned = scope == Scope::All || scope == Scope::Route(entry.route);
            LAW.holds(!concerned || entry.is_flushed(), || {
                format!("seed {seed}: the marker of {scope:?} was acknowledged, and {entry} before it is not flushed")
            });
        }
    }
    rig.flushed(&format!("all that was sent was flushed (seed {seed})"), sent).await;
    for route in (0..5).map(RouteId) {
        let outputs = rig.end.outputs().into_iter().filter(|(of, _)| *of == route);
        let out: Vec<u64> = outputs.flat_map(|(_, numbers)| numbers).collect();
        LAW.holds((0..rig.sent(route)).eq(out.iter().copied()), || {
            format!("seed {seed}: in went {} of {route}, out came {out:?}", rig.sent(route))
        });
    }
    let held = rig.door.gate().held();
    LAW.holds(held == 0, || format!("seed {seed}: {held} bytes are held at the front door in the end"));
}
