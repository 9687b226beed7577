//! Where the source stood when a checkpoint was reached, kept beside the data it belongs to.
//!
//! ```text
//! .spillway/source.json       the latest state; replaced as a whole
//! .spillway/<part>.json       what the state refers to; written when it changes
//! ```
//! The state is replaced under a condition, where the store knows any: of two processes that write to one target by
//! mistake, the one that started first is told so at its next save, and ends.
//!
//! Consumers ignore both: neither is an index, a schema file nor `metadata`.

use bytes::Bytes;
use object_store::path::Path;
use stage_writer::{Error, Remote, Standing};
use std::sync::Arc;
use tokio::sync::Mutex;

const STATE: &str = ".spillway/source.json";

/// Keeps a source's state in the bucket. What it says is the source's own affair.
#[derive(Clone, Debug)]
pub struct SourceState {
    remote: Remote,
    /// What stands in the bucket, once it was looked at. One at a time saves.
    standing: Arc<Mutex<Option<Standing>>>,
}

impl SourceState {
    pub(crate) fn new(remote: Remote) -> Self {
        Self { remote, standing: Arc::default() }
    }

    /// The latest state, or `None` in a fresh bucket.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn load(&self) -> Result<Option<Bytes>, Error> {
        let standing = self.remote.standing(&Path::from(STATE)).await?;
        let state = standing.content().cloned();
        *self.standing.lock().await = Some(standing);
        Ok(state)
    }

    /// Replaces the state. Save it before the checkpoint it belongs to is told to consumers.
    ///
    /// # Errors
    /// Those of the store, and a conflict if somebody else has saved since; the old state stands then.
    pub async fn save(&self, state: Bytes) -> Result<(), Error> {
        let path = Path::from(STATE);
        let mut standing = self.standing.lock().await;
        let before = match standing.take() {
            Some(before) => before,
            None => self.remote.standing(&path).await?,
        };
        *standing = Some(self.remote.supersede(&path, before, state).await?);
        Ok(())
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
