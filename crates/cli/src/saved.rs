//! The source's position that belongs to a checkpoint, as it is kept in the bucket.
//!
//! ```text
//! .spillway/source.json       {"version":1,"checkpoint_ts":…,"position":{…},"schemas":"schemas-…"}
//! .spillway/schemas-….json    every table's shape at that position
//! .spillway/gaps.json         the gaps that were accepted: see `gaps`
//! ```
//! The shapes are written only when a DDL, or a table seen for the first time, has changed them.

use crate::marks::Marks;
use bytes::Bytes;
use change_event::CommitTs;
use dispatcher::CheckpointStore;
use parking_lot::Mutex;
use pipeline_core::BoxError;
use serde::{Deserialize, Serialize};
use sink_cloudstorage::{SourceState, WriterError};
use source_mysql::{Mark, Position, Resume, Schemas};
use std::sync::Arc;
use tokio::sync::Mutex as AsyncMutex;

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// Everything at or below is durable.
    checkpoint_ts: CommitTs,
    position: Position,
    /// The name of the part that holds the tables' shapes.
    schemas: String,
}

/// A saved position that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SavedError {
    #[error("the saved position .spillway/source.json cannot be read; restore it, or write to a new prefix")]
    Unreadable(#[source] serde_json::Error),
    #[error("the saved position has version {0}, and this spillway knows only 1; use the newer spillway")]
    Version(u32),
    #[error(
        "the saved position needs .spillway/{0}.json, which is gone; restore it, or write to a new prefix"
    )]
    PartMissing(String),
    #[error(transparent)]
    Store(#[from] WriterError),
}

/// Keeps the source's position in the bucket, always before the checkpoint it belongs to is told.
#[derive(Clone)]
pub(crate) struct Positions {
    state: SourceState,
    marks: Arc<Mutex<Marks>>,
    /// The part that the saved position refers to. One at a time saves.
    current: Arc<AsyncMutex<Option<(String, Schemas)>>>,
}

impl Positions {
    pub(crate) fn new(state: SourceState) -> Self {
        Self { state, marks: Arc::default(), current: Arc::default() }
    }

    /// Where the last run left off, and its checkpoint; `None` for a fresh sink.
    pub(crate) async fn load(&self) -> Result<Option<(CommitTs, Resume)>, SavedError> {
        let Some(text) = self.state.load().await? else { return Ok(None) };
        let saved: Saved = serde_json::from_slice(&text).map_err(SavedError::Unreadable)?;
        if saved.version != VERSION {
            return Err(SavedError::Version(saved.version));
        }
        let part = self.state.load_part(&saved.schemas).await?;
        let part = part.ok_or_else(|| SavedError::PartMissing(saved.schemas.clone()))?;
        let schemas: Schemas = serde_json::from_slice(&part).map_err(SavedError::Unreadable)?;
        *self.current.lock().await = Some((saved.schemas, schemas.clone()));
        Ok(Some((saved.checkpoint_ts, Resume { position: saved.position, schemas })))
    }

    /// Where the state is kept.
    pub(crate) fn state(&self) -> &SourceState {
        &self.state
    }

    /// Notes a mark that a later checkpoint may pass.
    pub(crate) fn note(&self, mark: Mark) {
        self.marks.lock().push(mark);
    }

    /// Saves a mark as the position of a checkpoint.
    pub(crate) async fn save(&self, checkpoint_ts: CommitTs, mark: Mark) -> Result<(), BoxError> {
        self.replace(&mut *self.current.lock().await, checkpoint_ts, mark).await
    }

    /// Saves the latest position that a checkpoint has passed, if there is a new one.
    ///
    /// A position may move while the checkpoint does not: an idle server begins a new log file, and deletes the old
    /// one some day. So this is asked now and then, and not only when the checkpoint moves.
    pub(crate) async fn advance(&self, checkpoint: CommitTs) -> Result<(), BoxError> {
        let mut current = self.current.lock().await;
        let passed = self.marks.lock().pass(checkpoint);
        match passed {
            Some(mark) => self.replace(&mut current, checkpoint, mark).await,
            // The position of an earlier checkpoint is good for this one too.
            None => Ok(()),
        }
    }

    async fn replace(
        &self,
        current: &mut Option<(String, Schemas)>,
        checkpoint_ts: CommitTs,
        mark: Mark,
    ) -> Result<(), BoxError> {
        let before = current.as_ref().filter(|(_, schemas)| !schemas.is_same(&mark.schemas));
        let outdated: Option<String> = before.map(|(name, _)| name.clone());
        if current.is_none() || outdated.is_some() {
            let name = format!("schemas-{}", mark.commit_ts);
            self.state.save_part(&name, Bytes::from(serde_json::to_vec(&mark.schemas)?)).await?;
            *current = Some((name, mark.schemas));
        }
        let schemas = current.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let saved = Saved { version: VERSION, checkpoint_ts, position: mark.position, schemas };
        self.state.save(Bytes::from(serde_json::to_vec(&saved)?)).await?;
        // Only now does nothing refer to the old part any more.
        if let Some(outdated) = outdated.filter(|outdated| *outdated != saved.schemas) {
            // A part that nobody reads any more is no reason to end.
            if let Err(error) = self.state.delete_part(&outdated).await {
                tracing::warn!(part = outdated, %error, "an outdated part of the saved position stays behind");
            }
        }
        Ok(())
    }
}

impl CheckpointStore for Positions {
    async fn persist(&self, checkpoint: CommitTs) -> Result<(), BoxError> {
        self.advance(checkpoint).await
    }
}
