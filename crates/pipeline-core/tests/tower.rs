//! tower as its users know it.

use bytes::Bytes;
use futures::future;
use pipeline_core::{BoxError, Envelope, Gate, Levels, Pipeline, RouteId, Routed, WatermarkLayer, Weigh};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tower::retry::{Policy, RetryLayer};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

/// Tries again, so many times.
#[derive(Clone)]
struct Again(usize);

impl Policy<String, usize, BoxError> for Again {
    type Future = future::Ready<()>;

    fn retry(&mut self, _: &mut String, result: &mut Result<usize, BoxError>) -> Option<Self::Future> {
        let again = result.is_err() && self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        again.then(|| future::ready(()))
    }

    fn clone_request(&mut self, request: &String) -> Option<String> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn towers_retry_fits_a_stage_of_payloads_without_an_adapter() {
    let tries = Arc::new(AtomicU64::new(0));
    let count = tries.clone();
    let flaky = service_fn(move |text: String| {
        let tried = count.fetch_add(1, Ordering::Relaxed);
        async move { if tried % 3 == 2 { Ok(text.len()) } else { Err(BoxError::from("not yet")) } }
    });
    let service = ServiceBuilder::new().layer(RetryLayer::new(Again(2))).service(flaky);
    let (mut sink, pipeline) = Pipeline::builder::<String>().payload(service).spawn();
    for _ in 0..5 {
        let routed = Routed::new(RouteId(0), "text".to_owned());
        sink.ready().await.unwrap().call(routed).await.unwrap().await.unwrap();
    }
    assert_eq!(tries.load(Ordering::Relaxed), 15);
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn a_watermark_layer_stands_in_a_plain_service_builder_over_any_request_that_can_be_weighed() {
    let gate = Gate::new(Levels { high: 10, low: 5 });
    let (end, ended) = futures::channel::oneshot::channel::<()>();
    let mut ended = Some(ended);
    let service = service_fn(move |body: Bytes| {
        let ended = ended.take();
        async move {
            if let Some(ended) = ended {
                ended.await.unwrap();
            }
            Ok::<_, BoxError>(body.len())
        }
    });
    let layer = WatermarkLayer::with_gate(gate.clone());
    let mut service = ServiceBuilder::new().layer(layer).service(service);
    let heavy = service.ready().await.unwrap().call(Bytes::from_static(b"eleven byte"));
    assert!(gate.is_shut());
    let mut waiting = tokio_test::task::spawn(service.ready());
    assert!(waiting.poll().is_pending());
    end.send(()).unwrap();
    assert_eq!(heavy.await.unwrap(), 11);
    assert!(waiting.is_woken());
    assert!(waiting.poll().is_ready());
    assert_eq!(gate.held(), 0);
}

#[test]
fn payloads_of_the_usual_kinds_can_be_weighed() {
    assert_eq!(Bytes::from_static(b"abc").weight(), 3);
    assert_eq!(Box::new(Bytes::from_static(b"abc")).weight(), 3);
    assert_eq!(Arc::new("abc".to_owned()).weight(), 3);
    assert_eq!(().weight(), 0);
    assert_eq!(Vec::<u8>::with_capacity(7).weight(), 7);
}

#[tokio::test]
async fn receipts_can_be_looked_at() {
    let pass = service_fn(|envelope: Envelope<String>| future::ok::<_, BoxError>(envelope));
    let (mut sink, pipeline) = Pipeline::builder::<String>().service(pass).spawn();
    let call = sink.ready().await.unwrap().call(Routed::new(RouteId(7), "a".to_owned()));
    assert!(format!("{call:?}").contains("RouteId(7)"), "{call:?}");
    let receipt = call.await.unwrap();
    assert!(format!("{receipt:?}").contains("Flushed"), "{receipt:?}");
    pipeline.close().await.unwrap();
}

#[test]
#[should_panic = "a concurrency of 0 would let nothing through"]
fn a_limit_of_0_is_told_where_it_is_set() {
    // Never spawned: it is this call that panics.
    let _builder = Pipeline::builder::<String>().concurrency(0);
}

#[test]
#[should_panic = "a name or limits are set before wake"]
fn settings_that_no_service_follows_are_told_where_they_would_be_lost() {
    let _builder = Pipeline::builder::<String>().named("nothing").wake();
}
