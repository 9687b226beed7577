//! The law of the drain.

use super::Subject;
use super::rig::{Plan, Rig};
use super::trial::{Law, time_passes};
use crate::{Drained, RouteId, Scope, Weigh};
use futures::poll;
use std::pin::Pin;
use std::task::Poll;

const LAW: Law = Law("the drain");

/// # Drain
///
/// When a marker is acknowledged, everything before it in its scope (one route, or all) is durable. A marker of one
/// route does not wait for another.
///
/// # Panics
/// If the stage breaks it.
pub fn drain<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        LAW.trial(acknowledged_is_durable(subject, lanes));
    }
}

async fn acknowledged_is_durable<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    let routes @ [one, other] = [0, 1].map(RouteId);
    let before = rig.send_all(&routes, 7).await;
    let mut of_one = rig.door.drain(Scope::Route(one));
    let mut of_other = rig.door.drain(Scope::Route(other));
    let between = rig.send_all(&routes, 3).await;
    let mut of_all = rig.door.drain(Scope::All);
    let after = rig.send_all(&routes, 3).await;
    time_passes().await;
    for (wait, scope) in [(&mut of_one, "one route"), (&mut of_other, "another"), (&mut of_all, "all")] {
        still_on_its_way(wait, scope).await;
    }
    rig.end.change(|opening| opening.routes.extend([one]));
    rig.drained(Scope::Route(one), of_one).await;
    for entry in rig.ledger.entries().iter().filter(|entry| entry.route == one).take(7) {
        LAW.holds(entry.is_flushed(), || {
            format!("a marker was acknowledged and {entry} before it was not flushed")
        });
    }
    time_passes().await;
    still_on_its_way(&mut of_other, "the route whose elements are held").await;
    still_on_its_way(&mut of_all, "all while a route's elements are held").await;
    rig.end.open();
    rig.drained(Scope::Route(other), of_other).await;
    rig.drained(Scope::All, of_all).await;
    for entry in rig.ledger.entries().iter().take(before.len() + between.len()) {
        LAW.holds(entry.is_flushed(), || {
            format!("all routes' marker was acknowledged and {entry} was not flushed")
        });
    }
    rig.flushed("what came after the markers was flushed", after).await;
}

async fn still_on_its_way(wait: &mut Drained, scope: &str) {
    match poll!(Pin::new(wait)) {
        Poll::Pending => {}
        Poll::Ready(Ok(())) => LAW.broken(&format!("the marker of {scope} was acknowledged too early")),
        Poll::Ready(Err(_)) => LAW.broken(&format!("the marker of {scope} was swallowed")),
    }
}
