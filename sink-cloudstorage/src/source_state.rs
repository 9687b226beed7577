//! Where the source stood when a checkpoint was reached, kept beside the data it belongs to.
//!
//! ```text
//! .spillway/source.json            the latest state; replaced as a whole
//! .spillway/schemas-<hash>.json    what the state refers to; written when it changes
//! ```
//! Consumers ignore both: neither is an index, a schema file nor `metadata`.

use bytes::Bytes;
use object_store::path::Path;
use stage_writer::{Error, Remote};

const STATE: &str = ".spillway/source.json";

/// Keeps a source's state in the bucket. What it says is the source's own affair.
#[derive(Clone, Debug)]
pub struct SourceState {
    remote: Remote,
}

impl SourceState {
    pub(crate) fn new(remote: Remote) -> Self {
        Self { remote }
    }

    /// The latest state, or `None` in a fresh bucket.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn load(&self) -> Result<Option<Bytes>, Error> {
        self.remote.read(&Path::from(STATE)).await
    }

    /// Replaces the state. Save it before the checkpoint it belongs to is told to consumers.
    ///
    /// # Errors
    /// Those of the store; the old state stands then.
    pub async fn save(&self, state: Bytes) -> Result<(), Error> {
        self.remote.replace(&Path::from(STATE), state).await
    }

    /// Reads a part that the state refers to.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn load_part(&self, name: &str) -> Result<Option<Bytes>, Error> {
        self.remote.read(&part(name)).await
    }

    /// Writes a part, before a state refers to it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn save_part(&self, name: &str, content: Bytes) -> Result<(), Error> {
        self.remote.replace(&part(name), content).await
    }

    /// Deletes a part that no state refers to any more.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn delete_part(&self, name: &str) -> Result<(), Error> {
        self.remote.delete(&part(name)).await
    }
}

fn part(name: &str) -> Path {
    Path::from(format!(".spillway/{name}.json"))
}
