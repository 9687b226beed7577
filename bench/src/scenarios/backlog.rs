//! A million unflushed events: what table progress and the gate cost for each.

use crate::figures::{machine, median};
use crate::options::Options;
use change_event::CommitTs;
use dispatcher::TableProgress;
use pipeline_core::{BoxError, Gate, Levels};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::hint::black_box;
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

const ROUNDS: usize = 9;

pub(crate) fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let events = options.size(options.rows, 1_000_000);
    // One after the other; then in any order.
    let in_order = of_progress(events, |done| done);
    let shuffled = of_progress(events, |done| done.wrapping_mul(6_364_136_223_846_793_005) >> 20);
    let gate = Gate::new(Levels { high: u64::MAX / 2, low: 0 });
    let mut entry = gate.entry();
    let mut cx = Context::from_waker(Waker::noop());
    let mut enter = || match entry.poll_ready(&mut cx) {
        Poll::Ready(()) => Ok(entry.enter(100)),
        Poll::Pending => Err("the gate is open"),
    };
    let mut leases: VecDeque<_> = (0..events).map(|_| enter()).collect::<Result<_, _>>()?;
    let mut of_gate = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..events {
            leases.push_back(enter()?);
            drop(leases.pop_front());
        }
        of_gate.push(begun.elapsed().as_nanos() as f64 / events as f64);
    }
    let mut report = machine()?;
    report.insert("scenario".into(), json!(options.scenario.name()));
    report.insert("events_in_flight".into(), json!(events));
    report.insert("progress_add_and_remove_ns".into(), json!(in_order));
    report.insert("progress_add_and_remove_in_any_order_ns".into(), json!(shuffled));
    report.insert("gate_enter_and_release_ns".into(), json!(median(of_gate)));
    Ok(report)
}

/// Nanoseconds to add an event and remove one of those that are there: for each, `which` says which one.
fn of_progress(events: u64, which: impl Fn(u64) -> u64) -> f64 {
    let progress = TableProgress::new();
    let mut tokens: Vec<u64> = (0..events).map(|ts| progress.add(CommitTs(ts))).collect();
    let rounds = (1..=ROUNDS as u64).map(|round| {
        let begun = Instant::now();
        for done in 0..events {
            let new = progress.add(CommitTs(round * events + done));
            let old = std::mem::replace(&mut tokens[(which(round * events + done) % events) as usize], new);
            black_box(progress.remove(old));
        }
        begun.elapsed().as_nanos() as f64 / events as f64
    });
    median(rounds.collect())
}
