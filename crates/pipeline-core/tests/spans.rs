//! A call runs no stage of anyone's, and each element is in its own span.

use pipeline_core::{BoxError, Envelope, Pipeline, RouteId, Routed};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tower::{Service, ServiceExt, service_fn};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Instrument, Metadata, Subscriber, info, info_span};

tokio::task_local! {
    static CALLER: u64;
}

/// Writes down each event's request, and that of the span it happened in.
#[derive(Clone, Default)]
struct Log {
    ids: Arc<AtomicU64>,
    /// By span: its request, its parent's if it has none of its own.
    requests: Arc<Mutex<Vec<Option<u64>>>>,
    current: Arc<Mutex<Vec<(std::thread::ThreadId, u64)>>>,
    events: Arc<Mutex<Vec<(Option<u64>, Option<u64>)>>>,
}

struct Request(Option<u64>);

impl Visit for Request {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "request" {
            self.0 = Some(value);
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}

impl Log {
    fn innermost(&self) -> Option<u64> {
        let here = std::thread::current().id();
        self.current.lock().unwrap().iter().rev().find(|(thread, _)| *thread == here).map(|(_, span)| *span)
    }

    fn request_of(&self, span: Option<u64>) -> Option<u64> {
        self.requests.lock().unwrap()[span? as usize - 1]
    }
}

impl Subscriber for Log {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut request = Request(None);
        attributes.record(&mut request);
        let parent = attributes.parent().map(Id::into_u64).or_else(|| self.innermost());
        let request = request.0.or_else(|| self.request_of(parent));
        let mut requests = self.requests.lock().unwrap();
        requests.push(request);
        self.ids.fetch_add(1, Ordering::Relaxed);
        Id::from_u64(requests.len() as u64)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut request = Request(None);
        event.record(&mut request);
        if request.0.is_some() {
            let span = self.request_of(self.innermost());
            self.events.lock().unwrap().push((request.0, span));
        }
    }

    fn enter(&self, span: &Id) {
        self.current.lock().unwrap().push((std::thread::current().id(), span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        let here = (std::thread::current().id(), span.into_u64());
        let mut current = self.current.lock().unwrap();
        if let Some(place) = current.iter().rposition(|entered| *entered == here) {
            current.remove(place);
        }
    }

    fn current_span(&self) -> tracing_core::span::Current {
        match self.innermost() {
            Some(span) => tracing_core::span::Current::new(
                Id::from_u64(span),
                info_span!("request").metadata().unwrap(),
            ),
            None => tracing_core::span::Current::none(),
        }
    }
}

/// Sends from many tasks, each in a span of its own, through stages that say whose element they see.
async fn send(by_caller: bool) -> Vec<(Option<u64>, Option<u64>)> {
    let log = Log::default();
    let _as_default = tracing::subscriber::set_default(log.clone());
    let stage = |ends: bool| {
        service_fn(move |envelope: Envelope<String>| async move {
            let request: u64 = envelope.payload.parse()?;
            info!(request, "begins");
            if ends {
                tokio::task::yield_now().await;
                assert!(CALLER.try_with(|_| ()).is_err(), "a caller's task-locals are its own");
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
    let events = log.events.lock().unwrap();
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
