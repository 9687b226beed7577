//! The law of effects.

use super::Subject;
use super::rig::{Plan, Rig};
use super::subject::AddStage;
use super::trial::Law;
use crate::{RouteId, Weigh};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

const LAW: Law = Law("effects");

/// What a store saw of a route.
type Write = (RouteId, Vec<u64>);

/// A store that takes its time, and remembers what it saw: hand it to the stage on trial, in the place of its own.
///
/// The later of two writes that run side by side is seen first; so one that must not be seen first has to wait.
#[derive(Clone, Debug, Default)]
pub struct Store {
    seen: Arc<Mutex<Vec<Write>>>,
    begun: Arc<Mutex<u64>>,
}

impl Store {
    /// Writes what these elements of a route became. It is seen when this returns.
    pub async fn put(&self, route: RouteId, numbers: Vec<u64>) {
        let begun = {
            let mut begun = self.begun.lock();
            *begun += 1;
            *begun
        };
        tokio::time::sleep(Duration::from_millis(1000 - begun % 1000)).await;
        self.seen.lock().push((route, numbers));
    }
}

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

/// A stage over the kit's store.
pub(super) type OverStore<In, Out> = Box<dyn Fn(Store) -> AddStage<In, Out>>;

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
    let seen = store.seen.lock().clone();
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
