//! The end of the line, and the handle of a running pipeline.

use crate::fate::Fate;
use crate::stage::ElementStream;
use crate::{BoxError, Builder, Element, Error};
use futures::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
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
        match self.fate.error() {
            Some(error) => Err(error),
            None => {
                self.fate.seal(Error::closed());
                Ok(())
            }
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

/// One lane's task: moves elements to the end of the line until the input ends, or any lane fails.
pub(crate) async fn run<T: Send>(mut line: ElementStream<T>, fate: Fate) {
    let end = {
        let pump = AssertUnwindSafe(pump(&mut line)).catch_unwind();
        tokio::select! {
            biased;
            _ = fate.sealed() => Ok(Ok(())),
            end = pump => end,
        }
    };
    match end {
        Ok(Ok(())) => {}
        Ok(Err(error)) => fate.seal(Error::failed(error)),
        Err(panic) => fate.seal(Error::failed(Panicked(message(&*panic)))),
    }
    // Only now, with the fate sealed, are the elements that are left let go.
    drop(line);
}

/// Settles what arrives: receipts are flushed, markers acknowledged.
async fn pump<T>(line: &mut ElementStream<T>) -> Result<(), BoxError> {
    while let Some(element) = line.next().await {
        match element? {
            Element::Data(envelope) => envelope.owed.flush(),
            Element::Drain(marker) => marker.acknowledge(),
        }
        // A lane with endless input lets others run.
        tokio::task::coop::consume_budget().await;
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("a stage panicked: {0}")]
struct Panicked(String);

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
