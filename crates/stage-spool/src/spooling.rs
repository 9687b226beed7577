//! The future of one call.

use crate::SpoolError;
use crate::core::Core;
use crate::stored::Stored;
use futures::channel::oneshot;
use pipeline_core::{Envelope, Owed, Piece, RouteId};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Resolves when a piece has its place: at once if that is in memory, otherwise when its frame is written.
///
/// # Cancel safety
/// Dropping it drops the envelope. A place that it was given, or is about to be given, is let go.
#[must_use = "futures do nothing unless polled"]
pub struct Spooling<L> {
    /// What is not spooled; there until the future resolves.
    rest: Option<(RouteId, Owed, L)>,
    placing: Placing,
}

/// How far a piece is on its way to a tier.
pub(crate) enum Placing {
    /// It is there.
    Done(Stored),
    /// The writer thread has it.
    Waiting(Wait),
    /// There is no place.
    Failed(SpoolError),
    /// The answer was given.
    Over,
}

/// The wait for the writer thread's answer.
pub(crate) struct Wait {
    core: Arc<Core>,
    answer: oneshot::Receiver<Stored>,
    answered: bool,
}

impl Wait {
    pub(crate) fn new(core: Arc<Core>, answer: oneshot::Receiver<Stored>) -> Self {
        Self { core, answer, answered: false }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Stored, SpoolError>> {
        let answer = ready!(Pin::new(&mut self.answer).poll(cx));
        self.answered = true;
        let failure = || self.core.failure().cloned().unwrap_or(SpoolError::Stopped);
        Poll::Ready(answer.map_err(|_| failure()))
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if !self.answered {
            // The piece may be at the head of the line, and hold up all the others.
            self.answer.close();
            self.core.inbox.abandon();
        }
    }
}

impl<L> Spooling<L> {
    pub(crate) fn new(rest: (RouteId, Owed, L), placing: Placing) -> Self {
        Self { rest: Some(rest), placing }
    }
}

// Nothing is pinned in place.
impl<L> Unpin for Spooling<L> {}

impl<L> Future for Spooling<L> {
    type Output = Result<Envelope<Piece<L, Stored>>, SpoolError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Placing::Waiting(wait) = &mut this.placing {
            let answer = ready!(wait.poll(cx));
            this.placing = answer.map_or_else(Placing::Failed, Placing::Done);
        }
        let (rest, placing) = (this.rest.take(), std::mem::replace(&mut this.placing, Placing::Over));
        let (route, owed, label) = rest.expect("a future is not polled again after it resolved");
        Poll::Ready(match placing {
            Placing::Done(body) => Ok(Envelope { route, owed, payload: Piece { label, body } }),
            Placing::Failed(error) => Err(error),
            Placing::Waiting(_) | Placing::Over => unreachable!("what waits was answered above, once"),
        })
    }
}
