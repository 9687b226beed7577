//! A lost element is never silent; one that is left out on purpose says so.

use futures::StreamExt;
use futures::future::{self, BoxFuture, FutureExt};
use pipeline_core::{
    BoxError, Element, ElementStream, Envelope, Error, ErrorKind, Lane, Observe, Observer, Owed, Pipeline,
    RouteId, Routed, Scope, Transform,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

type Call = BoxFuture<'static, Result<Envelope<String>, BoxError>>;

fn routed(route: u64, text: &str) -> Routed<String> {
    Routed::new(RouteId(route), text.to_owned())
}

fn source(error: &Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// Sends four good ones and this one, and gives what everybody was told of the end.
async fn ends(how: impl Fn(Envelope<String>) -> Call + Clone + Send + 'static) -> Vec<Error> {
    let call = move |envelope: Envelope<String>| match envelope.payload.as_str() {
        "good" => future::ok(envelope).boxed(),
        _ => how(envelope),
    };
    let (mut sink, pipeline) = Pipeline::builder().wake().named("store").service(service_fn(call)).spawn();
    for route in 0..4 {
        let good = sink.ready().await.unwrap().call(routed(route, "good")).await.unwrap();
        good.flushed().await.unwrap();
    }
    let bad = sink.ready().await.unwrap().call(routed(7, "bad")).await.unwrap();
    let drained = sink.drain(Scope::All);
    vec![
        bad.flushed().await.unwrap_err(),
        drained.await.unwrap_err(),
        sink.ready().await.err().unwrap(),
        sink.error().unwrap(),
        pipeline.close().await.unwrap_err(),
    ]
}

fn expect_lost(heard: Vec<Error>) {
    for error in heard {
        let is = (error.kind(), error.stage(), error.route());
        assert_eq!(is, (ErrorKind::Lost, Some("store"), Some(RouteId(7))), "{error}");
        assert_eq!(
            error.to_string(),
            "the stage `store` dropped an element of route 7 before it was durable"
        );
    }
}

fn without_its_debt(mut envelope: Envelope<String>) -> Envelope<String> {
    drop(std::mem::replace(&mut envelope.owed, Owed::join([])));
    envelope
}

#[tokio::test(start_paused = true)]
async fn a_call_that_drops_what_is_owed_and_goes_on_fails_the_pipeline() {
    expect_lost(ends(|envelope| future::ok(without_its_debt(envelope)).boxed()).await);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_drops_what_is_owed_long_after_its_call_fails_the_pipeline() {
    let store = service_fn(|mut envelope: Envelope<String>| {
        let owed = std::mem::replace(&mut envelope.owed, Owed::join([]));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            drop(owed);
        });
        future::ok::<_, BoxError>(envelope)
    });
    let (mut sink, mut pipeline) = Pipeline::builder().wake().named("store").service(store).spawn();
    let bad = sink.ready().await.unwrap().call(routed(7, "bad")).await.unwrap();
    expect_lost(vec![bad.flushed().await.unwrap_err(), pipeline.finished().await.unwrap_err()]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_ends_without_its_envelope_is_found_out() {
    expect_lost(
        ends(|envelope| {
            drop(envelope);
            future::pending().boxed()
        })
        .await,
    );
}

#[tokio::test(start_paused = true)]
async fn a_loss_on_a_plain_thread_is_found_out_too() {
    let on_a_thread = |envelope: Envelope<String>| {
        std::thread::spawn(move || drop(envelope)).join().unwrap();
        future::pending().boxed()
    };
    expect_lost(ends(on_a_thread).await);
}

#[tokio::test(start_paused = true)]
async fn who_waits_hears_the_cause_where_the_envelope_was_let_go_of_first() {
    let in_a_task = |envelope: Envelope<String>| {
        let task = tokio::spawn(async move { drop(envelope) });
        async move {
            task.await?;
            tokio::time::sleep(Duration::from_secs(5)).await;
            Err("the disk is on fire".into())
        }
        .boxed()
    };
    for error in ends(in_a_task).await {
        assert_eq!((error.kind(), error.stage()), (ErrorKind::Failed, Some("store")));
        assert_eq!(
            (error.to_string(), source(&error)),
            ("the stage `store` failed".to_owned(), "the disk is on fire".to_owned())
        );
    }
    let panics = |envelope: Envelope<String>| {
        drop(envelope);
        async { panic!("a broken promise") }.boxed()
    };
    for error in ends(panics).await {
        assert_eq!(
            (error.kind(), source(&error)),
            (ErrorKind::Failed, "it panicked: a broken promise".into())
        );
    }
}

/// A regrouping stage that loses elements with this text, and markers if asked to.
struct Loses(bool);

impl Transform<String> for Loses {
    type Out = String;

    fn join(&self, upstream: ElementStream<String>, _lane: &Lane) -> ElementStream<String> {
        let markers_too = self.0;
        let kept = upstream.filter(move |item| {
            future::ready(match item {
                Ok(Element::Data(envelope)) => envelope.payload != "lost",
                Ok(Element::Drain(_)) => !markers_too,
                Err(_) => true,
            })
        });
        kept.boxed()
    }
}

#[tokio::test]
async fn a_transform_that_loses_an_element_or_a_marker_fails_the_pipeline() {
    let (mut sink, pipeline) = Pipeline::builder().named("sieve").transform(Loses(false)).spawn();
    let lost = sink.ready().await.unwrap().call(routed(3, "lost"));
    assert_eq!(lost.await.unwrap_err().stage(), Some("sieve"));
    assert_eq!(pipeline.close().await.unwrap_err().route(), Some(RouteId(3)));

    let (sink, pipeline) = Pipeline::builder::<String>().named("sieve").transform(Loses(true)).spawn();
    let error = sink.drain(Scope::Route(RouteId(9))).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.stage(), error.route()),
        (ErrorKind::Lost, Some("sieve"), Some(RouteId(9)))
    );
    assert_eq!(pipeline.close().await.unwrap_err().kind(), ErrorKind::Lost);
}

#[tokio::test]
async fn whoever_loses_a_marker_is_named_wherever_it_stands() {
    let places = ["before", "one", "other", "other, second", "behind"];
    for loses in places {
        let stage = |name: &str| Loses(name == loses);
        let (sink, _pipeline) = Pipeline::builder::<String>()
            .named("before")
            .transform(stage("before"))
            .fan_out(
                |line| line.named("one").transform(stage("one")),
                |line| {
                    let line = line.named("other").transform(stage("other"));
                    line.named("other, second").transform(stage("other, second"))
                },
            )
            .flat_map(|()| Vec::<String>::new())
            .named("behind")
            .transform(stage("behind"))
            .spawn();
        let error = sink.drain(Scope::All).await.unwrap_err();
        assert_eq!(error.stage(), Some(loses), "{error}");
    }
}

/// Hears of many.
#[derive(Default)]
struct Ear(Mutex<Vec<(u64, Result<(), Error>)>>);

impl Observe for Ear {
    fn settled(&self, token: u64, outcome: Result<(), Error>) {
        self.0.lock().unwrap().push((token, outcome));
    }
}

#[tokio::test]
async fn what_is_discarded_is_told_as_that_and_never_as_flushed() {
    let ear = Arc::<Ear>::default();
    let (mut sink, pipeline) =
        Pipeline::builder::<String>().filter("a comment", |text| !text.starts_with('#')).spawn();
    for (token, text) in [(0, "a"), (1, "# b"), (2, "c")] {
        let routed = routed(0, text).observed_by(Observer::new(ear.clone(), token));
        let receipt = sink.ready().await.unwrap().call(routed).await.unwrap();
        let settled = receipt.await;
        let said = settled.as_ref().map_err(|error| (error.kind(), error.reason()));
        let wanted = if token == 1 { Err((ErrorKind::Discarded, Some("a comment"))) } else { Ok(&()) };
        assert_eq!(said, wanted);
    }
    sink.drain(Scope::All).await.unwrap();
    pipeline.close().await.unwrap();
    let heard = ear.0.lock().unwrap();
    let heard: Vec<(u64, bool)> = heard.iter().map(|(token, outcome)| (*token, outcome.is_ok())).collect();
    assert_eq!(heard, [(0, true), (1, false), (2, true)]);
}

#[test]
fn a_pipeline_whose_runtime_is_gone_says_so() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (mut sink, pipeline) = runtime.block_on(async {
        let stuck = service_fn(|_: Envelope<String>| future::pending::<Result<Envelope<String>, BoxError>>());
        Pipeline::builder::<String>().wake().service(stuck).spawn()
    });
    let receipt = runtime.block_on(async { sink.ready().await.unwrap().call(routed(0, "a")).await.unwrap() });
    drop(runtime);
    for error in [
        futures::executor::block_on(receipt.flushed()).unwrap_err(),
        futures::executor::block_on(sink.ready()).err().unwrap(),
        futures::executor::block_on(pipeline.close()).unwrap_err(),
    ] {
        assert_eq!(source(&error), "the runtime that the pipeline was spawned on is gone");
    }
}

#[tokio::test]
async fn enqueued_once_observed_is_what_the_call_answers() {
    #[derive(Default)]
    struct Enqueues(Mutex<u64>);
    impl Observe for Enqueues {
        fn enqueued(&self, _token: u64) {
            *self.0.lock().unwrap() += 1;
        }
        fn settled(&self, _token: u64, _outcome: Result<(), Error>) {}
    }
    let fails =
        service_fn(|_: Envelope<String>| future::err::<Envelope<String>, _>(BoxError::from("on fire")));
    let (mut sink, mut pipeline) = Pipeline::builder::<String>().wake().service(fails).spawn();
    let ear = Arc::<Enqueues>::default();
    let call = sink.ready().await.unwrap().call(routed(0, "a").observed_by(Observer::new(ear.clone(), 0)));
    pipeline.finished().await.unwrap_err();
    assert_eq!(*ear.0.lock().unwrap(), 1);
    let receipt = call.await.expect("it was enqueued, whatever came after");
    assert_eq!(source(&receipt.flushed().await.unwrap_err()), "on fire");
}
