//! Who runs a lane, and what a marker hurries.

use futures::{StreamExt, stream};
use pipeline_core::{
    BoxError, ElementStream, Envelope, Error, ErrorKind, Lane, Observe, Observer, Owed, Pipeline, RouteId,
    Routed, Scope, Transform,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_test::assert_ready;
use tokio_test::task;
use tower::{Service, ServiceExt, service_fn};

fn routed(route: u64, text: &str) -> Routed<String> {
    Routed::new(RouteId(route), text.to_owned())
}

#[tokio::test]
async fn something_light_is_taken_to_its_wake_by_its_caller_and_something_heavy_is_not() {
    let pass = service_fn(|envelope: Envelope<String>| async { Ok::<_, BoxError>(envelope) });
    let pipeline = Pipeline::builder::<String>().service(pass).wake().run_by_caller();
    let (mut sink, _pipeline) = pipeline.spawn();
    // Once the lane's task has slept, nothing but calls runs here until this test waits for something.
    tokio::task::yield_now().await;
    let mut light = task::spawn(sink.ready().await.unwrap().call(routed(1, "a")));
    let receipt = assert_ready!(light.poll()).unwrap();
    assert!(receipt.is_flushed());
    let heavy = "x".repeat(1 << 20);
    let mut heavy = task::spawn(sink.ready().await.unwrap().call(routed(1, &heavy)));
    assert!(heavy.poll().is_pending());
    heavy.await.unwrap().flushed().await.unwrap();
}

/// A stage that takes its input in a task of its own.
struct Beside;

impl Transform<String> for Beside {
    type Out = String;

    fn join(&self, mut upstream: ElementStream<String>, _lane: &Lane) -> ElementStream<String> {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(element) = upstream.next().await {
                if sender.send(element).await.is_err() {
                    return;
                }
            }
        });
        Box::pin(stream::unfold(
            receiver,
            |mut receiver| async move { Some((receiver.recv().await?, receiver)) },
        ))
    }
}

#[tokio::test]
async fn a_stage_that_takes_its_input_in_another_task_gets_it() {
    let (mut sink, pipeline) = Pipeline::builder::<String>().run_by_caller().transform(Beside).wake().spawn();
    for number in 0..1000 {
        let receipt = sink.ready().await.unwrap().call(routed(number, "a")).await.unwrap();
        receipt.flushed().await.unwrap();
    }
    pipeline.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_of_one_lane_all_get_their_acks() {
    let pass = service_fn(|envelope: Envelope<String>| async { Ok::<_, BoxError>(envelope) });
    let later = service_fn(|envelope: Envelope<String>| async {
        tokio::task::yield_now().await;
        Ok::<_, BoxError>(envelope)
    });
    let pipeline = Pipeline::builder::<String>().run_by_caller().service(pass).wake().service(later);
    let (sink, pipeline) = pipeline.spawn();
    let callers = (0..16).map(|route| {
        let mut sink = sink.clone();
        tokio::spawn(async move {
            for _ in 0..500 {
                let receipt = sink.ready().await.unwrap().call(routed(route, "a")).await.unwrap();
                receipt.flushed().await.unwrap();
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    pipeline.close().await.unwrap();
}

#[tokio::test]
async fn what_a_marker_waits_for_goes_before_what_other_routes_have_waiting() {
    let (places, started) = (Arc::new(Semaphore::new(0)), Arc::<Mutex<Vec<String>>>::default());
    let (wait, starts) = (places.clone(), started.clone());
    let store = service_fn(move |envelope: Envelope<String>| {
        starts.lock().unwrap().push(envelope.payload.clone());
        let wait = wait.clone();
        async move {
            wait.acquire().await?.forget();
            Ok::<_, BoxError>(envelope)
        }
    });
    let builder = Pipeline::builder::<String>().wake().concurrency(1);
    let (mut sink, pipeline) = builder.service(store).spawn();
    for (route, text) in [(1, "a"), (1, "b"), (3, "c"), (2, "d"), (2, "e")] {
        let _not_awaited = sink.ready().await.unwrap().call(routed(route, text)).await.unwrap();
    }
    let drained = sink.drain(Scope::Route(RouteId(2)));
    tokio::task::yield_now().await;
    places.add_permits(5);
    drained.await.unwrap();
    pipeline.close().await.unwrap();
    assert_eq!(*started.lock().unwrap(), ["a", "d", "e", "b", "c"]);
}

/// An observer with a defect: it hears of something, and panics.
struct Broken;

impl Observe for Broken {
    fn settled(&self, _token: u64, outcome: Result<(), Error>) {
        panic!("a broken promise: {outcome:?}");
    }
}

fn broken(route: u64) -> Routed<String> {
    routed(route, "a").observed_by(Observer::new(Arc::new(Broken), 0))
}

#[tokio::test]
async fn an_observer_that_panics_fails_the_pipeline_and_not_whoever_runs_the_lane() {
    let pass = service_fn(|envelope: Envelope<String>| async { Ok::<_, BoxError>(envelope) });
    let (mut sink, mut pipeline) = Pipeline::builder::<String>().service(pass).spawn();
    tokio::task::yield_now().await;
    let receipt = sink.ready().await.unwrap().call(broken(1)).await.unwrap();
    receipt.flushed().await.expect("it is durable, whatever its observer does");
    let error = pipeline.finished().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(sink.ready().await.unwrap_err().kind(), ErrorKind::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_whose_observer_panics_is_woken() {
    let open = Arc::new(Semaphore::new(0));
    let wait = open.clone();
    let store = service_fn(move |envelope: Envelope<String>| {
        let wait = wait.clone();
        async move {
            wait.acquire().await?.forget();
            Ok::<_, BoxError>(envelope)
        }
    });
    let (mut sink, _pipeline) = Pipeline::builder::<String>().wake().service(store).spawn();
    let receipt = sink.ready().await.unwrap().call(broken(1)).await.unwrap();
    let mut flushed = task::spawn(receipt.flushed());
    assert!(flushed.poll().is_pending());
    open.add_permits(1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(flushed.is_woken());
    assert_ready!(flushed.poll()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn observers_that_panic_keep_no_loss_from_the_others() {
    // Keeps every envelope, until the fourth comes: then all are lost, as one batch.
    let kept = Arc::<Mutex<Vec<Envelope<String>>>>::default();
    let fails = service_fn(move |envelope: Envelope<String>| {
        let mut kept = kept.lock().unwrap();
        kept.push(envelope);
        let full = kept.len() == 4;
        let all: Vec<Owed> =
            kept.drain(if full { 0..4 } else { 0..0 }).map(|envelope| envelope.owed).collect();
        async move {
            if all.is_empty() {
                std::future::pending::<()>().await;
            }
            drop(Owed::join(all));
            Err::<Envelope<String>, BoxError>("the stage failed".into())
        }
    });
    let (mut sink, _pipeline) = Pipeline::builder::<String>().concurrency(4).service(fails).spawn();
    tokio::task::yield_now().await;
    let mut enqueued = Vec::new();
    for element in [broken(1), broken(2), routed(3, "a"), routed(4, "a")] {
        enqueued.push(sink.ready().await.unwrap().call(element));
    }
    for enqueued in enqueued {
        let told = timeout(Duration::from_secs(1), enqueued).await.expect("it is told");
        assert!(told.is_err_and(|error| error.kind() == ErrorKind::Failed));
    }
}
