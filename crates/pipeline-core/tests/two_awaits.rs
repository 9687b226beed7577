//! The two-stage acknowledgement, the marker and the gate, through the public front door.

use pipeline_core::{BoxError, Envelope, ErrorKind, Gate, Levels, Pipeline, RouteId, Routed, Scope};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower::{Service, ServiceExt, service_fn};

const ROUTE: RouteId = RouteId(7);

fn routed(text: &str) -> Routed<String> {
    Routed::new(ROUTE, text.to_owned())
}

#[tokio::test]
async fn the_enqueue_ack_comes_first_and_the_flush_ack_after_the_store() {
    let store = Arc::new(Semaphore::new(0));
    let wait = store.clone();
    let (mut sink, pipeline) = Pipeline::builder::<String>()
        .wake()
        .service(service_fn(move |envelope: Envelope<String>| {
            let wait = wait.clone();
            async move {
                wait.acquire().await?.forget();
                Ok::<_, BoxError>(envelope)
            }
        }))
        .spawn();
    let receipt = sink.ready().await.unwrap().call(routed("a")).await.unwrap();
    assert!(!receipt.is_flushed());
    let drained = sink.drain(Scope::All);
    store.add_permits(1);
    receipt.flushed().await.unwrap();
    drained.await.unwrap();
    pipeline.close().await.unwrap();
    assert_eq!(sink.ready().await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn the_first_error_reaches_every_waiter() {
    let (mut sink, mut pipeline) = Pipeline::builder::<String>()
        .wake()
        .concurrency(4)
        .effect_free()
        .service(service_fn(|envelope: Envelope<String>| async move {
            if envelope.payload == "bad" { Err(BoxError::from("the disk is on fire")) } else { Ok(envelope) }
        }))
        .service(service_fn(|envelope: Envelope<String>| async move {
            std::future::pending::<()>().await;
            Ok::<_, BoxError>(envelope)
        }))
        .spawn();
    let stuck = sink.ready().await.unwrap().call(routed("good")).await.unwrap();
    let bad = sink.ready().await.unwrap().call(routed("bad"));
    let drained = sink.drain(Scope::Route(ROUTE));
    for error in [
        stuck.flushed().await.unwrap_err(),
        bad.await.unwrap().flushed().await.unwrap_err(),
        drained.await.unwrap_err(),
        pipeline.finished().await.unwrap_err(),
        sink.ready().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the disk is on fire");
    }
}

#[tokio::test]
async fn a_shut_gate_holds_the_wake_back_until_low() {
    let store = Arc::new(Semaphore::new(0));
    let wait = store.clone();
    let gate = Gate::new(Levels { high: 100, low: 60 });
    let (mut sink, _pipeline) = Pipeline::builder::<String>()
        .watermarks(gate.clone())
        .service(service_fn(|envelope: Envelope<String>| async move { Ok::<_, BoxError>(envelope) }))
        .wake()
        .service(service_fn(move |envelope: Envelope<String>| {
            let wait = wait.clone();
            async move {
                wait.acquire().await?.forget();
                Ok::<_, BoxError>(envelope)
            }
        }))
        .spawn();
    let forty = "x".repeat(40);
    let mut receipts = Vec::new();
    for _ in 0..3 {
        receipts.push(sink.ready().await.unwrap().call(routed(&forty)).await.unwrap());
    }
    assert!(gate.is_shut());
    let mut fourth = tokio_test::task::spawn(sink.ready().await.unwrap().call(routed(&forty)));
    tokio::task::yield_now().await;
    assert!(fourth.poll().is_pending());
    store.add_permits(1);
    receipts.remove(0).flushed().await.unwrap();
    tokio::task::yield_now().await;
    assert!(fourth.poll().is_pending(), "80 is above low");
    store.add_permits(1);
    receipts.remove(0).flushed().await.unwrap();
    drop(fourth.await.unwrap());
}

#[tokio::test]
async fn the_leases_of_two_gates_last_to_the_flush_ack() {
    let store = Arc::new(Semaphore::new(0));
    let wait = store.clone();
    let gates = [100, 200].map(|high| Gate::new(Levels { high, low: 0 }));
    let pass = |envelope: Envelope<String>| async move { Ok::<_, BoxError>(envelope) };
    let (mut sink, _pipeline) = Pipeline::builder::<String>()
        .watermarks(gates[0].clone())
        .service(service_fn(pass))
        .watermarks(gates[1].clone())
        .service(service_fn(pass))
        .wake()
        .service(service_fn(move |envelope: Envelope<String>| {
            let wait = wait.clone();
            async move {
                wait.acquire().await?.forget();
                Ok::<_, BoxError>(envelope)
            }
        }))
        .spawn();
    let receipt = sink.ready().await.unwrap().call(routed(&"x".repeat(40))).await.unwrap();
    assert!(gates.iter().all(|gate| gate.held() == 40));
    store.add_permits(1);
    receipt.flushed().await.unwrap();
    assert!(gates.iter().all(|gate| gate.held() == 0));
}
