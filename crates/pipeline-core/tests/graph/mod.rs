//! Graphs of stages at random, what is done to them, and what must be seen.

mod checks;
mod plan;
mod seen;

pub use plan::{Graph, Step};

use crate::stages::Rows;
use pipeline_core::{Drained, Error, Observer, RouteId, Routed, Scope};
use seen::{MarkerSent, Seen};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tower::{Service, ServiceExt};

/// On the paused clock: who is not done by then waits for ever.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// Runs a script through a graph, and checks the laws on what was seen.
pub fn run(graph: &Graph, script: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime starts");
    let done = runtime.block_on(async { tokio::time::timeout(FOREVER, drive(graph, script)).await });
    assert!(done.is_ok(), "something hangs");
}

async fn drive(graph: &Graph, script: &[Step]) {
    let seen = Arc::new(Seen::default());
    let (mut door, mut pipeline, limits) = graph.build(seen.clone());
    let mut sent: BTreeMap<RouteId, u64> = BTreeMap::new();
    let (mut receipts, mut markers, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for step in script {
        match *step {
            Step::Send { route, heard } => {
                if let Err(error) = door.ready().await {
                    errors.push(error);
                    break;
                }
                let observer = Observer::new(seen.clone(), seen.send(route));
                let number = sent.entry(route).or_default();
                let enqueued = door.call(Routed::new(route, Rows(vec![*number])).observed_by(observer));
                *number += 1;
                if heard {
                    receipts.push(tokio::spawn(async { enqueued.await?.flushed().await }));
                }
            }
            Step::Drain { scope, heard } => {
                let before = sent.clone();
                seen.markers.lock().unwrap().push(MarkerSent { scope, before });
                let drained = door.drain(scope);
                if heard {
                    markers.push(tokio::spawn(drained_is_durable(
                        drained,
                        scope,
                        seen.tokens(scope),
                        seen.clone(),
                    )));
                }
            }
            Step::Wait(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
        }
    }
    drop(door);
    let end = pipeline.finished().await;
    for waiter in receipts.into_iter().chain(markers) {
        errors.extend(waiter.await.expect("a waiter does not panic").err());
    }
    errors.iter().for_each(|error| checks::is_first_error(error, &end));
    let bad_was_sent =
        graph.bad.is_some_and(|(route, number)| sent.get(&route).is_some_and(|sent| *sent > number));
    assert_eq!(end.is_err(), bad_was_sent && graph.can_fail(), "it ends as its stages do: {end:?}");
    checks::order(&seen, end.is_ok());
    checks::markers(&seen, end.is_ok());
    checks::receipts(&seen, &end);
    for limit in limits {
        let (held, peak) = (limit.gate.held(), limit.gate.peak());
        assert_eq!(held, 0, "bytes are held after the end");
        assert!(peak <= limit.peak, "{peak} bytes were held, and at most {} may be", limit.peak);
    }
}

/// Drain: when a marker is acknowledged, everything that was sent before it in its scope is flushed.
async fn drained_is_durable(
    drained: Drained,
    scope: Scope,
    before: Vec<usize>,
    seen: Arc<Seen>,
) -> Result<(), Error> {
    drained.await?;
    for token in before {
        assert!(seen.is_flushed(token), "{scope:?} was acknowledged before element {token}");
    }
    Ok(())
}
