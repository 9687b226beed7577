//! The law of fate, for an error of the stage's own.

use super::Subject;
use super::rig::{Plan, Rig, words};
use super::trial::Law;
use crate::{ErrorKind, RouteId, Scope, Weigh};

const LAW: Law = Law("fate, for an error of its own");

/// # Fate, for an error of the stage's own
///
/// When the stage fails at an element, that element's waiter and all others hear of it as the failure that it is, and
/// not of a loss.
///
/// Tried only where the subject makes a payload that the stage fails at ([`Subject::fails`]).
///
/// # Panics
/// If the stage breaks it.
pub fn own_error<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    if subject.fails.is_some() {
        for lanes in [1, 3] {
            LAW.trial(all_hear_of_it(subject, lanes));
        }
    }
}

async fn all_hear_of_it<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    let mut sent = rig.send_all(&[0, 1, 2].map(RouteId), 3).await;
    sent.extend(rig.send_bad(RouteId(1)).await);
    let marker = rig.door.drain(Scope::Route(RouteId(1)));
    let mut heard = Vec::new();
    for enqueued in sent {
        let flushed = async { enqueued.await?.flushed().await };
        match LAW.soon("every receipt was settled", flushed).await {
            Ok(()) => LAW.broken("a receipt was flushed by a pipeline that failed"),
            Err(error) => heard.push(error),
        }
    }
    match LAW.soon("the marker was settled", marker).await {
        Ok(()) => LAW.broken("a marker was acknowledged behind an element that the stage failed at"),
        Err(error) => heard.push(error),
    }
    for error in &heard {
        LAW.holds(error.kind() == ErrorKind::Failed && words(error) == words(&heard[0]), || {
            format!("one was told \"{}\" and another \"{}\"", words(&heard[0]), words(error))
        });
    }
}
