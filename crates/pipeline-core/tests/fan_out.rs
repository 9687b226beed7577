//! One input, two lines.

mod stages;

use futures::future;
use pipeline_core::{
    BoxError, Envelope, Gate, Levels, Pipeline, RouteId, Routed, Scope, WatermarkLayer, laws, laws::Subject,
};
use stages::{Batcher, Rows};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test(start_paused = true)]
async fn an_element_is_flushed_when_both_lines_are_done_with_it_and_one_drain_goes_through_both() {
    let counts = [Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0))];
    let store = |line: usize, millis: u64| {
        let count = counts[line].clone();
        service_fn(move |envelope: Envelope<Rows>| {
            let count = count.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                count.fetch_add(envelope.payload.0.len() as u64, Ordering::Relaxed);
                Ok::<_, BoxError>(envelope)
            }
        })
    };
    let (mut sink, pipeline) = Pipeline::builder::<Rows>()
        .lanes(2)
        .fan_out(
            |fast| fast.wake().named("fast").service(store(0, 1)),
            |slow| slow.wake().transform(Batcher { rows: 4, age: DAY }).named("slow").service(store(1, 1000)),
        )
        .spawn();
    let mut receipts = Vec::new();
    for number in 0..20 {
        let call = sink.ready().await.unwrap().call(Routed::new(RouteId(number % 3), Rows(vec![number])));
        receipts.push(call.await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(counts[0].load(Ordering::Relaxed), 20, "the fast line does not wait for the slow one");
    assert!(receipts.iter().all(|receipt| !receipt.is_flushed()));
    sink.drain(Scope::All).await.unwrap();
    assert_eq!(counts[1].load(Ordering::Relaxed), 20);
    for receipt in receipts {
        receipt.flushed().await.unwrap();
    }
    pipeline.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn pressure_comes_from_the_slower_line() {
    let gate = Gate::new(Levels { high: 5 * Rows::WEIGHT, low: Rows::WEIGHT });
    let stuck = service_fn(|envelope: Envelope<Rows>| async move {
        future::pending::<()>().await;
        Ok::<_, BoxError>(envelope)
    });
    let pass = || service_fn(|envelope: Envelope<Rows>| future::ok::<_, BoxError>(envelope));
    let (mut sink, _pipeline) = Pipeline::builder::<Rows>()
        .layer(WatermarkLayer::with_gate(gate.clone()))
        .service(pass())
        .wake()
        .fan_out(|fast| fast.service(pass()), |slow| slow.service(stuck))
        .spawn();
    let mut woken = 0;
    for number in 0..100 {
        let call = sink.ready().await.unwrap().call(Routed::new(RouteId(0), Rows(vec![number])));
        if tokio::time::timeout(DAY, call).await.is_err() {
            break;
        }
        woken += 1;
    }
    assert_eq!(woken, 6);
    assert!(gate.peak() <= 6 * Rows::WEIGHT);
}

#[tokio::test]
async fn a_line_that_fails_fails_both() {
    let fails = service_fn(|_: Envelope<Rows>| future::err::<Envelope<Rows>, _>(BoxError::from("on fire")));
    let pass = service_fn(|envelope: Envelope<Rows>| future::ok::<_, BoxError>(envelope));
    let builder = Pipeline::builder::<Rows>();
    let (mut sink, pipeline) =
        builder.fan_out(|one| one.service(pass), |two| two.named("two").service(fails)).spawn();
    let call = sink.ready().await.unwrap().call(Routed::new(RouteId(0), Rows(vec![0])));
    assert_eq!(call.await.unwrap_err().stage(), Some("two"));
    pipeline.close().await.unwrap_err();
}

#[test]
fn a_gate_before_a_fan_out_into_batchers_makes_progress() {
    let stage = |builder: pipeline_core::Builder<Rows, Rows>, gate: Gate| {
        let pass = service_fn(|envelope: Envelope<Rows>| future::ok::<_, BoxError>(envelope));
        builder.watermarks(gate).service(pass).flat_map(|rows| [rows])
    };
    laws::check_all(&Subject::gated(stage, |_, number| Rows(vec![number]), |rows| rows.0.clone()));
}
