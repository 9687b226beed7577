//! One fate for all: the first error of a pipeline, known to everyone who waits for it.

use crate::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Whether a pipeline still runs, and if not, why. Clones share it.
#[derive(Clone, Debug)]
pub struct Fate(Arc<Shared>);

/// Behind one pointer: every receipt holds it.
#[derive(Debug)]
struct Shared {
    end: watch::Sender<Option<Error>>,
    closing: AtomicBool,
}

impl Fate {
    /// The fate of a pipeline that runs.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared { end: watch::Sender::new(None), closing: AtomicBool::new(false) }))
    }

    /// Ends the pipeline, unless it has ended already: the first error stays.
    ///
    /// Set it before anything is dropped, so that whoever then finds its element lost finds the reason here.
    pub(crate) fn seal(&self, error: Error) {
        self.0.end.send_if_modified(|end| {
            let first = end.is_none();
            if first {
                *end = Some(error);
            }
            first
        });
    }

    /// Lets nothing new in; what is inside goes on.
    pub(crate) fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
    }

    /// Why the pipeline ended; `None` while it runs.
    pub fn error(&self) -> Option<Error> {
        self.0.end.borrow().clone()
    }

    /// Why nothing can be sent any more; `None` while something can.
    pub(crate) fn refusal(&self) -> Option<Error> {
        self.error().or_else(|| self.0.closing.load(Ordering::Acquire).then(Error::closed))
    }

    /// What to tell someone whose element was dropped.
    pub(crate) fn explain_loss(&self) -> Error {
        self.refusal().unwrap_or_else(Error::lost)
    }

    /// Waits for the end.
    pub async fn sealed(&self) -> Error {
        let mut watch = self.0.end.subscribe();
        match watch.wait_for(Option::is_some).await {
            Ok(end) => end.clone().unwrap_or_else(Error::closed),
            // Not reached while `self` holds the sender.
            Err(_) => Error::closed(),
        }
    }
}
