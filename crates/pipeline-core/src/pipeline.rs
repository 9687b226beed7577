//! The handle of a running pipeline, and its verdict on what a line says.

use crate::fate::Fate;
use crate::stage::ElementStream;
use crate::{BoxError, Builder, Element, Error, ErrorKind, loss};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};
use tokio::task::JoinSet;

/// A running pipeline. Dropping it ends the pipeline at once, and everything not yet durable is lost.
pub struct Pipeline {
    tasks: JoinSet<()>,
    fate: Fate,
    close: Box<dyn Fn() + Send + Sync>,
}

impl Pipeline {
    /// Starts composing a pipeline whose front door takes `T`.
    pub fn builder<T: Send + 'static>() -> Builder<T, T> {
        Builder::new()
    }

    pub(crate) fn new(tasks: JoinSet<()>, fate: Fate, close: impl Fn() + Send + Sync + 'static) -> Self {
        Self { tasks, fate, close: Box::new(close) }
    }

    /// Ends the input, waits until everything taken in is durable, and ends.
    ///
    /// # Errors
    /// The first error of the pipeline: then what was not flushed is lost.
    ///
    /// # Cancel safety
    /// Dropped, it ends the pipeline at once.
    pub async fn close(mut self) -> Result<(), Error> {
        self.fate.close();
        (self.close)();
        self.finished().await
    }

    /// Waits for the end: of the input, or by an error.
    ///
    /// # Errors
    /// The first error.
    ///
    /// # Cancel safety
    /// The pipeline goes on.
    pub async fn finished(&mut self) -> Result<(), Error> {
        while self.tasks.join_next().await.is_some() {}
        self.fate.seal(Error::closed());
        match self.fate.error() {
            // Nothing failed before the end, now or when this was asked the first time.
            Some(error) if error.kind() == ErrorKind::Closed => Ok(()),
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// How it ends or ended, for those who watch it from elsewhere.
    pub fn fate(&self) -> Fate {
        self.fate.clone()
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // Before the tasks go, so that every waiter finds the reason.
        self.fate.seal(Error::closed());
        (self.close)();
    }
}

/// The line's next element; at an error, or a panic, the fate is sealed and the line is at its end.
pub(crate) fn poll_line<T>(
    line: &mut ElementStream<T>,
    fate: &Fate,
    cx: &mut Context<'_>,
) -> Poll<Option<Element<T>>> {
    // Told at the end of this function, when the fate is known.
    let losses = loss::hold_back();
    let polled = catch_unwind(AssertUnwindSafe(|| line.as_mut().poll_next(cx)));
    let error = match polled {
        Ok(Poll::Pending) => return Poll::Pending,
        Ok(Poll::Ready(None)) => return Poll::Ready(None),
        Ok(Poll::Ready(Some(Ok(element)))) => return Poll::Ready(Some(element)),
        Ok(Poll::Ready(Some(Err(error)))) => error,
        Err(panic) => panicked("a stage", &*panic),
    };
    fate.seal(Error::failed(error));
    drop(losses);
    Poll::Ready(None)
}

/// The error that a panic is.
pub(crate) fn panicked(who: &'static str, panic: &(dyn std::any::Any + Send)) -> BoxError {
    Panicked(who, message(panic)).into()
}

#[derive(Debug, thiserror::Error)]
#[error("{0} panicked: {1}")]
struct Panicked(&'static str, String);

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
