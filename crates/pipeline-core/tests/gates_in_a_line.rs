//! Gates that stand somewhere in a line: nobody has to tell the builder.

mod stages;

use futures::future::try_join_all;
use pipeline_core::gate::Entry;
use pipeline_core::{BoxError, Envelope, Gate, Levels, Pipeline, RouteId, Routed, WatermarkLayer};
use stages::{Batcher, Rows};
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

const NEVER: Duration = Duration::from_secs(1_000_000);

async fn pass(envelope: Envelope<Rows>) -> Result<Envelope<Rows>, BoxError> {
    Ok(envelope)
}

/// A service with a gate inside, as a spool has.
#[derive(Clone)]
struct Room(Entry);

impl Service<Envelope<Rows>> for Room {
    type Response = Envelope<Rows>;
    type Error = BoxError;
    type Future = Ready<Result<Envelope<Rows>, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx).map(Ok)
    }

    fn call(&mut self, mut envelope: Envelope<Rows>) -> Self::Future {
        let lease = self.0.enter(1);
        envelope.owed.hold(lease);
        ready(Ok(envelope))
    }
}

fn row(route: u64, number: u64) -> Routed<Rows> {
    Routed::new(RouteId(route), Rows(vec![number]))
}

#[tokio::test(start_paused = true)]
async fn a_batcher_feels_a_gate_inside_a_service_before_it() {
    for lanes in [1, 3] {
        let gate = Gate::new(Levels { high: 10, low: 5 });
        let (mut sink, pipeline) = Pipeline::builder::<Rows>()
            .lanes(lanes)
            .service(Room(gate.entry()))
            .wake()
            .transform(Batcher { rows: 1_000_000, age: NEVER })
            .spawn();
        // Nothing but the gate makes the batcher let go.
        for number in 0..100 {
            let call = sink.ready().await.unwrap().call(row(number % 7, number));
            let _receipt =
                tokio::time::timeout(Duration::from_secs(60), call).await.expect("it comes in").unwrap();
        }
        pipeline.close().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_in_a_plain_service_builder_is_felt_too() {
    let layer = WatermarkLayer::new(Levels { high: 10 * Rows::WEIGHT, low: Rows::WEIGHT });
    let service = ServiceBuilder::new().layer(layer).service(service_fn(pass));
    let batcher = Batcher { rows: 1_000_000, age: NEVER };
    let (mut sink, pipeline) = Pipeline::builder().service(service).wake().transform(batcher).spawn();
    for number in 0..100 {
        let call = sink.ready().await.unwrap().call(row(0, number));
        let _receipt =
            tokio::time::timeout(Duration::from_secs(60), call).await.expect("it comes in").unwrap();
    }
    pipeline.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_same_gate_at_two_places_lets_those_pass_that_hold_a_lease_of_it() {
    let gate = Gate::new(Levels { high: 3 * Rows::WEIGHT, low: Rows::WEIGHT });
    let (sink, pipeline) = Pipeline::builder::<Rows>()
        .watermarks(gate.clone())
        .concurrency(8)
        .service(service_fn(async |envelope: Envelope<Rows>| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            pass(envelope).await
        }))
        .watermarks(gate.clone())
        .service(service_fn(pass))
        .spawn();
    // Several are behind the first place at once, so that the gate is shut when they come to the second.
    let callers = (0..50).map(|number| {
        let mut sink = sink.clone();
        async move { sink.ready().await?.call(row(number, number)).await?.flushed().await }
    });
    let flushed = tokio::time::timeout(Duration::from_secs(60), try_join_all(callers)).await;
    flushed.expect("no deadlock").unwrap();
    assert_eq!(gate.held(), 0);
    assert!(gate.peak() <= 4 * Rows::WEIGHT, "nobody pays twice: {}", gate.peak());
    pipeline.close().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wake_without_a_gate_before_it_is_bounded_by_the_front_door() {
    let stuck = service_fn(|envelope: Envelope<Rows>| async move {
        std::future::pending::<()>().await;
        Ok::<_, BoxError>(envelope)
    });
    let front = Levels { high: 10 * Rows::WEIGHT, low: Rows::WEIGHT };
    let (mut sink, _pipeline) = Pipeline::builder::<Rows>().front(front).wake().service(stuck).spawn();
    let mut taken = 0;
    while let Ok(ready) = tokio::time::timeout(Duration::from_secs(60), sink.ready()).await {
        let _receipt = ready.unwrap().call(row(taken, taken)).await.unwrap();
        taken += 1;
        assert!(taken < 100, "nothing bounds what is enqueued");
    }
    assert_eq!(taken, 11);
}

#[tokio::test(start_paused = true)]
async fn a_batcher_behind_a_wake_without_a_gate_feels_the_front_door() {
    let front = Levels { high: 10 * Rows::WEIGHT, low: Rows::WEIGHT };
    let batcher = Batcher { rows: 1_000_000, age: NEVER };
    let (mut sink, pipeline) = Pipeline::builder().front(front).wake().transform(batcher).spawn();
    for number in 0..100 {
        let ready = tokio::time::timeout(Duration::from_secs(60), sink.ready()).await.expect("it comes in");
        let _receipt = ready.unwrap().call(row(0, number)).await.unwrap();
    }
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn who_waits_at_the_front_door_is_counted_once() {
    let never = service_fn(|_: Envelope<Vec<u8>>| std::future::pending::<Result<Envelope<()>, BoxError>>());
    let front = Levels { high: 10, low: 5 };
    let (mut sink, _pipeline) = Pipeline::builder().front(front).service(never).spawn();
    drop(sink.ready().await.unwrap().call(Routed::new(RouteId(1), vec![0; 11])));
    for _ in 0..3 {
        assert!(futures::poll!(sink.ready()).is_pending());
    }
    assert_eq!(sink.gate().suppressed(), 1);
}
