//! Where the source stood when a checkpoint was reached, kept beside the data it belongs to.
//!
//! ```text
//! .spillway/source.json       the latest state; replaced as a whole
//! .spillway/<part>            what the state refers to, written when it changes; `.json` if its name has no extension
//! ```
//! The state is replaced under a condition, where the store knows any, and looked at before, where it does not: of two
//! processes that write to one target by mistake, the one that started first is told so at its next save, and ends.
//! So is one whose target was emptied or replaced.
//!
//! A target without a state that holds files of ours has lost it: what is [`left over`](SourceState::left_over) says so.
//!
//! Consumers ignore both: neither is an index, a schema file nor `metadata`.

use crate::layout::data_file::of_compressed;
use crate::layout::{METADATA_KEY, parse_checkpoint};
use bytes::Bytes;
use change_event::CommitTs;
use object_store::path::Path;
use stage_writer::{Error, ErrorKind, Remote, Standing};
use std::sync::Arc;
use tokio::sync::Mutex;

const STATE: &str = ".spillway/source.json";

/// Why a state was not saved.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The target was emptied or replaced under the run. Look what became of it; then start again.
    #[error(
        "the target lost {STATE} while it was written to: it was emptied or replaced; restore it, or write to a new prefix"
    )]
    Gone,
    /// Somebody else has saved since.
    #[error("{STATE} exists and is not ours; make sure that only one writer owns this directory")]
    Replaced,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] Error),
}

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
    /// [`StateError::Gone`] and [`StateError::Replaced`] if what was saved before does not stand there any more, which
    /// stays as it is then; those of the store.
    ///
    /// # Cancel safety
    /// Let it end: dropped before it returns, it may have saved, and the next save takes that for somebody else's.
    pub async fn save(&self, state: Bytes) -> Result<(), StateError> {
        let path = Path::from(STATE);
        let mut standing = self.standing.lock().await;
        // It stays what it is when this fails: the next save must not take what stands there then for ours.
        let before = match &*standing {
            Some(before) => before.clone(),
            None => standing.insert(self.remote.standing(&path).await?).clone(),
        };
        if !self.remote.is_guarded() {
            check(before.content(), self.remote.standing(&path).await?.content())?;
        }
        let expected = before.content().cloned();
        match self.remote.supersede(&path, before, state).await {
            Ok(now) => {
                *standing = Some(now);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {
                check(expected.as_ref(), self.remote.standing(&path).await?.content())?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A file of a sink's, if there is any: data, index, schema file or `metadata`. What only we read, and what is not
    /// named like a sink's files, does not count.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn left_over(&self) -> Result<Option<Path>, Error> {
        self.remote.any(is_a_sinks).await
    }

    /// The checkpoint that consumers were told, if any.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn told_checkpoint(&self) -> Result<Option<CommitTs>, Error> {
        let content = self.remote.read(&Path::from(METADATA_KEY)).await?;
        Ok(content.and_then(|content| parse_checkpoint(&content).ok()).map(CommitTs))
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
    let extension = if name.contains('.') { "" } else { ".json" };
    Path::from(format!(".spillway/{name}{extension}"))
}

/// Whether what stands there is what was left there.
fn check(left: Option<&Bytes>, standing: Option<&Bytes>) -> Result<(), StateError> {
    match (left, standing) {
        (Some(_), None) => Err(StateError::Gone),
        (left, standing) if left != standing => Err(StateError::Replaced),
        _ => Ok(()),
    }
}

/// Whether a file is named like one that a sink of this layout writes.
fn is_a_sinks(path: &Path) -> bool {
    let parts: Vec<_> = path.parts().collect();
    let Some((name, directories)) = parts.split_last() else { return false };
    let name = name.as_ref();
    if directories.is_empty() && name == METADATA_KEY {
        return true;
    }
    if directories.is_empty() || directories[0].as_ref() == ".spillway" {
        return false;
    }
    let is_numbered = name
        .strip_prefix("CDC")
        .is_some_and(|rest| rest.starts_with(|c: char| c == '_' || c.is_ascii_digit()));
    match directories.last().map(|directory| directory.as_ref()) {
        Some("meta") => {
            name.starts_with("schema_") && name.ends_with(".json")
                || name.starts_with("CDC") && name.ends_with(".index")
        }
        _ => {
            let (name, _) = of_compressed(name);
            is_numbered && (name.ends_with(".csv") || name.ends_with(".json"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_a_sinks;
    use object_store::path::Path;

    #[test]
    fn only_what_is_named_like_a_sinks_file_counts() {
        for key in [
            "metadata",
            "d/meta/schema_1_0000000001.json",
            "d/t/meta/schema_1_0000000001.json",
            "d/t/1/meta/CDC.index",
            "d/t/1/2026-01-01/meta/CDC_dispatcher.index",
            "d/t/1/CDC00000000000000000001.csv",
            "d/t/1/2026-01-01/CDC_dispatcher_000001.json",
            "d/t/1/CDC00000000000000000001.csv.gz",
            "d/t/1/CDC00000000000000000001.json.zst",
        ] {
            assert!(is_a_sinks(&Path::from(key)), "{key}");
        }
        for key in [
            ".spillway/source.json",
            ".spillway/probe-1",
            ".spillway/meta/schema_1_1.json",
            "notes.txt",
            "photos/metadata",
            "music/CDCollection.csv",
            "d/t/1/CDC000001.txt",
            "d/t/1/CDC000001.txt.gz",
            "CDC000001.csv",
            "d/meta/readme.json",
        ] {
            assert!(!is_a_sinks(&Path::from(key)), "{key}");
        }
    }
}
