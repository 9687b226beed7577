//! The copy of tables that a run may begin with.
//!
//! ```text
//!  .spillway/snapshot.json   ─► statements ─► rows ─► checkpoint at the point ─► .spillway/source.json
//!  (what this attempt writes)                                                    (only now is there a position)
//! ```
//! Killed at any moment before the last step, the next run finds the first file and no position: it takes back what that
//! attempt may have written, by statements in the bucket, and begins anew at a new point. Behind the last step the
//! first file says nothing any more.

use crate::args::{RunArgs, SnapshotLocking, SnapshotMode};
use crate::failure::Failure;
use crate::run::Copying;
use crate::saved::{Positions, UNFINISHED_COPY};
use bytes::Bytes;
use change_event::{ChangeEvent, CommitTs};
use dispatcher::Dispatchers;
use indicatif::{HumanBytes, HumanCount, HumanDuration};
use sink_cloudstorage::{CloudStorageSink, SourceState};
use source_mysql::snapshot::{Copied, CopyProgress};
use source_mysql::{Attempt, Binlog, Error, Snapshot, SnapshotLock, SnapshotOptions, SourceOptions, Start};
use std::time::Duration;
use tokio::time::Instant;
use tokio_stream::StreamExt;
use url::Url;

/// So often a copy begins anew because statements changed its tables.
const ATTEMPTS: usize = 10;

/// A copy that is ready to be made.
pub(crate) struct Copy {
    url: Url,
    options: SourceOptions,
    how: SnapshotOptions,
    snapshot: Snapshot,
    /// Without the log behind it.
    only: bool,
}

#[derive(Debug, thiserror::Error)]
#[error(".spillway/snapshot.json cannot be read; restore it, or write to a new prefix")]
struct Unreadable(#[source] serde_json::Error);

impl Copy {
    /// Finds the point, and notes in the bucket what will be written, before anything is. `begun`: what `.spillway/snapshot.json` says of an attempt that was not finished.
    pub(crate) async fn begin(
        url: Url,
        options: SourceOptions,
        args: &RunArgs,
        positions: &Positions,
        begun: Option<&Bytes>,
    ) -> Result<Self, Failure> {
        let before: Option<Attempt> = begun
            .map(|text| serde_json::from_slice(text))
            .transpose()
            .map_err(|error| Failure::input("", Unreadable(error)))?;
        let lock = match args.snapshot_lock {
            SnapshotLocking::Global => SnapshotLock::Global,
            SnapshotLocking::None => SnapshotLock::None,
        };
        let how =
            SnapshotOptions { readers: args.snapshot_readers.into(), lock, ..SnapshotOptions::default() };
        if before.is_some() {
            tracing::warn!("a copy of tables was not finished; it starts anew, at another point of the log");
        }
        let snapshot = Snapshot::begin(&url, options.clone(), &how, before.as_ref()).await;
        let snapshot = snapshot.map_err(|error| Failure::input("", error))?;
        save(positions.state(), snapshot.attempt()).await?;
        positions.begin_copy();
        Ok(Self { url, options, how, snapshot, only: args.snapshot == SnapshotMode::Only })
    }

    /// Everything that it will write is above this.
    pub(crate) fn checkpoint(&self) -> CommitTs {
        self.snapshot.attempt().checkpoint
    }

    /// Makes it, and gives the log behind it, if that is to be followed.
    pub(crate) async fn run(
        mut self: Box<Self>,
        dispatchers: &Dispatchers<CloudStorageSink>,
        positions: &Positions,
        copying: &Copying,
    ) -> Result<Option<Binlog>, Failure> {
        for attempt in 1.. {
            let (progress, since) = (self.snapshot.progress(), Instant::now());
            *copying.lock() = Some(Box::new(move || line(&progress, since.elapsed())));
            let error = match self.hand_over(dispatchers).await? {
                Ok(()) => break,
                Err(error) if attempt < ATTEMPTS && error.is_moved() => error,
                Err(error) => return Err(Failure::run("", error)),
            };
            tracing::warn!(%error, "it is made again, at another point of the log");
            // Its readers would hold tables that the next attempt needs.
            self.snapshot.stop().await;
            let before = self.snapshot.attempt().clone();
            let next = Snapshot::begin(&self.url, self.options.clone(), &self.how, Some(&before)).await;
            self.snapshot = next.map_err(|error| Failure::run("", error))?;
            save(positions.state(), self.snapshot.attempt()).await?;
        }
        *copying.lock() = None;
        let mark = self.snapshot.mark();
        let (ts, resume) = (mark.commit_ts, mark.clone().into());
        // From the moment that the checkpoint comes here, there is a position.
        positions.note(mark);
        let resolved = dispatchers.handle(ChangeEvent::Resolved(ts)).await;
        resolved.map_err(|error| Failure::run("", error))?;
        if self.only {
            return Ok(None);
        }
        // Nothing of the log may stand in the bucket before there is a position: another attempt would begin below it.
        // Test: `a_copy_that_is_killed_again_and_again_while_others_write_is_the_server`.
        let mut checkpoints = dispatchers.checkpoints();
        while checkpoints.next().await.is_some_and(|checkpoint| checkpoint < ts) {}
        let log = Binlog::connect(&self.url, self.options, Start::Resume(Box::new(resume))).await;
        log.map(Some).map_err(|error| Failure::run("", error))
    }

    async fn hand_over(
        &mut self,
        dispatchers: &Dispatchers<CloudStorageSink>,
    ) -> Result<Result<(), Error>, Failure> {
        loop {
            match self.snapshot.next().await {
                Ok(Some(event)) => {
                    dispatchers.handle(event).await.map_err(|error| Failure::run("", error))?;
                }
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
    }
}

async fn save(state: &SourceState, attempt: &Attempt) -> Result<(), Failure> {
    let text = serde_json::to_vec(attempt).map_err(|error| Failure::run("cannot save the attempt", error))?;
    let saved = state.save_part(UNFINISHED_COPY, Bytes::from(text)).await;
    saved.map_err(|error| Failure::run("cannot save .spillway/snapshot.json", error))
}

/// How far it is, and how long it will take if the rest is like what was.
fn line(progress: &CopyProgress, elapsed: Duration) -> String {
    let (done, all) = (progress.copied(), progress.expected());
    let left = left(done, all, elapsed).map(|left| format!(", about {} left", HumanDuration(left)));
    format!(
        "copying: {} of {} tables, {} of about {} rows, {}{}",
        HumanCount(done.tables),
        HumanCount(all.tables),
        HumanCount(done.rows),
        HumanCount(all.rows.max(done.rows)),
        HumanBytes(done.bytes),
        left.unwrap_or_default()
    )
}

/// `None` before there is anything to go by.
fn left(done: Copied, all: Copied, elapsed: Duration) -> Option<Duration> {
    let rest = all.rows.saturating_sub(done.rows);
    (done.rows > 0 && all.rows > 0).then(|| elapsed.mul_f64(rest as f64 / done.rows as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_rows_left() {
        let rows = |rows| Copied { rows, ..Copied::default() };
        let ten = Duration::from_secs(10);
        assert_eq!(left(rows(250), rows(1_000), ten), Some(Duration::from_secs(30)));
        assert_eq!(left(rows(1_200), rows(1_000), ten), Some(Duration::ZERO), "an estimate was too low");
        assert_eq!(left(rows(0), rows(1_000), ten), None);
    }
}
