//! A batch becomes a data file.

use crate::batch::Batch;
use crate::buffers::Buffers;
use crate::compress::{Compression, Compressor};
use crate::directory::{Directory, First};
use crate::layout::Surroundings;
use crate::metrics::Metrics;
use crate::payload::{FileBytes, gather};
use crate::places::Places;
use crate::{DataFile, Error, ErrorKind, FlushReason, Layout, Remote, wall_millis};
use futures::future::BoxFuture;
use object_store::Attributes;
use object_store::path::Path;
use pipeline_core::{Body, Envelope, Telemetry, Weigh};
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tower::Service;
use tracing::Instrument;

/// How files are uploaded.
#[derive(Clone, Debug)]
pub struct UploadConfig {
    /// Bytes of memory that bodies may take which are read back for their upload, over all uploads: whole files that
    /// go in one request, or parts of them. A larger file takes all of it. Bodies in memory are not counted: they
    /// are sent from where they are. What files are compressed to is counted, until it is sent, with the encoders at
    /// work: up to 1.5 MiB each. Default 64 MiB.
    pub buffers: u64,
    /// How files are compressed. Their names are the layout's to give, which may end in the
    /// [extension](Compression::extension) of this. Default: not at all.
    pub compression: Compression,
    /// How long what is known of a directory is kept after its last file. Then the store is asked again. Default 10 min.
    pub remember: Duration,
    /// The wall clock, in milliseconds since the Unix epoch: it says the date of a directory, but never one before a
    /// date that the store has. Default: [the system's](crate::wall_millis).
    pub clock: fn() -> u64,
}

impl Default for UploadConfig {
    fn default() -> Self {
        let (compression, remember) = (Compression::None, Duration::from_secs(600));
        Self { buffers: 64 << 20, compression, remember, clock: wall_millis }
    }
}

/// A data file that is durable, but not visible yet where the layout has an index.
#[derive(Debug)]
pub struct Uploaded<G> {
    pub(crate) directory: Arc<Directory<G>>,
    pub(crate) number: u64,
    /// As it stands in the store: compressed, if it is.
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) reason: FlushReason,
    pub(crate) closed: Instant,
    /// The directory's first file has this, which its others may wait for; kept until it is published.
    pub(crate) _first: Option<First>,
}

impl<G> Weigh for Uploaded<G> {
    fn weight(&self) -> u64 {
        self.bytes
    }
}

/// Uploads batches as data files.
///
/// Over a layout without index it is a sound end of a line by itself. Over one with an index it needs
/// [`Publish`](crate::Publish) behind it: the files of a directory that has no index yet wait until the first of them
/// is published, and it is an error if that is dropped.
///
/// # Order
/// Files are numbered in the order of the calls for their route, and may be uploaded side by side: with
/// [`orders_effects`](pipeline_core::Builder::orders_effects) where [`Publish`](crate::Publish) makes them visible in
/// order, one after the other otherwise.
#[derive(Debug)]
pub struct Upload<G, B, L> {
    remote: Remote,
    layout: Arc<L>,
    config: UploadConfig,
    buffers: Buffers,
    compressor: Compressor,
    metrics: Metrics,
    places: Places<G>,
    takes: PhantomData<fn(G, B)>,
}

impl<G, B, L> Upload<G, B, L> {
    /// Uploads to `remote`, under the names of `layout`.
    pub fn new(remote: Remote, layout: Arc<L>, config: UploadConfig) -> Self {
        let buffers = Buffers::new(config.buffers);
        let compressor = Compressor::new(config.compression);
        let metrics = Metrics::new(&Telemetry::default());
        let places = Places::default();
        Self { remote, layout, config, buffers, compressor, metrics, places, takes: PhantomData }
    }
}

impl<G, B, L> Upload<G, B, L> {
    /// Makes its instruments elsewhere than at the global meter.
    pub fn with_telemetry(mut self, telemetry: &Telemetry) -> Self {
        self.metrics = Metrics::new(telemetry);
        self
    }
}

impl<G, B, L> Clone for Upload<G, B, L> {
    /// Another lane's upload: the same store and limits.
    fn clone(&self) -> Self {
        Self {
            remote: self.remote.clone(),
            layout: self.layout.clone(),
            config: self.config.clone(),
            buffers: self.buffers.clone(),
            compressor: self.compressor.clone(),
            metrics: self.metrics.clone(),
            places: self.places.of_another_lane(),
            takes: PhantomData,
        }
    }
}

impl<G, B, L> Service<Envelope<Batch<G, B>>> for Upload<G, B, L>
where
    G: Clone + PartialEq + Send + Sync + 'static,
    B: Body + Sync,
    L: Layout<G>,
{
    type Response = Envelope<Uploaded<G>>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // The request limit is waited for inside, where a retry's pause does not hold it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, envelope: Envelope<Batch<G, B>>) -> Self::Future {
        let Envelope { route, owed, payload } = envelope;
        self.metrics.started(payload.reason);
        let directory = self.places.directory(route, &payload.group, &*self.layout, &self.config);
        // Taken here, not in the task: calls come in order, tasks run in any.
        let (place, first) = directory.take_place();
        let file = File {
            place,
            directory,
            remote: self.remote.of_route(route),
            layout: self.layout.clone(),
            buffers: self.buffers.clone(),
            compressor: self.compressor.clone(),
        };
        let span =
            tracing::debug_span!("upload", %route, rows = payload.rows, reason = payload.reason.name());
        // Where there is an index it is not visible yet: `Publish` records it then.
        let metrics = self.layout.index().is_none().then(|| self.metrics.clone());
        // A task of its own: signing and sending megabytes must not hold up the wakes of the lane.
        let task = AbortOnDropHandle::new(tokio::spawn(file.create(payload).instrument(span)));
        Box::pin(async move {
            let payload = task.await.unwrap_or_else(|end| match end.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(ended) => {
                    Err(Error::new(ErrorKind::Unavailable, "the runtime is shutting down").because(ended))
                }
            })?;
            if let Some(metrics) = metrics {
                metrics.visible(payload.reason, payload.bytes, payload.closed.elapsed());
            }
            // Kept out of the task: its own error is told before those who wait for it hear that it is gone.
            Ok(Envelope { route, owed, payload: Uploaded { _first: first, ..payload } })
        })
    }
}

/// A data file to be.
struct File<G, L> {
    directory: Arc<Directory<G>>,
    place: u64,
    remote: Remote,
    layout: Arc<L>,
    buffers: Buffers,
    compressor: Compressor,
}

impl<G: Clone + PartialEq + Send + Sync + 'static, L: Layout<G>> File<G, L> {
    async fn create<B: Body>(self, batch: Batch<G, B>) -> Result<Uploaded<G>, Error> {
        let Self { directory, place, remote, layout, buffers, compressor } = self;
        let Batch { group: _, bodies, bytes, rows, reason, closed } = batch;
        let number = directory.number(place, &remote, &*layout).await?;
        let path = directory.data_file(number, &*layout);
        let file = DataFile { group: directory.group(), number, rows, bytes };
        let Surroundings { header, footer, attributes } = Surroundings::of(&file, &*layout);
        let file = FileBytes { header, bodies, footer };
        let is_awaited = reason == FlushReason::Drain;
        let bytes = if compressor.is_none() {
            create(&remote, &path, &attributes, file, &buffers, is_awaited).await?
        } else {
            compressor.create(&remote, &path, &attributes, file, &buffers, is_awaited).await?
        };
        Ok(Uploaded { directory, number, bytes, rows, reason, closed, _first: None })
    }
}

/// Creates a file as it is, and says how many bytes it has.
async fn create<B: Body>(
    remote: &Remote,
    path: &Path,
    attributes: &Attributes,
    file: FileBytes<B>,
    buffers: &Buffers,
    is_awaited: bool,
) -> Result<u64, Error> {
    let (bytes, spilled) = file.sizes();
    let (part, single_put) = remote.sizes();
    let in_parts = bytes > if spilled > 0 { part } else { single_put };
    let read_back = if in_parts { spilled.min(part + FileBytes::<B>::READING) } else { spilled };
    let _room = buffers.take(read_back, is_awaited || remote.is_hurried()).await;
    if in_parts {
        remote.create_in_parts(path, attributes, || file.content()).await?;
    } else {
        let (payload, _sent_from) = gather(path, file).await?;
        remote.create(path, payload, attributes).await?;
    }
    Ok(bytes)
}
