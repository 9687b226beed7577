//! The law of effects.

use super::Subject;
use super::rig::{Plan, Rig};
use super::store::Store;
use super::subject::OverStore;
use super::trial::Law;
use crate::{RouteId, Weigh};

const LAW: Law = Law("effects");

/// # Effects
///
/// What a store sees of one route comes in the order of the route, and has been seen when the receipt is flushed:
/// whatever runs side by side.
///
/// Tried only where the subject says how its stage is built over a store ([`Subject::effects`]).
///
/// # Panics
/// If the stage breaks it.
pub fn effects<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let Some(over) = &subject.over_store else { return };
    for lanes in [1, 3] {
        LAW.trial(seen_in_order(subject, over, lanes));
    }
}

async fn seen_in_order<In, Out>(subject: &Subject<In, Out>, over: &OverStore<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let store = Store::default();
    let mut rig = Rig::with(LAW, subject, &over(store.clone()), Plan::new(lanes));
    rig.end.open();
    let routes = [0, 1, 2].map(RouteId);
    let mut sent = rig.send_all(&routes[..1], 5).await;
    sent.extend(rig.send_all(&routes, 15).await);
    rig.flushed("all that was sent was flushed", sent).await;
    let seen = store.seen();
    for route in routes {
        let numbers: Vec<u64> =
            seen.iter().filter(|(of, _)| *of == route).flat_map(|(_, numbers)| numbers.clone()).collect();
        let in_order = (0..rig.sent(route)).eq(numbers.iter().copied());
        LAW.holds(in_order, || {
            format!(
                "0 to {} of {route} went in and were flushed, the store saw {numbers:?}",
                rig.sent(route) - 1
            )
        });
    }
}
