//! The watermark layer: a gate as tower middleware.

use crate::Weigh;
use crate::gate::{Entry, Gate, Lease, Levels};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower::{Layer, Service};

/// Puts a [`Gate`] in front of a service, of envelopes or of any request that can be weighed.
///
/// A request that passes takes a lease of its weight. An envelope keeps it to its flush ack, whatever becomes of the
/// call; any other request's ends with the call.
///
/// ```
/// use pipeline_core::{Levels, WatermarkLayer};
/// use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let layer = WatermarkLayer::new(Levels { high: 1 << 20, low: 1 << 19 });
/// let gate = layer.gate().clone();
/// let mut store = ServiceBuilder::new()
///     .layer(layer)
///     .service(service_fn(|body: Vec<u8>| async move { Ok::<_, std::io::Error>(body.len()) }));
/// let put = store.ready().await.unwrap().call(vec![0; 100]);
/// assert_eq!(gate.held(), 100);
/// assert_eq!(put.await.unwrap(), 100);
/// assert_eq!(gate.held(), 0);
/// # }
/// ```
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
        Watermark { inner, gate: self.gate.clone(), entry: self.gate.entry(), suppressed: false }
    }
}

/// A service behind a [`Gate`].
#[derive(Clone, Debug)]
pub struct Watermark<S> {
    inner: S,
    gate: Gate,
    entry: Entry,
    /// Whether the element that waits now was counted as held back.
    suppressed: bool,
}

impl<S, R> Service<R> for Watermark<S>
where
    S: Service<R>,
    R: Weigh,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Leased<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // The gate is asked last: an entry that is let in should not sit and wait for the inner service.
        match self.inner.poll_ready(cx) {
            Poll::Ready(Ok(())) => {
                let ready = self.entry.poll_ready(cx);
                if ready.is_pending() && !std::mem::replace(&mut self.suppressed, true) {
                    self.gate.suppress();
                }
                ready.map(Ok)
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn call(&mut self, mut request: R) -> Leased<S::Future> {
        self.suppressed = false;
        // One that has paid at this gate already, further up the line, does not pay twice.
        let lease = if request.keeps(&self.gate) {
            None
        } else {
            let lease = self.entry.enter(request.weight());
            request.keep(lease)
        };
        Leased { call: self.inner.call(request), lease }
    }
}

pin_project_lite::pin_project! {
    /// A call, and the lease that ends with it.
    #[derive(Debug)]
    pub struct Leased<F> {
        #[pin]
        call: F,
        lease: Option<Lease>,
    }
}

impl<F: Future> Future for Leased<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let output = ready!(this.call.poll(cx));
        *this.lease = None;
        Poll::Ready(output)
    }
}
