//! One element, many parts.

use futures::future;
use pipeline_core::{
    BoxError, Envelope, ErrorKind, Gate, Levels, Pipeline, RouteId, Routed, Scope, WatermarkLayer,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tower::{Service, ServiceExt, service_fn};

#[tokio::test]
async fn a_flat_mapped_element_is_flushed_with_its_last_part_and_holds_its_lease_till_then() {
    let room = Arc::new(Semaphore::new(0));
    let wait = room.clone();
    let store = service_fn(move |envelope: Envelope<String>| {
        let wait = wait.clone();
        async move {
            wait.acquire().await?.forget();
            Ok::<_, BoxError>(envelope)
        }
    });
    let gate = Gate::new(Levels { high: 100, low: 50 });
    let words =
        |text: String| text.split(' ').map(str::to_owned).filter(|w| !w.is_empty()).collect::<Vec<_>>();
    let (mut sink, pipeline) = Pipeline::builder::<String>()
        .layer(WatermarkLayer::with_gate(gate.clone()))
        .service(service_fn(|envelope: Envelope<String>| future::ok::<_, BoxError>(envelope)))
        .flat_map(words)
        .wake()
        .service(store)
        .spawn();
    let call = |text: &str| Routed::new(RouteId(1), text.to_owned());
    let receipt = sink.ready().await.unwrap().call(call("a b c")).await.unwrap();
    let mut flushed = tokio_test::task::spawn(receipt.flushed());
    for _ in 0..2 {
        room.add_permits(1);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(flushed.poll().is_pending());
        assert!(gate.held() >= 5, "the lease is the element's, to its last part");
    }
    room.add_permits(1);
    flushed.await.unwrap();
    assert_eq!(gate.held(), 0);
    let nothing = sink.ready().await.unwrap().call(call("  ")).await.unwrap();
    assert_eq!(nothing.flushed().await.unwrap_err().kind(), ErrorKind::Discarded);
    sink.drain(Scope::All).await.unwrap();
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn an_element_of_which_one_part_is_lost_is_lost() {
    let (mut sink, pipeline) = Pipeline::builder::<String>()
        .flat_map(|text| text.chars().collect::<Vec<char>>())
        .named("store")
        .service(service_fn(|mut envelope: Envelope<char>| {
            if envelope.payload == 'b' {
                drop(std::mem::replace(&mut envelope.owed, pipeline_core::Owed::join([])));
            }
            future::ok::<_, BoxError>(envelope)
        }))
        .spawn();
    let call = sink.ready().await.unwrap().call(Routed::new(RouteId(1), "abc".to_owned()));
    let error = call.await.unwrap_err();
    assert_eq!((error.kind(), error.stage()), (ErrorKind::Lost, Some("store")));
    pipeline.close().await.unwrap_err();
}
