//! The gaps that were accepted, kept in the bucket.
//!
//! ```text
//! .spillway/gaps.json   {"gaps":[{"accepted":"2026-01-01T00:00:00Z","why":…,"above_ts":…,"from":{…}|null,"to":{…}}, …]}
//! ```
//! Each says what is missing: everything that committed between the two positions, both with the lineage of their log.
//! `from` is null where the saved position was gone. Rows from behind the gap have a commit-ts above `above_ts`.

use bytes::Bytes;
use change_event::CommitTs;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sink_cloudstorage::{SourceState, WriterError, wall_millis};
use source_mysql::Position;

const PART: &str = "gaps";

/// One gap.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Gap {
    accepted: Timestamp,
    why: String,
    above_ts: CommitTs,
    from: Option<Position>,
    to: Position,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Gaps {
    gaps: Vec<Gap>,
}

/// Why a gap could not be recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GapError {
    #[error(".spillway/gaps.json cannot be read; move it away, or mend it")]
    Unreadable(#[source] serde_json::Error),
    #[error(transparent)]
    Store(#[from] WriterError),
}

impl Gap {
    /// A gap that is accepted now.
    pub(crate) fn new(why: String, above_ts: CommitTs, from: Option<Position>, to: Position) -> Self {
        let accepted = Timestamp::from_millisecond(wall_millis() as i64).unwrap_or_default();
        Self { accepted, why, above_ts, from, to }
    }

    /// Adds it to those of the bucket. Before its end becomes the saved position: a crash in between leaves a gap
    /// that was not gone over, which the next attempt replaces, as it begins at the same place.
    pub(crate) async fn record(self, state: &SourceState) -> Result<(), GapError> {
        let mut all = match state.load_part(PART).await? {
            Some(text) => serde_json::from_slice(&text).map_err(GapError::Unreadable)?,
            None => Gaps::default(),
        };
        if self.from.is_some() && all.gaps.last().is_some_and(|last| last.from == self.from) {
            all.gaps.pop();
        }
        all.gaps.push(self);
        let text = serde_json::to_vec(&all).map_err(GapError::Unreadable)?;
        Ok(state.save_part(PART, Bytes::from(text)).await?)
    }
}
