//! The ordered combinator, poll by poll.

use futures::channel::oneshot;
use futures::future::BoxFuture;
use futures::{Stream, StreamExt, stream};
use pipeline_core::ordered::{Limits, Ordered};
use pipeline_core::{BoxError, Element, Envelope, Owed, RouteId};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio_test::task::{self, Spawn};
use tokio_test::{assert_pending, assert_ready};
use tower::Service;

/// A payload: its route, and which of that route it is.
type Name = (u64, u64);

/// A service whose calls end when the test says so.
#[derive(Clone, Default)]
struct Calls {
    running: Arc<Mutex<BTreeMap<Name, oneshot::Sender<()>>>>,
    started: Arc<Mutex<Vec<Name>>>,
}

impl Calls {
    fn end(&self, name: Name) {
        let call = self.running.lock().unwrap().remove(&name).expect("the call runs");
        call.send(()).expect("the call is awaited");
    }

    /// What was started since this was asked last, in order.
    fn started(&self) -> Vec<Name> {
        std::mem::take(&mut *self.started.lock().unwrap())
    }
}

impl Service<Envelope<Name>> for Calls {
    type Response = Envelope<Name>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Envelope<Name>, BoxError>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, envelope: Envelope<Name>) -> Self::Future {
        let (end, ended) = oneshot::channel();
        self.running.lock().unwrap().insert(envelope.payload, end);
        self.started.lock().unwrap().push(envelope.payload);
        Box::pin(async move {
            ended.await?;
            Ok(envelope)
        })
    }
}

type Line = Spawn<Ordered<Calls, Name, Name>>;

/// All these come in, and then nothing more.
fn ordered(names: &[Name], concurrency: usize, per_route: usize) -> (Line, Calls) {
    let calls = Calls::default();
    let elements: Vec<_> = names
        .iter()
        .map(|name| Envelope { route: RouteId(name.0), owed: Owed::join([]), payload: *name })
        .map(|envelope| Ok(Element::Data(envelope)))
        .collect();
    let upstream = stream::iter(elements).chain(stream::pending());
    let limits = Limits { concurrency, per_route };
    (task::spawn(Ordered::new(Box::pin(upstream), calls.clone(), limits)), calls)
}

fn poll(line: &mut Line) -> Poll<Name> {
    line.enter(|cx, line: Pin<&mut _>| line.poll_next(cx)).map(|item| match item {
        Some(Ok(Element::Data(envelope))) => envelope.payload,
        Some(Ok(Element::Drain(_))) | Some(Err(_)) | None => panic!("only data comes"),
    })
}

#[test]
fn a_slow_head_holds_back_its_own_route_only() {
    let (mut line, calls) = ordered(&[(1, 0), (1, 1), (2, 0)], 4, 4);
    assert_pending!(poll(&mut line));
    assert_eq!(calls.started(), [(1, 0), (1, 1), (2, 0)]);
    calls.end((1, 1));
    calls.end((2, 0));
    assert!(line.is_woken());
    assert_eq!(assert_ready!(poll(&mut line)), (2, 0));
    assert_pending!(poll(&mut line));
    calls.end((1, 0));
    assert_eq!(assert_ready!(poll(&mut line)), (1, 0));
    assert_eq!(assert_ready!(poll(&mut line)), (1, 1));
    assert_pending!(poll(&mut line));
}

#[test]
fn outputs_do_not_pile_up_behind_a_stuck_head() {
    let names: Vec<Name> = (0..10_000).map(|number| (1, number)).collect();
    let (mut line, calls) = ordered(&names, 16, usize::MAX);
    assert_pending!(poll(&mut line));
    (1..8).for_each(|number| calls.end((1, number)));
    assert_pending!(poll(&mut line));
    assert_eq!(calls.started().len(), 8, "a finished call keeps its place until its output has left");
    calls.end((1, 0));
    for number in 0..8 {
        assert_eq!(assert_ready!(poll(&mut line)), (1, number));
    }
    assert_pending!(poll(&mut line));
    assert_eq!(calls.started().len(), 8);
}

#[test]
fn a_stuck_route_leaves_places_to_others() {
    let (mut line, calls) = ordered(&[(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)], 4, usize::MAX);
    assert_pending!(poll(&mut line));
    assert_eq!(calls.started(), [(1, 0), (1, 1), (2, 0), (2, 1)]);
    calls.end((2, 0));
    assert_eq!(assert_ready!(poll(&mut line)), (2, 0));
    assert_pending!(poll(&mut line));
    assert_eq!(calls.started(), [(2, 2)]);
}

#[test]
fn what_was_parked_takes_up_every_place_that_is_free_again_in_order() {
    let names: Vec<Name> = (0..6).map(|number| (1, number)).collect();
    let (mut line, calls) = ordered(&names, 8, 2);
    assert_pending!(poll(&mut line));
    assert_eq!(calls.started(), [(1, 0), (1, 1)]);
    calls.end((1, 1));
    assert_pending!(poll(&mut line));
    calls.end((1, 0));
    assert_eq!(assert_ready!(poll(&mut line)), (1, 0));
    assert_eq!(assert_ready!(poll(&mut line)), (1, 1));
    assert_pending!(poll(&mut line));
    assert_eq!(calls.started(), [(1, 2), (1, 3)], "two places were free, not one");
}

#[test]
fn a_route_whose_calls_end_at_once_keeps_its_head_under_way() {
    let names: Vec<Name> = (0..6).map(|number| (1, number)).collect();
    let (mut line, calls) = ordered(&names, 8, 2);
    assert_pending!(poll(&mut line));
    for number in [0, 2, 4] {
        // Both land in one poll: what takes their places must not change its order.
        calls.end((1, number));
        calls.end((1, number + 1));
        assert_eq!(assert_ready!(poll(&mut line)), (1, number));
        assert_eq!(assert_ready!(poll(&mut line)), (1, number + 1));
        assert_pending!(poll(&mut line));
    }
    assert_eq!(calls.started(), names);
}
