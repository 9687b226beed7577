//! Every law on stages that keep them.

mod stages;

use pipeline_core::laws::{self, Subject};
use pipeline_core::{BoxError, Envelope, Levels, RouteId, WatermarkLayer};
use stages::{Batcher, Rows, slow};
use std::time::Duration;
use tower::service_fn;

fn row(_route: RouteId, number: u64) -> Rows {
    Rows(vec![number])
}

fn numbers(rows: &Rows) -> Vec<u64> {
    rows.0.clone()
}

async fn pass(envelope: Envelope<Rows>) -> Result<Envelope<Rows>, BoxError> {
    Ok(envelope)
}

#[test]
fn a_service_that_does_nothing_keeps_every_law() {
    laws::check_all(&Subject::new(|builder| builder.service(service_fn(pass)), row, numbers));
}

#[test]
fn a_slow_concurrent_service_keeps_every_law() {
    let stage = |concurrency, per_route| {
        move |builder: pipeline_core::Builder<Rows, Rows>| {
            builder.concurrency(concurrency).effect_free().per_route(per_route).service(service_fn(slow(7)))
        }
    };
    for (concurrency, per_route) in [(1, 1), (4, 2), (8, 8)] {
        laws::check_all(&Subject::new(stage(concurrency, per_route), row, numbers));
    }
}

#[test]
fn a_stuck_call_holds_up_its_own_route_only() {
    const STUCK: u64 = u64::MAX;
    let stage = service_fn(|envelope: Envelope<Rows>| async move {
        if envelope.payload.0 == [STUCK] {
            std::future::pending::<()>().await;
        }
        Ok::<_, BoxError>(envelope)
    });
    let subject = Subject::new(
        move |builder| builder.concurrency(4).effect_free().per_route(2).service(stage),
        row,
        numbers,
    );
    laws::check_all(&subject.stuck(|_| Rows(vec![STUCK])));
}

#[test]
fn a_stack_of_layers_with_a_gate_keeps_every_law() {
    let stage = |builder: pipeline_core::Builder<Rows, Rows>, gate: pipeline_core::Gate| {
        builder
            .layer(WatermarkLayer::new(Levels { high: 1 << 20, low: 1 << 19 }))
            .watermarks(gate)
            .concurrency(3)
            .service(service_fn(slow(1)))
            .wake()
            .service(service_fn(slow(2)))
    };
    laws::check_all(&Subject::gated(stage, row, numbers).wakes(12 * Rows::WEIGHT));
}

#[test]
fn a_batcher_keeps_every_law() {
    for rows in [1, 4, 1000] {
        let batcher = Batcher { rows, age: Duration::from_secs(5) };
        laws::check_all(&Subject::new(move |builder| builder.transform(batcher), row, numbers));
    }
}

#[test]
fn a_gate_before_a_batcher_keeps_every_law() {
    let stage = |builder: pipeline_core::Builder<Rows, Rows>, gate: pipeline_core::Gate| {
        builder
            .watermarks(gate)
            .service(service_fn(pass))
            .transform(Batcher { rows: 1000, age: Duration::from_secs(5) })
            .concurrency(2)
            .service(service_fn(slow(3)))
    };
    laws::check_all(&Subject::gated(stage, row, numbers));
}
