//! Removes what has expired beside a running sink.

use super::{Expiry, Schedule};
use jiff::tz::TimeZone;
use std::time::Duration;
use tokio::time::sleep;

/// How long it sleeps at most before it looks at the clock again, which may have been set meanwhile.
const NAP: Duration = Duration::from_secs(60);

/// Goes on until it is dropped. Files that cannot be removed keep nobody from writing: they are told, and tried again.
pub(crate) async fn expire_by_schedule(
    expiry: Expiry,
    schedule: Schedule,
    zone: TimeZone,
    clock: impl Fn() -> u64,
) {
    while let Some(next) = schedule.next(clock(), &zone) {
        loop {
            let left = Duration::from_millis(next.saturating_sub(clock()));
            if left.is_zero() {
                break;
            }
            sleep(left.min(NAP)).await;
        }
        let removed = expiry
            .remove(|directory| tracing::debug!(key = %directory.key, directory.files, "expired"))
            .await;
        match removed {
            Ok(Some(all)) if all.files > 0 => {
                tracing::info!(all.files, all.bytes, before = all.first_kept, "removed what has expired");
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "what has expired could not be removed; it is tried again by the schedule");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use bytes::Bytes;
    use object_store::memory::InMemory;
    use object_store::path::Path;
    use stage_writer::{Remote, RemoteConfig};
    use std::sync::Arc;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn what_expires_later_goes_at_the_next_time_of_the_schedule() {
        let remote = Remote::new(Arc::new(InMemory::new()), RemoteConfig::default());
        let config = Config { file_expiration_days: 1, ..Config::default() };
        let (begin, zero) = (Instant::now(), 1_610_280_000_000);
        let clock = move || zero + begin.elapsed().as_millis() as u64;
        let schedule = Schedule::parse("@every 1h").unwrap();
        let expiry = Expiry::with(&config, remote.clone());
        let task = tokio::spawn(expire_by_schedule(expiry, schedule, TimeZone::UTC, clock));
        let file = Path::from("s/t/1/2021-01-08/CDC000001.csv");
        remote.replace(&file, Bytes::from("row")).await.unwrap();
        let told = async |day: u64| {
            let checkpoint = (zero + day * 86_400_000) << 18;
            let content = format!("{{\"checkpoint-ts\":{checkpoint}}}");
            remote.replace(&Path::from("metadata"), Bytes::from(content)).await.unwrap();
        };
        told(0).await;
        sleep(Duration::from_secs(3_601)).await;
        assert!(remote.read(&file).await.unwrap().is_none(), "it is of two days before the checkpoint");
        remote.replace(&file, Bytes::from("row")).await.unwrap();
        sleep(Duration::from_secs(3_500)).await;
        assert!(remote.read(&file).await.unwrap().is_some(), "it is not time yet");
        sleep(Duration::from_secs(100)).await;
        assert!(remote.read(&file).await.unwrap().is_none());
        task.abort();
    }
}
