//! Batches of packed payloads become batches of payloads.

use crate::{Batch, Error, ErrorKind};
use futures::future::BoxFuture;
use pipeline_core::{Body, Codec, Envelope};
use std::marker::PhantomData;
use std::task::{Context, Poll};
use tower::Service;

/// Bytes that are read back at once, where they are on disk.
const READ: usize = 1 << 20;

/// Turns the bodies of a batch back into the payloads that a [`Codec`] has packed: what stands between a
/// [`Batcher`](crate::Batcher) behind a spool and a sink that takes rows.
///
/// # Bound
/// The payloads of each call are in memory from here on; their bodies are let go. Limit the calls at once of this
/// and of the stages behind it, and the bytes of a batch.
///
/// ```
/// use bytes::Bytes;
/// use pipeline_core::{BoxError, Codec, Envelope, Piece, Pipeline, RouteId, Routed};
/// use stage_writer::{Batch, BatchLimits, Batcher, Label, Unpack};
/// use tower::{Service, ServiceExt, service_fn};
///
/// struct Row(u64);
///
/// #[derive(Clone)]
/// struct Numbers;
///
/// impl Codec<Row> for Numbers {
///     fn encode(&self, row: &Row, bytes: &mut Vec<u8>) -> Result<(), BoxError> {
///         bytes.extend(row.0.to_le_bytes());
///         Ok(())
///     }
///
///     fn decode(&self, bytes: Bytes) -> Result<Row, BoxError> {
///         Ok(Row(u64::from_le_bytes(bytes[..].try_into()?)))
///     }
/// }
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
/// # async fn main() -> Result<(), BoxError> {
/// let insert = service_fn(|batch: Envelope<Batch<(), Row>>| async {
///     let rows: Vec<u64> = batch.payload.bodies.iter().map(|row| row.0).collect();
///     assert_eq!(rows, [7, 8]); // insert into …
///     Ok::<_, BoxError>(batch)
/// });
/// let (mut sink, pipeline) = Pipeline::builder() // a spool would stand here, and pack: `Spool::of`
///     .transform(Batcher::new(BatchLimits { rows: 2, ..BatchLimits::default() }))
///     .concurrency(4)
///     .service(Unpack::new(Numbers))
///     .concurrency(4)
///     .service(insert)
///     .spawn();
/// for row in [Row(7), Row(8)] {
///     let piece = Piece { label: AnyRow, body: Numbers.pack(&row)? };
///     drop(sink.ready().await?.call(Routed::new(RouteId(1), piece)));
/// }
/// pipeline.close().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Unpack<T, C> {
    codec: C,
    gives: PhantomData<fn() -> T>,
}

impl<T, C: Codec<T>> Unpack<T, C> {
    /// Unpacks what `codec` has packed.
    pub fn new(codec: C) -> Self {
        Self { codec, gives: PhantomData }
    }
}

impl<T, C: Clone> Clone for Unpack<T, C> {
    fn clone(&self) -> Self {
        Self { codec: self.codec.clone(), gives: PhantomData }
    }
}

impl<G, B, T, C> Service<Envelope<Batch<G, B>>> for Unpack<T, C>
where
    G: Send + 'static,
    B: Body + Sync,
    T: Send + 'static,
    C: Codec<T>,
{
    type Response = Envelope<Batch<G, T>>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, envelope: Envelope<Batch<G, B>>) -> Self::Future {
        let unpacked = self.codec.unpack(&envelope.payload.bodies, READ);
        Box::pin(async move {
            match unpacked.await {
                Ok(bodies) => Ok(envelope.map(|batch| batch.map_bodies(|_packed| bodies))),
                Err(error) => {
                    Err(Error::new(ErrorKind::Unreadable, "the rows of a batch do not come back")
                        .because(error))
                }
            }
        })
    }
}
