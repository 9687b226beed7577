//! One fate for all: what those hear who wait for a pipeline that ends.

use futures::future::{self, BoxFuture, FutureExt};
use pipeline_core::{
    BoxError, Envelope, Error, ErrorKind, FrontDoor, Levels, Observe, Observer, Pipeline, RouteId, Routed,
};
use std::sync::{Arc, Mutex};
use tokio_test::task;
use tokio_test::{assert_pending, assert_ready};
use tower::{Service, ServiceExt, service_fn};

const FRONT: Levels = Levels { high: 10, low: 0 };

fn routed(text: &str) -> Routed<String> {
    Routed::new(RouteId(0), text.to_owned())
}

fn call(envelope: Envelope<String>) -> BoxFuture<'static, Result<Envelope<String>, BoxError>> {
    match envelope.payload.as_str() {
        "bad" => future::err(BoxError::from("the disk is on fire")).boxed(),
        "panic" => panic!("a broken promise"),
        "stuck" => async {
            future::pending::<()>().await;
            Ok(envelope)
        }
        .boxed(),
        _ => future::ok(envelope).boxed(),
    }
}

fn pipeline() -> (FrontDoor<String>, Pipeline) {
    Pipeline::builder::<String>().concurrency(8).effect_free().service(service_fn(call)).front(FRONT).spawn()
}

fn source(error: &Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// Hears of one element.
#[derive(Default)]
struct Ear(Mutex<Vec<Result<(), Error>>>);

impl Observe for Ear {
    fn settled(&self, _token: u64, outcome: Result<(), Error>) {
        self.0.lock().unwrap().push(outcome);
    }
}

#[tokio::test]
async fn the_element_that_failed_hears_of_its_own_error_and_not_of_a_loss() {
    let (mut sink, mut pipeline) = pipeline();
    let ear = Arc::<Ear>::default();
    let bad = routed("bad").observed_by(Observer::new(ear.clone(), 0));
    let bad = sink.ready().await.unwrap().call(bad);
    assert_eq!(source(&bad.await.err().unwrap()), "the disk is on fire");
    pipeline.finished().await.unwrap_err();
    let heard = ear.0.lock().unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!(source(heard[0].as_ref().unwrap_err()), "the disk is on fire");
}

#[tokio::test]
async fn a_stage_that_panics_fails_the_pipeline() {
    let (mut sink, mut pipeline) = pipeline();
    let stuck = sink.ready().await.unwrap().call(routed("stuck"));
    let bad = sink.ready().await.unwrap().call(routed("panic"));
    for error in [
        stuck.await.err().unwrap(),
        bad.await.err().unwrap(),
        pipeline.finished().await.unwrap_err(),
        sink.ready().await.err().unwrap(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(source(&error), "it panicked: a broken promise");
    }
}

#[tokio::test]
async fn who_waits_at_the_front_gate_hears_of_the_end_though_nothing_is_let_go() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = kept.clone();
    let (mut sink, mut pipeline) = Pipeline::builder::<String>()
        .concurrency(8)
        .effect_free()
        .service(service_fn(move |envelope: Envelope<String>| {
            if envelope.payload == "kept elsewhere" {
                keep.lock().unwrap().push(envelope);
                return future::pending().boxed();
            }
            call(envelope)
        }))
        .front(FRONT)
        .spawn();
    let mut other = sink.clone();
    other.ready().await.unwrap();
    let kept_one = sink.ready().await.unwrap().call(routed("kept elsewhere"));
    assert!(sink.gate().is_shut());
    let mut waiting = task::spawn(sink.ready());
    assert_pending!(waiting.poll());
    // Its readiness was given before the gate shut.
    let bad = other.call(routed("bad"));
    pipeline.finished().await.unwrap_err();
    assert!(waiting.is_woken());
    let error = assert_ready!(waiting.poll()).err().unwrap();
    assert_eq!(source(&error), "the disk is on fire");
    assert_eq!(source(&bad.await.err().unwrap()), "the disk is on fire");
    drop((kept_one, kept));
}

#[tokio::test]
async fn who_waits_at_the_front_gate_hears_of_the_close_at_once() {
    let (mut sink, pipeline) = pipeline();
    let more = "x".repeat(11);
    let _stuck = sink.ready().await.unwrap().call(routed("stuck"));
    let _more = sink.ready().await.unwrap().call(routed(&more));
    assert!(sink.gate().is_shut());
    let mut waiting = task::spawn(sink.ready());
    assert_pending!(waiting.poll());
    let mut closing = task::spawn(pipeline.close());
    assert_pending!(closing.poll());
    assert!(waiting.is_woken());
    assert_eq!(assert_ready!(waiting.poll()).err().unwrap().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn an_end_that_was_well_stays_well() {
    let (sink, mut pipeline) = pipeline();
    drop(sink);
    pipeline.finished().await.unwrap();
    pipeline.finished().await.unwrap();
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn a_dropped_pipeline_tells_everyone_that_it_is_closed() {
    let (mut sink, pipeline) = pipeline();
    let stuck = sink.ready().await.unwrap().call(routed("stuck"));
    drop(pipeline);
    assert_eq!(stuck.await.err().unwrap().kind(), ErrorKind::Closed);
    assert_eq!(sink.ready().await.err().unwrap().kind(), ErrorKind::Closed);
}
