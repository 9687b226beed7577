//! A call runs no stage of anyone's, and each element is in its own span.

use pipeline_core::{BoxError, Envelope, Pipeline, RouteId, Routed};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tower::{Service, ServiceExt, service_fn};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Instrument, Subscriber, info, info_span};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

tokio::task_local! {
    static CALLER: u64;
}

/// The field `request` of a span or an event.
#[derive(Default)]
struct Request(Option<u64>);

impl Visit for Request {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "request" {
            self.0 = Some(value);
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}

/// An event's request, and that of the span it happened in.
type Logged = (Option<u64>, Option<u64>);

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Logged>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut request = Request::default();
        attributes.record(&mut request);
        context.span(id).unwrap().extensions_mut().insert(request);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut request = Request::default();
        event.record(&mut request);
        if request.0.is_some() {
            let mut scope = context.event_scope(event).into_iter().flatten();
            let of_span =
                scope.find_map(|span| span.extensions().get::<Request>().and_then(|request| request.0));
            self.0.lock().unwrap().push((request.0, of_span));
        }
    }
}

/// Sends from many tasks, each in a span of its own, through stages that say whose element they see.
async fn send(by_caller: bool) -> Vec<Logged> {
    let log = Log::default();
    let _as_default = tracing::subscriber::set_default(Registry::default().with(log.clone()));
    let stage = |ends: bool| {
        service_fn(move |envelope: Envelope<String>| async move {
            let request: u64 = envelope.payload.parse()?;
            info!(request, "begins");
            if ends {
                tokio::task::yield_now().await;
                assert!(by_caller || CALLER.try_with(|_| ()).is_err(), "a caller's task-locals are its own");
            }
            info!(request, "ends");
            Ok::<_, BoxError>(envelope)
        })
    };
    let mut builder = Pipeline::builder::<String>();
    if by_caller {
        builder = builder.run_by_caller();
    }
    let (sink, pipeline) = builder.service(stage(false)).wake().named("later").service(stage(true)).spawn();
    let calls = (0..100_u64).map(|request| {
        let mut sink = sink.clone();
        let call = async move {
            let routed = Routed::new(RouteId(request % 7), request.to_string());
            let receipt = sink.ready().await.unwrap().call(routed).await.unwrap();
            receipt.flushed().await.unwrap();
        };
        tokio::spawn(CALLER.scope(request, call).instrument(info_span!("request", request)))
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    pipeline.close().await.unwrap();
    let events = log.0.lock().unwrap();
    events.clone()
}

#[tokio::test]
async fn every_event_of_an_element_is_logged_in_the_span_it_was_called_in() {
    for by_caller in [false, true] {
        let events = send(by_caller).await;
        assert_eq!(events.len(), 400);
        let strayed = events.iter().filter(|(request, span)| request != span).count();
        assert_eq!(strayed, 0, "of 400 events, by caller: {by_caller}");
    }
}

#[tokio::test]
async fn a_slow_stage_does_not_make_a_call_slow() {
    let polls = Arc::new(AtomicU64::new(0));
    let count = polls.clone();
    let slow = service_fn(move |envelope: Envelope<String>| {
        count.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, BoxError>(envelope) }
    });
    let (mut sink, pipeline) = Pipeline::builder::<String>().service(slow).wake().spawn();
    tokio::task::yield_now().await;
    let call = sink.ready().await.unwrap().call(Routed::new(RouteId(0), "a".to_owned()));
    assert_eq!(polls.load(Ordering::Relaxed), 0, "nothing ran within the call");
    drop(call);
    pipeline.close().await.unwrap();
    assert_eq!(polls.load(Ordering::Relaxed), 1);
}
