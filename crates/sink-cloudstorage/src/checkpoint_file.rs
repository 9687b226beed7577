//! The `metadata` file: tells consumers how far everything is durable.

use crate::layout::{METADATA_KEY, checkpoint_content, parse_checkpoint};
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
/// The value may lag the checkpoint, but never leads it, and never goes back: not even behind what an earlier run wrote.
/// That one may have been told more than the position it saved: a checkpoint may lie between two positions.
///
/// # Errors
/// Those of the store.
pub(crate) async fn write_checkpoints(
    remote: Remote,
    mut checkpoints: watch::Receiver<CommitTs>,
) -> Result<(), Error> {
    let key = Path::from(METADATA_KEY);
    let mut written = None;
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
        // Nothing was told yet: a sink that is only opened and closed asks for nothing either.
        if latest == CommitTs::default() {
            continue;
        }
        let before = match written {
            Some(before) => before,
            None => standing(&remote, &key).await?,
        };
        written = Some(latest.max(before));
        if latest > before {
            remote.replace(&key, Bytes::from(checkpoint_content(latest.0))).await?;
            next = Instant::now() + INTERVAL;
        }
    }
    Ok(())
}

/// The checkpoint that an earlier run wrote, or 0.
async fn standing(remote: &Remote, key: &Path) -> Result<CommitTs, Error> {
    let Some(content) = remote.read(key).await? else { return Ok(CommitTs::default()) };
    let parsed = parse_checkpoint(&content).map(CommitTs);
    Ok(parsed.unwrap_or_else(|error| {
        tracing::warn!(%key, %error, "the checkpoint file is not one, and is written anew");
        CommitTs::default()
    }))
}

async fn closed(mut checkpoints: watch::Receiver<CommitTs>) {
    while checkpoints.changed().await.is_ok() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;
    use stage_writer::RemoteConfig;
    use std::sync::Arc;

    /// What a run leaves that finds `before` and is told of the checkpoints one after the other.
    async fn left(before: Option<&'static str>, told: &[u64]) -> Option<String> {
        let remote = Remote::new(Arc::new(InMemory::new()), RemoteConfig::default());
        let key = Path::from(METADATA_KEY);
        if let Some(before) = before {
            remote.replace(&key, Bytes::from(before)).await.unwrap();
        }
        let (sender, receiver) = watch::channel(CommitTs::default());
        let writer = tokio::spawn(write_checkpoints(remote.clone(), receiver));
        for &ts in told {
            sender.send_replace(CommitTs(ts));
            tokio::time::sleep(INTERVAL).await;
        }
        drop(sender);
        writer.await.unwrap().unwrap();
        let content = remote.read(&key).await.unwrap();
        content.map(|content| String::from_utf8(content.to_vec()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_run_never_goes_back_behind_the_one_before() {
        let before = Some("{\"checkpoint-ts\":102}");
        assert_eq!(left(before, &[101]).await.as_deref(), before);
        assert_eq!(left(before, &[101, 102]).await.as_deref(), before);
        assert_eq!(left(before, &[101, 103]).await.unwrap(), "{\"checkpoint-ts\":103}");
        assert_eq!(left(None, &[101]).await.unwrap(), "{\"checkpoint-ts\":101}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_no_checkpoint_is_replaced_and_nothing_told_writes_nothing() {
        assert_eq!(left(Some("?"), &[7]).await.unwrap(), "{\"checkpoint-ts\":7}");
        assert_eq!(left(Some("?"), &[]).await.unwrap(), "?");
        assert_eq!(left(None, &[]).await, None);
    }
}
