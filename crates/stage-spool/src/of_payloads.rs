//! A spool for payloads that are not bytes.

use crate::{Spool, SpoolError, Spooling, Stored};
use bytes::Bytes;
use pipeline_core::{BoxError, Codec, Envelope, Owed, Piece};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::Service;

/// A [`Spool`] that takes in any payload that a [`Codec`] can turn into bytes; made by [`Spool::of`].
///
/// The codec runs within the call. What comes out is a piece whose body is the packed payload, to be batched as any
/// piece is; [`Codec::unpack`] makes payloads of it again.
///
/// ```
/// use bytes::Bytes;
/// use pipeline_core::{BoxError, Codec, Envelope, Pipeline, Piece, RouteId, Routed, Weigh};
/// use stage_spool::{Spool, SpoolConfig, Stored};
/// use tower::{Service, ServiceExt, service_fn};
///
/// struct Reading {
///     sensor: u32,
///     celsius: f64,
/// }
///
/// impl Weigh for Reading {
///     fn weight(&self) -> u64 {
///         size_of::<Self>() as u64
///     }
/// }
///
/// #[derive(Clone)]
/// struct Fixed;
///
/// impl Codec<Reading> for Fixed {
///     fn encode(&self, reading: &Reading, bytes: &mut Vec<u8>) -> Result<(), BoxError> {
///         bytes.extend(reading.sensor.to_le_bytes());
///         bytes.extend(reading.celsius.to_le_bytes());
///         Ok(())
///     }
///
///     fn decode(&self, bytes: Bytes) -> Result<Reading, BoxError> {
///         let (sensor, celsius) = bytes.split_first_chunk().ok_or("no sensor")?;
///         let sensor = u32::from_le_bytes(*sensor);
///         Ok(Reading { sensor, celsius: f64::from_le_bytes(celsius.try_into()?) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let spool = Spool::open(SpoolConfig { memory: 1 << 20, ..SpoolConfig::new(folder) })?;
/// let alarm = service_fn(|piece: Envelope<Piece<u32, Stored>>| async {
///     for reading in Fixed.unpack(std::slice::from_ref(&piece.payload.body), 1 << 20).await? {
///         println!("{} has {} °C", piece.payload.label, reading.celsius);
///     }
///     Ok::<_, BoxError>(piece)
/// });
/// let (mut sink, pipeline) = Pipeline::builder()
///     .concurrency(16)
///     .service(spool.of(Fixed, |reading: &Reading| reading.sensor)) // the label stays in memory
///     .wake()
///     .service(alarm)
///     .spawn();
/// let reading = Reading { sensor: 7, celsius: 36.6 };
/// sink.ready().await?.call(Routed::new(RouteId(7), reading)).await?.flushed().await?;
/// # pipeline.close().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SpoolOf<C, F> {
    spool: Spool,
    codec: C,
    label: F,
}

impl Spool {
    /// The same room, for payloads that `codec` turns into bytes. `label` says what stays in memory beside them, as a
    /// batch needs it.
    pub fn of<T, L, C: Codec<T>, F: Fn(&T) -> L>(&self, codec: C, label: F) -> SpoolOf<C, F> {
        SpoolOf { spool: self.clone(), codec, label }
    }
}

impl<T, L, C, F> Service<Envelope<T>> for SpoolOf<C, F>
where
    C: Codec<T>,
    F: Fn(&T) -> L,
{
    type Response = Envelope<Piece<L, Stored>>;
    type Error = BoxError;
    type Future = Packing<L>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Service::<Envelope<Piece<L, Bytes>>>::poll_ready(&mut self.spool, cx).map_err(SpoolError::into)
    }

    fn call(&mut self, envelope: Envelope<T>) -> Packing<L> {
        match self.codec.pack(&envelope.payload) {
            Ok(body) => {
                let label = (self.label)(&envelope.payload);
                Packing::Packed(self.spool.call(envelope.map(|_| Piece { label, body })))
            }
            Err(error) => Packing::Failed { error: Some(error), _owed: envelope.owed },
        }
    }
}

/// The future of a call of a [`SpoolOf`].
///
/// # Cancel safety
/// As [`Spooling`].
#[must_use = "futures do nothing unless polled"]
pub enum Packing<L> {
    /// It is on its way.
    Packed(Spooling<L>),
    /// The payload has no bytes.
    Failed {
        /// Why; told once.
        error: Option<BoxError>,
        /// Kept until that was told: who is owed something hears of the error, and not merely of a loss.
        _owed: Owed,
    },
}

impl<L> Future for Packing<L> {
    type Output = Result<Envelope<Piece<L, Stored>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Packed(spooling) => Pin::new(spooling).poll(cx).map_err(SpoolError::into),
            Self::Failed { error, .. } => {
                Poll::Ready(Err(error.take().expect("a future is not polled again after it resolved")))
            }
        }
    }
}
