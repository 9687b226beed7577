//! Acknowledgements without a future: for those who track millions of elements.

use crate::Error;
use std::sync::Arc;

/// Hears of the acknowledgements of many elements, each known by a token of its own.
///
/// The calls come from the pipeline's tasks, and from whoever calls its front door: be quick, and do not block.
pub trait Observe: Send + Sync {
    /// The element passed its enqueue ack. Once, and never after `settled`.
    fn enqueued(&self, token: u64) {
        // Most observers only track what is durable.
        let _: u64 = token;
    }

    /// The element is durable, or was lost. Once.
    fn settled(&self, token: u64, outcome: Result<(), Error>);
}

/// An [`Observe`]r and the token it knows an element by.
#[derive(Clone)]
pub struct Observer {
    target: Arc<dyn Observe>,
    token: u64,
}

impl Observer {
    /// Makes `target` hear of one element.
    pub fn new(target: Arc<dyn Observe>, token: u64) -> Self {
        Self { target, token }
    }

    pub(crate) fn enqueued(&self) {
        self.target.enqueued(self.token);
    }

    pub(crate) fn settled(&self, outcome: Result<(), Error>) {
        self.target.settled(self.token, outcome);
    }
}
