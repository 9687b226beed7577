//! Pieces of files gather.

use super::batching::{Batching, Gathering, Size};
use super::{Batch, BatchLimits};
use crate::Label;
use pipeline_core::{Body, ElementStream, Lane, Piece, Transform};
use std::marker::PhantomData;

/// Gathers the pieces of each route into batches.
///
/// At most one batch per route is open. It is closed by size, by rows, by age, by a marker, by another group of its
/// route, by a shut gate before the stage, or by the end of input: so it never needs new input to let go (law 7).
///
/// Payloads that are not bytes gather with a [`RowBatcher`](super::RowBatcher).
///
/// # Order
/// Batches of a route leave in the order they were opened; a marker leaves after the batch before it.
///
/// # Room to gather
/// Put [`wake`](pipeline_core::Builder::wake) before it, and before that a gate with room for all batches that are open at
/// once. Without the wake, a source that waits for its enqueue acks brings one payload at a time, and each waits for its
/// flush. Without the gate, the front door's holds 8 MiB until they are flushed: then it shuts, batches are closed for
/// [`Quota`](super::FlushReason::Quota), and none ever reaches the 64 MiB of [`BatchLimits`].
///
/// ```
/// use bytes::Bytes;
/// use pipeline_core::{BoxError, Envelope, Gate, Levels, Piece, Pipeline, RouteId, Routed};
/// use stage_writer::{Batch, BatchLimits, Batcher, FlushReason, Label};
/// use tower::{Service, ServiceExt, service_fn};
///
/// struct AnyRow;
///
/// impl Label for AnyRow {
///     type Group = ();
///
///     fn group(&self) -> &() {
///         &()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pipeline_core::Error> {
/// const MIB: u64 = 1 << 20;
/// let store = service_fn(|batch: Envelope<Batch<(), Bytes>>| async {
///     assert_eq!((batch.payload.bytes, batch.payload.reason), (64 * MIB, FlushReason::Size));
///     Ok::<_, BoxError>(batch)
/// });
/// let (mut sink, pipeline) = Pipeline::builder()
///     .gate(Gate::new(Levels { high: 512 * MIB, low: 384 * MIB }))
///     .wake()
///     .transform(Batcher::new(BatchLimits::default()))
///     .service(store)
///     .spawn();
/// let body = Bytes::from(vec![0; MIB as usize]);
/// for _ in 0..64 {
///     let piece = Piece { label: AnyRow, body: body.clone() };
///     drop(sink.ready().await?.call(Routed::new(RouteId(1), piece)).await?);
/// }
/// # pipeline.close().await
/// # }
/// ```
#[derive(Debug)]
pub struct Batcher<L, B> {
    limits: BatchLimits,
    takes: PhantomData<fn(L, B)>,
}

impl<L, B> Batcher<L, B> {
    /// A batcher with these limits.
    pub fn new(limits: BatchLimits) -> Self {
        Self { limits, takes: PhantomData }
    }
}

impl<L: Label, B: Body> Transform<Piece<L, B>> for Batcher<L, B> {
    type Out = Batch<L::Group, B>;

    fn join(&self, upstream: ElementStream<Piece<L, B>>, lane: &Lane) -> ElementStream<Self::Out> {
        Box::pin(Batching::<Pieces<L, B>>::join(upstream, lane, self.limits))
    }
}

/// Of a piece its body is kept; small ones are joined.
struct Pieces<L, B>(PhantomData<(L, B)>);

impl<L: Label, B: Body> Gathering for Pieces<L, B> {
    type In = Piece<L, B>;
    type Group = L::Group;
    type Part = B;

    fn group(piece: &Piece<L, B>) -> &L::Group {
        piece.label.group()
    }

    fn size(piece: &Piece<L, B>) -> Size {
        Size { bytes: piece.body.len(), rows: piece.label.rows() }
    }

    fn part(piece: Piece<L, B>) -> B {
        piece.body
    }

    fn join(last: &mut B, next: B) -> Result<(), B> {
        last.absorb(next)
    }
}
