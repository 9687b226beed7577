//! The law of the receipt.

use super::Subject;
use super::rig::{Plan, Rig};
use super::trial::{Law, time_passes};
use crate::{RouteId, Weigh};
use std::collections::BTreeSet;

const LAW: Law = Law("the receipt");

/// # Receipt
///
/// Flushed only after the end of the line said so. Every other end is *lost*; nothing is forgotten, and nothing
/// forgotten is counted as delivered.
///
/// # Panics
/// If the stage breaks it.
pub fn receipt<In, Out>(subject: &Subject<In, Out>)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    for lanes in [1, 3] {
        LAW.trial(flushed_are_those_that_passed(subject, lanes));
    }
}

async fn flushed_are_those_that_passed<In, Out>(subject: &Subject<In, Out>, lanes: usize)
where
    In: Weigh + Send + 'static,
    Out: Send + 'static,
{
    let mut rig = Rig::start(LAW, subject, Plan::new(lanes));
    let sent = rig.send_all(&[0, 1, 2].map(RouteId), 12).await;
    time_passes().await;
    if let Some(lost) = rig.ledger.find(|entry| entry.is_lost()) {
        LAW.broken(&format!("{lost} was lost, though nothing failed"));
    }
    let outputs = rig.end.outputs();
    let out: usize = outputs.iter().map(|(_, numbers)| numbers.len()).sum();
    LAW.holds(out == sent.len(), || format!("{} elements went in, {out} came out", sent.len()));
    for passed in 0..=outputs.len() / 2 {
        rig.end.change(|opening| opening.first = passed);
        time_passes().await;
        let passed = outputs[..passed].iter();
        let passed: BTreeSet<(RouteId, u64)> =
            passed.flat_map(|(route, numbers)| numbers.iter().map(|number| (*route, *number))).collect();
        for entry in rig.ledger.entries() {
            let has_passed = entry.number.is_some_and(|number| passed.contains(&(entry.route, number)));
            LAW.holds(has_passed || !entry.is_flushed(), || {
                format!("{entry} was flushed before it passed the end")
            });
            LAW.holds(!has_passed || entry.is_flushed(), || {
                format!("{entry} passed the end, and is not flushed: what is owed for it was leaked")
            });
        }
    }
    drop(rig.pipeline);
    time_passes().await;
    if let Some(leaked) = rig.ledger.find(|entry| entry.settled.is_empty()) {
        LAW.broken(&format!(
            "{leaked} was leaked: the pipeline is gone, and it was neither flushed nor lost"
        ));
    }
    for enqueued in sent {
        // How each ends is in the ledger; here, that each does.
        let _end = LAW.soon("every receipt was settled", async { enqueued.await?.flushed().await }).await;
    }
    for entry in rig.ledger.entries() {
        LAW.holds(entry.settled.len() == 1, || format!("{entry} was settled {} times", entry.settled.len()));
    }
    let flushed = rig.ledger.entries().iter().filter(|entry| entry.is_flushed()).count();
    let passed: usize = outputs[..outputs.len() / 2].iter().map(|(_, numbers)| numbers.len()).sum();
    LAW.holds(flushed == passed, || format!("{passed} elements passed the end, {flushed} were flushed"));
}
