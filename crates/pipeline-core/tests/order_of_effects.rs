//! What a store sees of a route comes in order, and routes do not wait for each other.

use pipeline_core::{BoxError, Envelope, Pipeline, RouteId, Routed, Scope};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

#[tokio::test(start_paused = true)]
async fn a_store_sees_a_routes_writes_in_order_whatever_the_concurrency() {
    let seen = Arc::<Mutex<Vec<(u64, u64)>>>::default();
    let log = seen.clone();
    // The later the write, the sooner it would come.
    let store = service_fn(move |envelope: Envelope<Vec<u8>>| {
        let log = log.clone();
        async move {
            let number = u64::from(envelope.payload[0]);
            tokio::time::sleep(Duration::from_millis(100 - number)).await;
            log.lock().unwrap().push((envelope.route.0, number));
            Ok::<_, BoxError>(envelope)
        }
    });
    let (mut sink, pipeline) = Pipeline::builder().concurrency(8).service(store).spawn();
    for number in 0..16_u8 {
        for route in 0..3 {
            let _enqueued = sink.ready().await.unwrap().call(Routed::new(RouteId(route), vec![number]));
        }
    }
    pipeline.close().await.unwrap();
    let seen = seen.lock().unwrap();
    for route in 0..3 {
        let of_one = seen.iter().filter(|(of, _)| *of == route).map(|(_, number)| *number);
        assert!(of_one.eq(0..16), "{seen:?}");
    }
    let beside = seen.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
    assert!(beside > 20, "routes went side by side: {seen:?}");
}

/// One stuck route of a thousand, with sixteen elements.
async fn thousand_routes_and_a_stuck_one(concurrency: usize, effect_free: bool) {
    let store = service_fn(|envelope: Envelope<Vec<u8>>| async move {
        if envelope.route == RouteId(0) {
            pending::<()>().await;
        }
        Ok::<_, BoxError>(envelope)
    });
    let mut builder = Pipeline::builder().concurrency(concurrency);
    if effect_free {
        builder = builder.effect_free().per_route(16);
    }
    let (mut sink, _pipeline) = builder.service(store).spawn();
    let mut calls = Vec::new();
    for _ in 0..16 {
        calls.push(sink.ready().await.unwrap().call(Routed::new(RouteId(0), vec![0])));
    }
    for route in 1..1000 {
        let call = sink.ready().await.unwrap().call(Routed::new(RouteId(route), vec![0]));
        call.await.unwrap().flushed().await.unwrap();
    }
    sink.drain(Scope::Route(RouteId(999))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stuck_route_never_takes_every_place() {
    for concurrency in [2, 4, 16, 64] {
        for effect_free in [false, true] {
            let others = thousand_routes_and_a_stuck_one(concurrency, effect_free);
            let done = tokio::time::timeout(Duration::from_secs(60), others).await;
            done.expect("the others do not wait for the stuck one");
        }
    }
}

#[tokio::test]
async fn a_stage_that_changes_a_route_is_told_where_it_did() {
    for lanes in [1, 2] {
        let moves = service_fn(|mut envelope: Envelope<Vec<u8>>| async move {
            envelope.route = RouteId(envelope.route.0 + 1);
            Ok::<_, BoxError>(envelope)
        });
        let (mut sink, pipeline) = Pipeline::builder().lanes(lanes).named("mover").service(moves).spawn();
        let call = sink.ready().await.unwrap().call(Routed::new(RouteId(4), vec![0]));
        let error = call.await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(error.stage(), Some("mover"));
        assert!(source.contains("from 4 to 5"), "{source}");
        pipeline.close().await.unwrap_err();
    }
}
