//! A service over payloads, as a service over envelopes.

use crate::{Envelope, Owed, RouteId};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower::Service;

/// Takes the payload out of its envelope for a call, and puts the response into it. Made by
/// [`Builder::payload`](crate::Builder::payload).
///
/// What is owed stays here while the call runs: should it fail, the element's waiter hears of that failure.
#[derive(Clone, Debug)]
pub struct Payload<S> {
    service: S,
}

impl<S> Payload<S> {
    pub(crate) fn new(service: S) -> Self {
        Self { service }
    }
}

impl<S, T> Service<Envelope<T>> for Payload<S>
where
    S: Service<T>,
{
    type Response = Envelope<S::Response>;
    type Error = S::Error;
    type Future = PayloadCall<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, envelope: Envelope<T>) -> PayloadCall<S::Future> {
        let Envelope { route, owed, payload } = envelope;
        PayloadCall { call: self.service.call(payload), rest: Some((route, owed)) }
    }
}

pin_project_lite::pin_project! {
    /// One payload's call.
    #[derive(Debug)]
    pub struct PayloadCall<F> {
        #[pin]
        call: F,
        rest: Option<(RouteId, Owed)>,
    }
}

impl<F, Out, E> Future for PayloadCall<F>
where
    F: Future<Output = Result<Out, E>>,
{
    type Output = Result<Envelope<Out>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let payload = ready!(this.call.poll(cx))?;
        let (route, owed) = this.rest.take().expect("not polled again after it resolved");
        Poll::Ready(Ok(Envelope { route, owed, payload }))
    }
}
