//! Streams in, streams out.

use futures::{SinkExt, StreamExt, TryStreamExt, stream};
use pipeline_core::{
    BoxError, Envelope, Error, ErrorKind, Pipeline, RouteId, Routed, Routes, Through, TryThrough,
};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tower::service_fn;

fn routed(route: u64, number: u64) -> (u64, Routed<Vec<u8>>) {
    (number, Routed::new(RouteId(route), number.to_be_bytes().to_vec()))
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().unwrap())
}

#[tokio::test(start_paused = true)]
async fn progress_is_contiguous_whatever_order_routes_finish_in() {
    // What is durable, as a bit mask of a kind: the sum tells whether all below a token is.
    let stored = Arc::new(parking_lot::Mutex::new(vec![false; 500]));
    let log = stored.clone();
    let store = service_fn(move |envelope: Envelope<Vec<u8>>| {
        let log = log.clone();
        async move {
            let number = number(&envelope.payload);
            tokio::time::sleep(Duration::from_millis(number * 7919 % 100)).await;
            log.lock()[number as usize] = true;
            Ok::<_, BoxError>(envelope)
        }
    });
    let (sink, pipeline) = Pipeline::builder().wake().service(store).spawn();
    let items = stream::iter((0..500).map(|number| routed(number % 13, number)));
    let mut durable = items.through(sink);
    let mut last = None;
    while let Some(token) = durable.next().await {
        let token = token.unwrap();
        assert!(last < Some(token), "it moves on");
        let stored = stored.lock();
        let first_missing = stored.iter().position(|stored| !stored).unwrap_or(500);
        assert!((token as usize) < first_missing, "{token} was said, {first_missing} is not stored");
        last = Some(token);
    }
    assert_eq!(last, Some(499));
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn one_stuck_route_holds_the_progress_and_an_error_ends_it() {
    let store = service_fn(|envelope: Envelope<Vec<u8>>| async move {
        match number(&envelope.payload) {
            5 => pending::<()>().await,
            99 => return Err(BoxError::from("on fire")),
            _ => {}
        }
        Ok(envelope)
    });
    let (sink, _pipeline) = Pipeline::builder().named("store").service(store).spawn();
    let items = stream::iter((0..100).map(|number| routed(number % 10, number)));
    let said: Vec<_> = items.through(sink).collect().await;
    let (error, tokens) = said.split_last().unwrap();
    assert!(tokens.iter().all(|token| *token.as_ref().unwrap() < 5), "{tokens:?}");
    assert_eq!(error.as_ref().unwrap_err().stage(), Some("store"));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_breaks_is_told_when_everything_before_is_durable() {
    let stored = Arc::new(AtomicU64::new(0));
    let count = stored.clone();
    let store = service_fn(move |envelope: Envelope<Vec<u8>>| {
        let count = count.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(number(&envelope.payload) % 7)).await;
            count.fetch_add(1, Ordering::Relaxed);
            Ok::<_, BoxError>(envelope)
        }
    });
    let (sink, pipeline) = Pipeline::builder().service(store).spawn();
    let items =
        (0..100).map(|number| if number == 40 { Err("torn") } else { Ok(routed(number % 5, number)) });
    let durable = stream::iter(items).try_through(sink).map_err(|error| error.to_string());
    let seen: Vec<Result<u64, String>> = durable.collect().await;
    assert_eq!(stored.load(Ordering::Relaxed), 40, "what came before it, and nothing after");
    assert_eq!(seen[seen.len() - 2..], [Ok(39), Err("torn".to_owned())]);
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn a_pipeline_that_fails_under_a_source_is_told_at_once() {
    let store =
        service_fn(|_: Envelope<Vec<u8>>| async { Err::<Envelope<()>, _>(BoxError::from("on fire")) });
    let (sink, _pipeline) = Pipeline::builder().named("store").service(store).spawn();
    let endless = stream::iter(0..).map(|number| Ok::<_, BoxError>(routed(1, number)));
    let end = endless.try_through(sink).try_collect::<Vec<u64>>().await.unwrap_err();
    let end = end.downcast::<Error>().unwrap();
    assert_eq!(format!("{end:?}"), "Failed: the stage `store` failed: on fire");
}

#[tokio::test]
async fn what_is_discarded_does_not_hold_the_progress_up() {
    let (sink, pipeline) =
        Pipeline::builder::<Vec<u8>>().filter("odd", |bytes| number(bytes).is_multiple_of(2)).spawn();
    let items = stream::iter((0..10).map(|number| routed(number, number)));
    let last = items.through(sink).collect::<Vec<_>>().await.pop().unwrap().unwrap();
    assert_eq!(last, 9);
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn a_front_door_is_a_sink_that_is_flushed_when_all_is_durable() {
    let stored = Arc::new(AtomicU64::new(0));
    let count = stored.clone();
    let store = service_fn(move |envelope: Envelope<Vec<u8>>| {
        let count = count.clone();
        async move {
            tokio::task::yield_now().await;
            count.fetch_add(1, Ordering::Relaxed);
            Ok::<_, BoxError>(envelope)
        }
    });
    let (door, pipeline) = Pipeline::builder().wake().service(store).spawn();
    let mut sink = door.into_sink();
    for round in 1..=3 {
        for number in 0..20 {
            sink.feed(routed(number % 3, number).1).await.unwrap();
        }
        sink.flush().await.unwrap();
        assert_eq!(stored.load(Ordering::Relaxed), 20 * round);
    }
    pipeline.close().await.unwrap();
    assert_eq!(sink.send(routed(0, 0).1).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn a_key_has_one_route_and_a_route_one_key() {
    let mut routes: Routes<String> = Routes::new();
    let (a, b) = (routes.of("a"), routes.of("b"));
    assert!(a != b && routes.of("a") == a);
    routes.forget("a");
    assert!(![a, b].contains(&routes.of("a")), "a route is never used twice");
    assert_eq!(routes.len(), 2);
}
