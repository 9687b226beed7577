//! The law of the two stages.

use super::Subject;
use super::rig::{Plan, Rig};
use super::trial::{Law, time_passes};
use crate::{RouteId, Weigh};

const LAW: Law = Law("two stages");

/// # Two stages
///
/// The enqueue ack comes exactly once, in its place, and never after the flush ack. The flush ack implies it. It
/// never counts as one.
///
/// # Panics
/// If the stage breaks it.
pub fn two_stages<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        if subject.wakes.is_none() {
            LAW.trial(acks(subject, lanes, Place::AtTheFlush));
            LAW.trial(acks(subject, lanes, Place::BehindTheStage));
        } else {
            LAW.trial(acks(subject, lanes, Place::InTheStage));
        }
    }
}

/// Where the enqueue ack is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    InTheStage,
    BehindTheStage,
    AtTheFlush,
}

async fn acks<In, Out>(subject: &Subject<In, Out>, lanes: usize, place: Place)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let wake_after = place == Place::BehindTheStage;
    let mut rig = Rig::start(LAW, subject, Plan { wake_after, ..Plan::new(lanes) });
    let sent = rig.send_all(&[0, 1, 2].map(RouteId), 12).await;
    time_passes().await;
    for entry in rig.ledger.entries() {
        LAW.holds(entry.settled.is_empty(), || format!("{entry} was settled while the end was shut"));
        match place {
            Place::InTheStage => LAW.holds(entry.enqueued == 1, || {
                format!("the stage gives the enqueue ack, and gave it to {entry} {} times", entry.enqueued)
            }),
            Place::BehindTheStage => LAW.holds(entry.enqueued == 1, || {
                format!("{entry} did not come to the enqueue ack behind the stage")
            }),
            Place::AtTheFlush => LAW.holds(entry.enqueued == 0, || {
                format!("{entry} was enqueued by a stage that does not say it gives the enqueue ack")
            }),
        }
    }
    rig.end.open();
    rig.flushed("all that was sent was flushed", sent).await;
    for entry in rig.ledger.entries() {
        LAW.holds(entry.enqueued == 1, || format!("{entry} was enqueued {} times", entry.enqueued));
        LAW.holds(!entry.late, || format!("{entry} was enqueued after it was settled"));
        LAW.holds(entry.settled.len() == 1, || format!("{entry} was settled {} times", entry.settled.len()));
    }
}
