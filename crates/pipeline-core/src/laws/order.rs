//! The law of order.

use super::Subject;
use super::rig::{Plan, Rig};
use super::trial::Law;
use crate::{RouteId, Weigh};

const LAW: Law = Law("order");

/// # Order
///
/// Per route, out as in: nothing twice, nothing left out. Across routes there is no order, and no waiting: a route
/// that is stuck, or that nothing more comes for, holds up no other.
///
/// # Panics
/// If the stage breaks it.
pub fn order<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        LAW.trial(out_as_in(subject, lanes));
    }
    LAW.trial(no_route_waits_for_another(subject));
    LAW.trial(no_route_waits_for_a_stuck_one(subject));
}

async fn out_as_in<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    rig.end.open();
    let routes = [0, 1, 2, 3].map(RouteId);
    let mut sent = Vec::new();
    for round in 0..12 {
        // Bursts of one route, and turns of all.
        sent.extend(rig.send_all(&routes[round % 4..=round % 4], round % 5).await);
        sent.extend(rig.send_all(&routes, 2).await);
    }
    rig.flushed("all that was sent was flushed", sent).await;
    for route in routes {
        let outputs = rig.end.outputs().into_iter().filter(|(of, _)| *of == route);
        let out: Vec<u64> = outputs.flat_map(|(_, numbers)| numbers).collect();
        let first_wrong = (0..).zip(&out).find(|(place, number)| place != *number);
        LAW.holds(first_wrong.is_none() && out.len() as u64 == rig.sent(route), || {
            format!("in went 0 to {} on {route}, out came {out:?}", rig.sent(route) - 1)
        });
    }
}

async fn no_route_waits_for_another<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(1));
    let (held, free) = (RouteId(0), [1, 2].map(RouteId));
    rig.end.change(|opening| opening.routes.extend(free));
    let _waiting = rig.send_all(&[held], 3).await;
    let sent = rig.send_all(&free, 20).await;
    rig.flushed("all of the free routes was flushed while another was held at the end", sent).await;
}

async fn no_route_waits_for_a_stuck_one<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(1));
    rig.end.open();
    let (stuck, free) = (RouteId(0), [1, 2].map(RouteId));
    let Some(_stuck) = rig.send_stuck(stuck).await else { return };
    let _behind = rig.send_all(&[stuck], 20).await;
    let sent = rig.send_all(&free, 20).await;
    rig.flushed("all of the free routes was flushed while another was stuck in the stage", sent).await;
}
