//! The law of the marker.

use super::Subject;
use super::end::Seen;
use super::rig::{Plan, Rig};
use super::trial::Law;
use crate::{RouteId, Scope, Weigh};
use std::collections::{BTreeMap, VecDeque};

const LAW: Law = Law("the marker");

/// # Marker
///
/// Forwarded exactly once. It overtakes nothing of its route and is overtaken by nothing.
///
/// # Panics
/// If the stage breaks it.
pub fn marker<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        LAW.trial(each_in_its_place(subject, lanes));
    }
}

/// A marker that was sent: whose, and how many elements of each route went before it.
struct Sent {
    scope: Scope,
    before: BTreeMap<RouteId, u64>,
}

async fn each_in_its_place<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    rig.end.open();
    let routes = [0, 1, 2, 3].map(RouteId);
    let lone = RouteId(99);
    let mut sent = Vec::new();
    let mut markers = Vec::new();
    let mut waits = Vec::new();
    for round in 0..24_usize {
        sent.extend(rig.send_all(&routes[round % 3..], 1).await);
        let scopes = [
            (round % 3 == 1).then_some(Scope::Route(routes[round % 4])),
            (round % 7 == 3).then_some(Scope::All),
            (round % 10 == 5).then_some(Scope::Route(lone)),
        ];
        for scope in scopes.into_iter().flatten() {
            let before = routes.iter().map(|route| (*route, rig.sent(*route))).collect();
            markers.push(Sent { scope, before });
            waits.push((scope, rig.door.drain(scope)));
        }
    }
    for (scope, wait) in waits {
        rig.drained(scope, wait).await;
    }
    rig.flushed("all that was sent was flushed", sent).await;
    let seen = rig.end.seen();
    for lane in 0..lanes {
        check_lane(lane, lanes, &seen, &markers);
    }
}

/// Follows one lane's output, element by element.
fn check_lane(lane: usize, lanes: usize, seen: &[Seen], markers: &[Sent]) {
    let comes_here = |marker: &&Sent| match marker.scope {
        Scope::All => true,
        Scope::Route(route) => route.lane(lanes) == lane,
    };
    let mut due: VecDeque<&Sent> = markers.iter().filter(comes_here).collect();
    let mut out: BTreeMap<RouteId, u64> = BTreeMap::new();
    for seen in seen {
        match seen {
            Seen::Data { lane: of, route, numbers } if *of == lane => {
                *out.entry(*route).or_default() += numbers.len() as u64;
                let waiting = due.iter().filter(|marker| concerns(marker.scope, *route));
                for marker in waiting {
                    let before = marker.before.get(route).copied().unwrap_or(0);
                    let late = numbers.iter().find(|number| **number >= before);
                    LAW.holds(late.is_none(), || {
                        format!(
                            "element {} of {route} overtook a marker of {:?}",
                            late.unwrap_or(&0),
                            marker.scope
                        )
                    });
                }
            }
            Seen::Marker { lane: of, scope } if *of == lane => {
                let place = due.iter().position(|marker| marker.scope == *scope);
                let Some(marker) = place.and_then(|place| due.remove(place)) else {
                    LAW.broken(&format!("a marker of {scope:?} came out that never went in"));
                };
                for (route, before) in marker.before.iter() {
                    let out = out.get(route).copied().unwrap_or(0);
                    let of_this_lane = concerns(*scope, *route) && route.lane(lanes) == lane;
                    LAW.holds(!of_this_lane || out >= *before, || {
                        format!("a marker of {scope:?} overtook {} elements of {route}", before - out)
                    });
                }
            }
            Seen::Data { .. } | Seen::Marker { .. } => {}
        }
    }
    LAW.holds(due.is_empty(), || format!("{} markers did not come out of lane {lane}", due.len()));
}

fn concerns(scope: Scope, route: RouteId) -> bool {
    match scope {
        Scope::All => true,
        Scope::Route(of) => of == route,
    }
}
