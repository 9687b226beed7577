//! The `metadata` file: tells consumers how far everything is durable.

use crate::layout::{METADATA_KEY, checkpoint_content};
use bytes::Bytes;
use change_event::CommitTs;
use object_store::path::Path;
use stage_writer::{Error, Remote};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How far apart two writes are at least. A checkpoint that comes sooner is written later, not dropped.
const INTERVAL: Duration = Duration::from_secs(2);

/// Writes each new checkpoint, or the latest of several, until the sender is gone; then the last one.
///
/// The value may lag the checkpoint, but never leads it, and never goes back.
///
/// # Errors
/// Those of the store.
pub(crate) async fn write_checkpoints(
    remote: Remote,
    mut checkpoints: watch::Receiver<CommitTs>,
) -> Result<(), Error> {
    let key = Path::from(METADATA_KEY);
    let mut written = CommitTs::default();
    let mut next = Instant::now();
    let mut open = true;
    while open {
        open = checkpoints.changed().await.is_ok();
        if open {
            tokio::select! {
                () = sleep_until(next) => {}
                // The last checkpoint is written at once when the sink closes.
                () = closed(checkpoints.clone()) => {}
            }
        }
        let latest = *checkpoints.borrow_and_update();
        if latest > written {
            remote.replace(&key, Bytes::from(checkpoint_content(latest.0))).await?;
            written = latest;
            next = Instant::now() + INTERVAL;
        }
    }
    Ok(())
}

async fn closed(mut checkpoints: watch::Receiver<CommitTs>) {
    while checkpoints.changed().await.is_ok() {}
}
