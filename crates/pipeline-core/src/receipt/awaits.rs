//! The source's side: two awaits.

use super::cell::Cell;
use crate::Error;
use futures::future::{BoxFuture, FutureExt};
use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The wait for the enqueue ack: the front door's response future. It gives the [`Receipt`].
///
/// # Errors
/// The pipeline's first error, if the element did not come to its enqueue ack. Once it did, what happens after is told
/// by the receipt.
///
/// # Cancel safety
/// Dropping it forgets the acknowledgement, not the element: that goes on and becomes durable.
#[must_use = "futures do nothing unless polled"]
pub struct Enqueued {
    cell: Option<Arc<Cell>>,
}

impl Enqueued {
    pub(super) fn of(cell: Arc<Cell>) -> Self {
        Self { cell: Some(cell) }
    }
}

impl Future for Enqueued {
    type Output = Result<Receipt, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // As every leaf future of tokio's does: who sends and sends, and always finds its wake given, lets others run.
        ready!(pin!(tokio::task::coop::consume_budget()).poll(cx));
        let cell = self.cell.as_ref().expect("not polled again after the enqueue ack");
        ready!(cell.poll_enqueued(cx))?;
        let cell = self.cell.take().expect("looked at above");
        Poll::Ready(Ok(Receipt { cell }))
    }
}

impl fmt::Debug for Enqueued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Enqueued").field(&self.cell).finish()
    }
}

/// The promise to the source that an enqueued element becomes durable.
///
/// Only [`flushed`](Self::flushed) may move a checkpoint. Awaited, a receipt is that.
#[must_use = "a receipt that nobody waits for moves no checkpoint"]
pub struct Receipt {
    cell: Arc<Cell>,
}

impl Receipt {
    /// Waits for the flush ack: the element is durable and visible in the store.
    ///
    /// # Errors
    /// The pipeline's first error: it is not durable, and must be sent again. Or
    /// [`Discarded`](crate::ErrorKind::Discarded): a stage left it out on purpose, and the pipeline goes on.
    ///
    /// # Cancel safety
    /// Dropping it forgets the acknowledgement, not the element.
    pub async fn flushed(self) -> Result<(), Error> {
        poll_fn(|cx| self.cell.poll_end(cx)).await
    }

    /// Whether the element is durable already.
    pub fn is_flushed(&self) -> bool {
        self.cell.is_flushed()
    }
}

impl IntoFuture for Receipt {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<'static, Result<(), Error>>;

    fn into_future(self) -> Self::IntoFuture {
        self.flushed().boxed()
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receipt").field(&self.cell).finish()
    }
}
