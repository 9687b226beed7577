//! The handle of a running pipeline.

use crate::fate::Fate;
use crate::{Builder, Error, ErrorKind};
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

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("fate", &self.fate).finish_non_exhaustive()
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // Before the tasks go, so that every waiter finds the reason.
        self.fate.seal(Error::closed());
        (self.close)();
    }
}
