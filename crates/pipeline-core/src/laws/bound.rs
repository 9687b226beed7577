//! The law of the bound.

use super::Subject;
use super::rig::{Plan, Rig};
use super::trial::Law;
use crate::{Gate, Levels, RouteId, Weigh};

const LAW: Law = Law("the bound");

/// # Bound
///
/// What is held is bounded, in bytes, whatever the source offers: before a shut end, and behind an element that is
/// stuck in the stage. Once the end opens, all of it leaves.
///
/// # Panics
/// If the stage breaks it.
pub fn bound<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    LAW.trial(before_a_shut_end(subject));
    LAW.trial(behind_a_stuck_element(subject));
}

/// A pipeline with little room, and what it may hold at most.
fn tight<In, Out>(subject: &Subject<In, Out>) -> (Plan, u64)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let weight = subject.weight();
    let front = Levels { high: 6 * weight, low: 3 * weight };
    let plan = Plan { front, gate: Gate::new(subject.tight()), ..Plan::new(1) };
    (plan, front.high + subject.wakes.unwrap_or(0))
}

/// Offers elements of these routes until no more are taken, or far too many were.
async fn offer<In, Out>(rig: &mut Rig<'_, In, Out>, routes: &[RouteId], limit: u64) -> Vec<crate::Enqueued>
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut sent = Vec::new();
    let mut heaviest = 0;
    for route in routes.iter().cycle() {
        let before = rig.ledger.outstanding();
        let Some(enqueued) = rig.try_send(*route).await else { break };
        sent.push(enqueued);
        let outstanding = rig.ledger.outstanding();
        heaviest = heaviest.max(outstanding.saturating_sub(before));
        // One element over at the front door, and one over at a gate of the stage.
        LAW.holds(outstanding <= limit + 2 * heaviest, || {
            format!(
                "{} elements of {outstanding} bytes piled up, where {limit} bytes are the limit",
                sent.len()
            )
        });
    }
    sent
}

async fn before_a_shut_end<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let (plan, limit) = tight(subject);
    let mut rig = Rig::start(LAW, subject, plan);
    let sent = offer(&mut rig, &[0, 1, 2].map(RouteId), limit).await;
    rig.end.open();
    rig.flushed("all that was taken in was flushed", sent).await;
    let held = rig.door.gate().held();
    LAW.holds(held == 0, || format!("{held} bytes are held at the front door after the last flush ack"));
}

async fn behind_a_stuck_element<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let (plan, limit) = tight(subject);
    let mut rig = Rig::start(LAW, subject, plan);
    rig.end.open();
    let Some(_stuck) = rig.send_stuck(RouteId(0)).await else { return };
    let _behind = offer(&mut rig, &[RouteId(0)], limit).await;
}
