//! The encoder as a stage: a tower service over envelopes.

use crate::{EncodeError, Encoder};
use bytes::Bytes;
use change_event::RowEvent;
use pipeline_core::{Envelope, Piece};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinError, JoinHandle};
use tower::Service;
use tracing::Instrument;

/// Rows above this many bytes are encoded in a task of their own; below, a task would cost more than the rows.
const WORTH_A_TASK: usize = 16 << 10;

/// Encodes row events, in parallel even where all of them are of one route.
///
/// Small events are encoded at once, in the lane's own task; large ones in tasks beside it. The combinator around it
/// keeps the order of a route either way.
///
/// `F` splits a payload into the label its piece will have and the rows to encode.
pub struct Encode<F> {
    encoder: Arc<dyn Encoder>,
    split: F,
    /// Rendered here first, so that a piece's buffer is exactly as large as the piece.
    scratch: Vec<u8>,
}

impl<F> Encode<F> {
    /// Encodes with `encoder`.
    pub fn new(encoder: Arc<dyn Encoder>, split: F) -> Self {
        Self { encoder, split, scratch: Vec::new() }
    }
}

impl<F: Clone> Clone for Encode<F> {
    fn clone(&self) -> Self {
        Self::new(self.encoder.clone(), self.split.clone())
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
        if event.rows.bytes() <= WORTH_A_TASK {
            self.scratch.clear();
            let outcome = self.encoder.encode(&event, &mut self.scratch);
            let piece = outcome.map(|()| Piece { label, body: Bytes::copy_from_slice(&self.scratch) });
            return Encoding::Done(Some(piece.map(|payload| Envelope { route, owed, payload })));
        }
        let encoder = self.encoder.clone();
        let span = tracing::debug_span!("encode", table = %event.table.name, rows = event.rows.len());
        let encode = async move {
            let mut body = Vec::with_capacity(event.rows.bytes());
            encoder.encode(&event, &mut body)?;
            body.shrink_to_fit();
            Ok(Envelope { route, owed, payload: Piece { label, body: Bytes::from(body) } })
        };
        Encoding::Beside(tokio::spawn(encode.instrument(span)))
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

type Outcome<L> = Result<Envelope<Piece<L, Bytes>>, EncodeError>;

/// One event on its way through the encoder.
#[derive(Debug)]
pub enum Encoding<L> {
    /// Encoded at once.
    Done(Option<Outcome<L>>),
    /// Being encoded in a task of its own.
    Beside(JoinHandle<Outcome<L>>),
}

impl<L> Future for Encoding<L> {
    type Output = Result<Envelope<Piece<L, Bytes>>, StageError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Done(outcome) => {
                Poll::Ready(Ok(outcome.take().expect("polled again after it was done")?))
            }
            Self::Beside(task) => Poll::Ready(Ok(ready!(Pin::new(task).poll(cx))??)),
        }
    }
}

impl<L> Unpin for Encoding<L> {}
