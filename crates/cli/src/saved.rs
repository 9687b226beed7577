//! The source's position that belongs to a checkpoint, as it is kept in the bucket.
//!
//! ```text
//! .spillway/source.json   {"version":…,"checkpoint_ts":…,"position":{…},"schemas":"…","changes":"…"}
//! .spillway/…             the parts that it names, which hold every table's shape at that position: see `shapes`
//! .spillway/gaps.json     the gaps that were accepted: see `gaps`
//! .spillway/snapshot.json   a copy of tables that is not finished: see `snapshot`
//! ```
//! The shapes are written only when a DDL, or a table seen for the first time, has changed them.
//!
//! | version | has |
//! |---|---|
//! | 1 | the shapes as a whole |
//! | 2 | changes of them, which a spillway that knows only version 1 would pass over |
//! | 3 | columns without what is as usual with them |
//! | 4 | compressed shapes, under names with an extension |

use crate::marks::Marks;
use crate::shapes::{Parts, Shapes, ShapesError};
use bytes::Bytes;
use change_event::CommitTs;
use dispatcher::CheckpointStore;
use parking_lot::Mutex;
use pipeline_core::BoxError;
use serde::{Deserialize, Serialize};
use sink_cloudstorage::{SourceState, WriterError};
use source_mysql::{Mark, Position, Resume};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex as AsyncMutex;

const NEWEST: u32 = 4;

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// Everything at or below is durable.
    checkpoint_ts: CommitTs,
    position: Position,
    /// Where the tables' shapes are.
    #[serde(flatten)]
    shapes: Parts,
}

/// A saved position that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SavedError {
    #[error("the saved position .spillway/source.json cannot be read; restore it, or write to a new prefix")]
    Unreadable(#[source] serde_json::Error),
    #[error(
        "the saved position has version {0}, and this spillway knows none beyond {NEWEST}; use the newer spillway"
    )]
    Version(u32),
    #[error(transparent)]
    Shapes(#[from] ShapesError),
    #[error(transparent)]
    Store(#[from] WriterError),
}

/// Keeps the source's position in the bucket, always before the checkpoint it belongs to is told.
#[derive(Clone)]
pub(crate) struct Positions {
    state: SourceState,
    marks: Arc<Mutex<Marks>>,
    /// The shapes that the saved position refers to. One at a time saves.
    current: Arc<AsyncMutex<Option<Shapes>>>,
    /// A copy of tables is under way: there is no position until it is finished.
    copying: Arc<AtomicBool>,
}

/// The name of the part that says which copy of tables was begun and not finished.
pub(crate) const UNFINISHED_COPY: &str = "snapshot";

impl Positions {
    pub(crate) fn new(state: SourceState) -> Self {
        Self { state, marks: Arc::default(), current: Arc::default(), copying: Arc::default() }
    }

    /// Where the last run left off, and its checkpoint; `None` for a fresh sink.
    pub(crate) async fn load(&self) -> Result<Option<(CommitTs, Resume)>, SavedError> {
        let Some(text) = self.state.load().await? else { return Ok(None) };
        let saved: Saved = serde_json::from_slice(&text).map_err(SavedError::Unreadable)?;
        if !(1..=NEWEST).contains(&saved.version) {
            return Err(SavedError::Version(saved.version));
        }
        let shapes = Shapes::load(&self.state, saved.shapes).await?;
        let schemas = shapes.schemas().clone();
        *self.current.lock().await = Some(shapes);
        Ok(Some((saved.checkpoint_ts, Resume { position: saved.position, schemas })))
    }

    /// Where the state is kept.
    pub(crate) fn state(&self) -> &SourceState {
        &self.state
    }

    /// Notes that there is a copy to be finished before anything is saved.
    #[cfg(feature = "server")]
    pub(crate) fn begin_copy(&self) {
        self.copying.store(true, Ordering::Release);
    }

    /// Whether there is a copy that is not finished.
    pub(crate) fn is_copying(&self) -> bool {
        self.copying.load(Ordering::Acquire)
    }

    /// Notes a mark that a later checkpoint may pass.
    pub(crate) fn note(&self, mark: Mark) {
        self.marks.lock().push(mark);
    }

    /// Saves a mark as the position of a checkpoint.
    pub(crate) async fn save(&self, checkpoint_ts: CommitTs, mark: Mark) -> Result<(), BoxError> {
        let positions = self.clone();
        to_its_end(async move {
            positions.replace(&mut *positions.current.lock().await, checkpoint_ts, mark).await
        })
        .await
    }

    /// Saves the latest position that a checkpoint has passed, if there is a new one.
    ///
    /// A position may move while the checkpoint does not: an idle server begins a new log file, and deletes the old
    /// one some day. So this is asked now and then, and not only when the checkpoint moves.
    pub(crate) async fn advance(&self, checkpoint: CommitTs) -> Result<(), BoxError> {
        let positions = self.clone();
        to_its_end(async move { positions.take_latest(checkpoint).await }).await
    }

    async fn take_latest(&self, checkpoint: CommitTs) -> Result<(), BoxError> {
        let mut current = self.current.lock().await;
        let passed = self.marks.lock().passed(checkpoint);
        match passed {
            Some(mark) => {
                self.replace(&mut current, checkpoint, mark.clone()).await?;
                self.marks.lock().forget(&mark);
                if self.copying.swap(false, Ordering::AcqRel) {
                    // Only now does it say nothing any more. Should it stay: a position is asked for first.
                    self.state.delete_part(UNFINISHED_COPY).await?;
                }
                Ok(())
            }
            // The position of an earlier checkpoint is good for this one too.
            None => Ok(()),
        }
    }

    async fn replace(
        &self,
        current: &mut Option<Shapes>,
        checkpoint_ts: CommitTs,
        mark: Mark,
    ) -> Result<(), BoxError> {
        let before = current.as_ref().map(|shapes| shapes.parts().clone());
        let shapes = Shapes::bring_to(current.clone(), &self.state, mark.commit_ts, mark.schemas).await?;
        let now = current.insert(shapes).parts().clone();
        let saved = Saved { version: NEWEST, checkpoint_ts, position: mark.position, shapes: now.clone() };
        self.state.save(Bytes::from(serde_json::to_vec(&saved)?)).await?;
        // Only now does nothing refer to the old parts any more.
        for outdated in before.iter().flat_map(|before| before.not_in(&now)) {
            // A part that nobody reads any more is no reason to end.
            if let Err(error) = self.state.delete_part(outdated).await {
                tracing::warn!(part = outdated, %error, "an outdated part of the saved position stays behind");
            }
        }
        Ok(())
    }
}

/// Does the work though nobody may wait for it any more: a run that is asked to stop lets go of whoever saves. A save that
/// was cut off would have left in the bucket what the next one takes for another writer's.
async fn to_its_end(
    work: impl Future<Output = Result<(), BoxError>> + Send + 'static,
) -> Result<(), BoxError> {
    tokio::spawn(work).await?
}

impl CheckpointStore for Positions {
    async fn persist(&self, checkpoint: CommitTs) -> Result<(), BoxError> {
        self.advance(checkpoint).await
    }
}
