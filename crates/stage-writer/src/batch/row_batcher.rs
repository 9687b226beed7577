//! Rows gather as they are.

use super::batching::{Batching, Gathering, Size};
use super::{Batch, BatchLimits};
use crate::Label;
use pipeline_core::{ElementStream, Lane, Transform, Weigh};
use std::marker::PhantomData;

/// Gathers whatever payloads a line has into batches of them, for sinks that are not files: a database, a queue.
///
/// A payload says its group and its rows as a [`Label`], and its bytes as [`Weigh`] does. Everything else is as in a
/// [`Batcher`](super::Batcher): when a batch is closed, its order, what markers and pressure do to it, and the room that it
/// needs before it.
///
/// ```
/// use pipeline_core::{BoxError, Envelope, Error, Pipeline, RouteId, Routed, Weigh};
/// use stage_writer::{Batch, BatchLimits, Label, RowBatcher};
/// use std::time::Duration;
/// use tower::{Service, ServiceExt, service_fn};
///
/// struct Order {
///     id: u64,
///     shop: String,
/// }
///
/// impl Weigh for Order {
///     fn weight(&self) -> u64 {
///         (size_of::<Self>() + self.shop.capacity()) as u64
///     }
/// }
///
/// impl Label for Order {
///     type Group = String; // a batch for each shop
///
///     fn group(&self) -> &String {
///         &self.shop
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let insert = service_fn(|batch: Envelope<Batch<String, Order>>| async {
///     let ids: Vec<u64> = batch.payload.bodies.iter().map(|order| order.id).collect();
///     assert_eq!(ids, [1, 2, 3]); // insert into …
///     Ok::<_, BoxError>(batch)
/// });
/// let limits = BatchLimits { rows: 3, age: Duration::from_secs(60), ..BatchLimits::default() };
/// let (mut sink, pipeline) = Pipeline::builder().transform(RowBatcher::new(limits)).service(insert).spawn();
/// let mut sent = Vec::new();
/// for id in 1..=3 {
///     let order = Order { id, shop: "books".to_owned() };
///     sent.push(sink.ready().await?.call(Routed::new(RouteId(1), order)));
/// }
/// for enqueued in sent {
///     enqueued.await?.flushed().await?; // the third row closed the batch
/// }
/// # pipeline.close().await
/// # }
/// ```
#[derive(Debug)]
pub struct RowBatcher<T> {
    limits: BatchLimits,
    takes: PhantomData<fn(T)>,
}

impl<T> RowBatcher<T> {
    /// A batcher with these limits.
    pub fn new(limits: BatchLimits) -> Self {
        Self { limits, takes: PhantomData }
    }
}

impl<T: Label + Weigh> Transform<T> for RowBatcher<T> {
    type Out = Batch<T::Group, T>;

    fn join(&self, upstream: ElementStream<T>, lane: &Lane) -> ElementStream<Self::Out> {
        Box::pin(Batching::<Rows<T>>::join(upstream, lane, self.limits))
    }
}

/// Rows are kept whole, each by itself.
struct Rows<T>(PhantomData<T>);

impl<T: Label + Weigh> Gathering for Rows<T> {
    type In = T;
    type Group = T::Group;
    type Part = T;

    fn group(row: &T) -> &T::Group {
        row.group()
    }

    fn size(row: &T) -> Size {
        Size { bytes: row.weight(), rows: row.rows() }
    }

    fn part(row: T) -> T {
        row
    }

    fn join(_: &mut T, next: T) -> Result<(), T> {
        Err(next)
    }
}
