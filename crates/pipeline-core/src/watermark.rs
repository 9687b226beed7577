//! The watermark layer: a gate as tower middleware.

use crate::gate::{Entry, Gate, Levels};
use crate::metrics::wake_suppressed;
use crate::{Envelope, Weigh};
use opentelemetry::metrics::Counter;
use std::task::{Context, Poll};
use tower::{Layer, Service};

/// Puts a [`Gate`] in front of a service of envelopes.
///
/// An envelope that passes takes a lease of its payload's weight, which lasts to its flush ack.
#[derive(Clone, Debug)]
pub struct WatermarkLayer {
    gate: Gate,
}

impl WatermarkLayer {
    /// A layer with a gate of its own.
    pub fn new(levels: Levels) -> Self {
        Self::with_gate(Gate::new(levels))
    }

    /// A layer over an existing gate, which others may share or watch.
    pub fn with_gate(gate: Gate) -> Self {
        Self { gate }
    }

    /// The gate.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl<S> Layer<S> for WatermarkLayer {
    type Service = Watermark<S>;

    fn layer(&self, inner: S) -> Watermark<S> {
        Watermark { inner, entry: self.gate.entry(), suppressed: false, suppressions: wake_suppressed() }
    }
}

/// A service behind a [`Gate`].
#[derive(Clone, Debug)]
pub struct Watermark<S> {
    inner: S,
    entry: Entry,
    /// Whether the element that waits now was counted as held back.
    suppressed: bool,
    suppressions: Counter<u64>,
}

impl<S, T> Service<Envelope<T>> for Watermark<S>
where
    S: Service<Envelope<T>>,
    T: Weigh,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // The gate is asked last: an entry that is let in should not sit and wait for the inner service.
        match self.inner.poll_ready(cx) {
            Poll::Ready(Ok(())) => {
                let ready = self.entry.poll_ready(cx);
                if ready.is_pending() && !std::mem::replace(&mut self.suppressed, true) {
                    self.suppressions.add(1, &[]);
                }
                ready.map(Ok)
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn call(&mut self, mut envelope: Envelope<T>) -> S::Future {
        self.suppressed = false;
        let lease = self.entry.enter(envelope.payload.weight());
        envelope.owed.hold(lease);
        self.inner.call(envelope)
    }
}
