//! The first file of a directory without an index goes alone.
//!
//! A crash leaves files that were never published. Where there is an index it proves that: they are beyond it. Where
//! there is none yet, nothing would. Files that were on their way side by side may leave any of them behind; what
//! retention leaves of published files whose index was lost looks the same. So a directory's other files wait until its
//! first index is durable. A crash then leaves a run of files that starts at 1, and whatever else is found without an
//! index was not left by one.
//!
//! It costs the time of two requests, once per directory.

use crate::{Error, ErrorKind};
use object_store::path::Path;
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// The index is durable.
    Published,
    /// The first file is gone, and no index was written.
    Abandoned,
}

/// Where a directory's files wait for its first index.
#[derive(Debug)]
pub(super) struct Opening(watch::Sender<State>);

impl Default for Opening {
    fn default() -> Self {
        Self(watch::Sender::new(State::Waiting))
    }
}

impl Opening {
    /// What the first file carries until it is published. Dropped before, nobody waits in vain.
    pub(super) fn first(&self) -> First {
        First(self.0.clone())
    }

    /// Says that the index is durable.
    pub(super) fn published(&self) {
        self.0.send_replace(State::Published);
    }

    /// Waits for the first index.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) if nobody will write it.
    pub(super) async fn passed(&self, directory: &Path) -> Result<(), Error> {
        let mut state = self.0.subscribe();
        match state.wait_for(|state| *state != State::Waiting).await.as_deref() {
            Ok(State::Published) => Ok(()),
            Ok(State::Waiting | State::Abandoned) | Err(_) => Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "the first file of {directory} was not published; put `Publish` behind `Upload` where the layout \
                     has an index"
                ),
            )),
        }
    }
}

/// The first file of a directory.
#[derive(Debug)]
pub(crate) struct First(watch::Sender<State>);

impl Drop for First {
    fn drop(&mut self) {
        self.0.send_if_modified(|state| {
            let abandoned = *state == State::Waiting;
            if abandoned {
                *state = State::Abandoned;
            }
            abandoned
        });
    }
}
