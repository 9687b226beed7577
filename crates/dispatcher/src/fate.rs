//! The first error, known to everyone who waits.

use crate::Error;
use tokio::sync::watch;

/// Whether the dispatchers still run, and if not, why.
#[derive(Debug)]
pub(crate) struct Fate {
    end: watch::Sender<Option<Error>>,
}

impl Default for Fate {
    fn default() -> Self {
        Self { end: watch::Sender::new(None) }
    }
}

impl Fate {
    /// Ends everything, unless it has ended already: the first error stays.
    pub(crate) fn seal(&self, error: Error) {
        self.end.send_if_modified(|end| {
            let first = end.is_none();
            if first {
                tracing::debug!(%error, "the dispatchers end");
                *end = Some(error);
            }
            first
        });
    }

    /// `Err` with the first error, if there is one.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.end.borrow().clone().map_or(Ok(()), Err)
    }

    /// Waits for the first error.
    pub(crate) async fn sealed(&self) -> Error {
        let mut end = self.end.subscribe();
        match end.wait_for(Option::is_some).await {
            Ok(error) => error.clone().unwrap_or(Error::Stopped),
            // Not reached while `self` holds the sender.
            Err(_) => Error::Stopped,
        }
    }

    /// Waits for `work`, or for the first error. Work that ends after the first error does not count: it may have
    /// ended because everything is being let go of.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::select! {
            biased;
            // The work first: what is ready at once costs no subscription.
            done = work => self.check().map(|()| done),
            error = self.sealed() => Err(error),
        }
    }
}
