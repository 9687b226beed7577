//! The index file makes data files visible, in order.

use crate::metrics::Metrics;
use crate::upload::Uploaded;
use crate::{Error, Layout, Remote, Tally};
use futures::future::BoxFuture;
use pipeline_core::{Envelope, Telemetry};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;
use tracing::Instrument;

/// Writes index files, and counts what is visible.
///
/// Over a layout without index it writes nothing: then files are visible when they are uploaded, and the line may end
/// with [`Upload`](crate::Upload) where nobody needs the count.
///
/// # Order
/// Called in order per route, as a pipeline does it, it makes files visible in order: an index is written after every
/// data file up to it is durable. One write may cover several files.
#[derive(Debug)]
pub struct Publish<L> {
    remote: Remote,
    layout: Arc<L>,
    tally: Arc<Tally>,
    metrics: Metrics,
}

impl<L> Publish<L> {
    /// Publishes to `remote`, and counts in `tally` what is visible.
    pub fn new(remote: Remote, layout: Arc<L>, tally: Arc<Tally>) -> Self {
        Self { remote, layout, tally, metrics: Metrics::new(&Telemetry::default()) }
    }

    /// Makes its instruments elsewhere than at the global meter.
    pub fn with_telemetry(mut self, telemetry: &Telemetry) -> Self {
        self.metrics = Metrics::new(telemetry);
        self
    }
}

impl<L> Clone for Publish<L> {
    fn clone(&self) -> Self {
        Self {
            remote: self.remote.clone(),
            layout: self.layout.clone(),
            tally: self.tally.clone(),
            metrics: self.metrics.clone(),
        }
    }
}

impl<G, L> Service<Envelope<Uploaded<G>>> for Publish<L>
where
    G: Send + Sync + 'static,
    L: Layout<G>,
{
    type Response = Envelope<()>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, envelope: Envelope<Uploaded<G>>) -> Self::Future {
        // Uploads leave in order, so this one and all before it are durable.
        envelope.payload.directory.completed(envelope.payload.number);
        let Self { remote, layout, tally, metrics } = self.clone();
        let span = tracing::debug_span!("publish", route = %envelope.route, number = envelope.payload.number);
        let publish = async move {
            let file = &envelope.payload;
            let remote = remote.of_route(envelope.route);
            file.directory.publish(file.number, &remote, &*layout).await?;
            tally.add(file.rows, file.bytes);
            // Without an index it was visible when it was uploaded, and is recorded since then.
            if layout.index().is_some() {
                metrics.visible(file.reason, file.bytes, file.closed.elapsed());
            }
            Ok(envelope.map(drop))
        };
        Box::pin(publish.instrument(span))
    }
}
