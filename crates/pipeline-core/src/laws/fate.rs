//! The law of fate.

use super::Subject;
use super::end::END_FAULT;
use super::rig::{Before, FAULT, Plan, Rig, words};
use super::trial::{Law, time_passes};
use crate::{Error, ErrorKind, Gate, Levels, RouteId, Scope, Weigh};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tower::ServiceExt;

const LAW: Law = Law("fate");

/// # Fate
///
/// One failed stage fails the pipeline: every outstanding receipt, marker and later call gets the first error.
/// Nothing hangs, and nothing stays held.
///
/// # Panics
/// If the stage breaks it.
pub fn fate<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        for cause in [Cause::StageBefore, Cause::End, Cause::Dropped] {
            LAW.trial(all_share_it(subject, lanes, cause));
        }
        for cause in [Cause::End, Cause::Dropped] {
            LAW.trial(who_waits_to_come_in_hears_of_it(subject, lanes, cause));
        }
    }
}

/// What ends the pipeline.
#[derive(Clone, Copy, Debug)]
enum Cause {
    StageBefore,
    End,
    Dropped,
}

impl Cause {
    /// Checks that somebody heard of this, and of nothing else.
    fn is_told(self, who: &str, heard: &Error) {
        let (kind, source) = match self {
            Cause::StageBefore => (ErrorKind::Failed, Some(FAULT)),
            Cause::End => (ErrorKind::Failed, Some(END_FAULT)),
            Cause::Dropped => (ErrorKind::Closed, None),
        };
        let heard_source = std::error::Error::source(heard).map(ToString::to_string);
        LAW.holds(heard.kind() == kind && heard_source.as_deref() == source, || {
            format!("{who} was told \"{}\", and the first error was {self:?}", words(heard))
        });
    }
}

const ROUTES: [RouteId; 3] = [RouteId(0), RouteId(1), RouteId(2)];

async fn all_share_it<In, Out>(subject: &Subject<In, Out>, lanes: usize, cause: Cause)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let fault = Arc::new(AtomicBool::new(false));
    let before = Before::Fault(fault.clone());
    let mut rig = Rig::start(LAW, subject, Plan { before, ..Plan::new(lanes) });
    let mut sent = rig.send_all(&ROUTES, 6).await;
    time_passes().await;
    // While a marker of all routes waits for the end, the stage before gets nothing more and cannot fail.
    let scopes = match cause {
        Cause::StageBefore => [Scope::Route(ROUTES[1]), Scope::Route(ROUTES[0])],
        Cause::End | Cause::Dropped => [Scope::All, Scope::Route(ROUTES[0])],
    };
    let markers = scopes.map(|scope| rig.door.drain(scope));
    sent.extend(rig.send_all(&ROUTES, 2).await);
    match cause {
        Cause::StageBefore => {
            fault.store(true, Ordering::Relaxed);
            sent.push(rig.send(ROUTES[0]).await);
        }
        Cause::End => rig.end.change(|opening| opening.fails = true),
        Cause::Dropped => rig.pipeline = None,
    }
    for enqueued in sent {
        let flushed = async { enqueued.await?.flushed().await };
        match LAW.soon("every receipt was settled", flushed).await {
            Ok(()) => LAW.broken("a receipt was flushed by a pipeline that failed"),
            Err(error) => cause.is_told("a receipt", &error),
        }
    }
    for marker in markers {
        match LAW.soon("every marker was settled", marker).await {
            Ok(()) => LAW.broken("a marker was acknowledged by a pipeline that failed"),
            Err(error) => cause.is_told("a marker", &error),
        }
    }
    match LAW.soon("a later call was refused", rig.door.ready()).await {
        Ok(_) => LAW.broken("a later call was let in"),
        Err(error) => cause.is_told("a later call", &error),
    }
    if let Some(pipeline) = &mut rig.pipeline {
        match LAW.soon("the pipeline came to its end", pipeline.finished()).await {
            Ok(()) => LAW.broken("the pipeline ended well"),
            Err(error) => cause.is_told("the pipeline's owner", &error),
        }
    }
    time_passes().await;
    for entry in rig.ledger.entries() {
        LAW.holds(entry.settled.len() == 1, || format!("{entry} was settled {} times", entry.settled.len()));
        if let Some(Err(error)) = entry.settled.first() {
            cause.is_told("an observer", error);
        }
    }
    let held = rig.door.gate().held();
    LAW.holds(held == 0, || format!("{held} bytes are held at the front door after the end"));
}

async fn who_waits_to_come_in_hears_of_it<In, Out>(subject: &Subject<In, Out>, lanes: usize, cause: Cause)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let front = Levels { high: subject.weight(), low: 0 };
    let gate = Gate::new(subject.tight());
    let mut rig = Rig::start(LAW, subject, Plan { front, gate, ..Plan::new(lanes) });
    let mut sent = Vec::new();
    while let Some(enqueued) = rig.try_send(ROUTES[0]).await {
        sent.push(enqueued);
        // The law of the bound looks into it; here it only means that nobody ever waits.
        if sent.len() > 10_000 {
            return;
        }
    }
    let mut door = rig.door.clone();
    let waiting = tokio::spawn(async move { door.ready().await.map(drop) });
    time_passes().await;
    match cause {
        Cause::StageBefore => unreachable!("nothing gets to the stage before while the front door is shut"),
        Cause::End => rig.end.change(|opening| opening.fails = true),
        Cause::Dropped => rig.pipeline = None,
    }
    match LAW.soon("a waiting call was refused", waiting).await {
        Ok(Err(error)) => cause.is_told("a waiting call", &error),
        Ok(Ok(())) => LAW.broken("a waiting call was let in"),
        Err(error) => LAW.broken(&format!("a waiting call ended with {error}")),
    }
}
