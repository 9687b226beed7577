//! The encoder as a stage: a tower service over envelopes.

use crate::metrics::{Books, Metrics};
use crate::{EncodeError, Encoder};
use bytes::Bytes;
use change_event::RowEvent;
use pipeline_core::{Envelope, Owed, Piece, RouteId, Telemetry, Weigh};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinError, JoinHandle};
use tower::Service;
use tracing::Instrument;

/// Rows above this many bytes are encoded in a task of their own; below, a task would cost more than the rows.
const WORTH_A_TASK: usize = 64 << 10;

/// Rows above this many bytes are encoded straight into their piece: a copy would cost more than a guess of its size…
const WORTH_A_GUESS: usize = 2 << 10;
/// …with this many bytes to spare.
const SPARE: usize = 256;

/// Encodes row events, in parallel even where all of them are of one route.
///
/// Small events are encoded at once, in the lane's own task; large ones in tasks beside it. The combinator around it
/// keeps the order of a route either way.
///
/// `F` splits a payload into the label its piece will have and the rows to encode.
pub struct Encode<F> {
    encoder: Arc<dyn Encoder>,
    split: F,
    /// Small events are rendered here first, so that a piece's buffer is exactly as large as the piece.
    scratch: Vec<u8>,
    /// Bytes of output per byte of rows, in the last large event.
    growth: f64,
    metrics: Metrics,
}

impl<F> Encode<F> {
    /// Encodes with `encoder`.
    pub fn new(encoder: Arc<dyn Encoder>, split: F) -> Self {
        Self {
            encoder,
            split,
            scratch: Vec::new(),
            growth: 1.0,
            metrics: Metrics::new(&Telemetry::default()),
        }
    }

    /// Makes its instruments elsewhere than at the global meter.
    pub fn with_telemetry(mut self, telemetry: &Telemetry) -> Self {
        self.metrics = Metrics::new(telemetry);
        self
    }
}

impl<F> Encode<F> {
    /// Encodes at once, into a buffer of the right size: a small one is a copy, a large one a good guess.
    fn encode(&mut self, event: &RowEvent) -> Result<Bytes, EncodeError> {
        let rows = event.rows.bytes();
        if rows < WORTH_A_GUESS {
            self.scratch.clear();
            self.encoder.encode(event, &mut self.scratch)?;
            return Ok(Bytes::copy_from_slice(&self.scratch));
        }
        let mut body = Vec::with_capacity((rows as f64 * self.growth) as usize + SPARE);
        self.encoder.encode(event, &mut body)?;
        self.growth = body.len() as f64 / rows as f64;
        if body.capacity() > body.len() + body.len() / 16 + 2 * SPARE {
            body.shrink_to_fit();
        }
        Ok(Bytes::from(body))
    }
}

impl<F: Clone> Clone for Encode<F> {
    fn clone(&self) -> Self {
        Self {
            encoder: self.encoder.clone(),
            split: self.split.clone(),
            scratch: Vec::new(),
            growth: 1.0,
            metrics: self.metrics.clone(),
        }
    }
}

impl<In, L, F> Service<Envelope<In>> for Encode<F>
where
    F: Fn(In) -> (L, RowEvent),
    L: Send + 'static,
{
    type Response = Envelope<Piece<L, Bytes>>;
    type Error = StageError;
    type Future = Encoding<L>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), StageError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, envelope: Envelope<In>) -> Encoding<L> {
        let Envelope { route, owed, payload } = envelope;
        let (label, event) = (self.split)(payload);
        let encoded = if event.rows.bytes() <= WORTH_A_TASK {
            let encoded = self.encode(&event);
            if let Ok(body) = &encoded {
                self.metrics.own().encoded(event.rows.len(), body.len());
            }
            Encoded::Here(encoded)
        } else {
            let (encoder, books, rows) = (self.encoder.clone(), self.metrics.own().clone(), event.rows.len());
            let span = tracing::debug_span!("encode", table = %event.table.name, rows = event.rows.len());
            let encode = async move {
                let mut body = Vec::with_capacity(event.rows.bytes());
                encoder.encode(&event, &mut body)?;
                body.shrink_to_fit();
                Ok(Bytes::from(body))
            };
            Encoded::Beside(tokio::spawn(encode.instrument(span)), books, rows)
        };
        Encoding { rest: Some((route, owed, label)), encoded }
    }
}

/// What an encoder's stage may fail with.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The rows cannot be expressed in the format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The encoder panicked: a bug of the encoder.
    #[error("the encoder did not finish")]
    Task(#[from] JoinError),
}

/// One event on its way through the encoder.
///
/// What is owed for it stays here and not in a task beside: should the encoder fail, its loss is told as the failure
/// that it is.
#[derive(Debug)]
pub struct Encoding<L> {
    rest: Option<(RouteId, Owed, L)>,
    encoded: Encoded,
}

#[derive(Debug)]
enum Encoded {
    Here(Result<Bytes, EncodeError>),
    Beside(JoinHandle<Result<Bytes, EncodeError>>, Arc<Books>, usize),
}

impl<L> Future for Encoding<L> {
    type Output = Result<Envelope<Piece<L, Bytes>>, StageError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let encoded = match &mut this.encoded {
            Encoded::Here(encoded) => std::mem::replace(encoded, Ok(Bytes::new())),
            Encoded::Beside(task, books, rows) => {
                let encoded = ready!(Pin::new(task).poll(cx))?;
                if let Ok(body) = &encoded {
                    books.encoded(*rows, body.len());
                }
                encoded
            }
        };
        let (route, mut owed, label) =
            this.rest.take().expect("a future is not polled again after it resolved");
        let payload = Piece { label, body: encoded? };
        owed.weighs(payload.weight());
        Poll::Ready(Ok(Envelope { route, owed, payload }))
    }
}

impl<L> Unpin for Encoding<L> {}
