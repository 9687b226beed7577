//! How far a run says it has come.

use super::Running;
use crate::until::within_reason;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt};
use serde_json::Value;

/// What `.spillway/source.json` says: a run started again begins here, so everything before is durable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Saved {
    /// The log file.
    pub file: String,
    /// The offset in it.
    pub offset: u64,
    /// The checkpoint that the position belongs to.
    pub checkpoint: u64,
}

impl Saved {
    /// Reads it; `None` if there is none yet.
    ///
    /// # Panics
    /// If it is torn or of another shape, or if the store fails.
    pub async fn read(store: &dyn ObjectStore, prefix: &str) -> Option<Self> {
        let path = Path::from(format!("{prefix}/.spillway/source.json"));
        let text = match store.get(&path).await {
            Ok(found) => found.bytes().await.expect("a saved position can be read"),
            Err(Error::NotFound { .. }) => return None,
            Err(error) => panic!("{path} cannot be read: {error}"),
        };
        let json: Value = serde_json::from_slice(&text).expect("a saved position is never torn");
        let position = &json["position"];
        Some(Self {
            file: position["file"].as_str().expect("it names a log file").to_owned(),
            offset: position["offset"].as_u64().expect("it has an offset"),
            checkpoint: json["checkpoint_ts"].as_u64().expect("it has a checkpoint"),
        })
    }

    /// Whether it is at or behind this position of the log.
    pub fn has_passed(&self, (file, offset): &(String, u64)) -> bool {
        (&self.file, &self.offset) >= (file, offset)
    }

    /// Waits until a run has come to this position of the log.
    ///
    /// # Panics
    /// If the run ends before, or does not get there.
    pub async fn reaches(end: &(String, u64), running: &mut Running, store: &dyn ObjectStore, prefix: &str) {
        let reached = within_reason(async || {
            assert!(running.try_ended().is_none(), "it ended: {}", running.stderr());
            Self::read(store, prefix).await.filter(|saved| saved.has_passed(end))
        });
        if reached.await.is_none() {
            let saved = Self::read(store, prefix).await;
            panic!("the log ends at {end:?}, and it stays at {saved:?}; it said: {}", running.stderr());
        }
    }
}
