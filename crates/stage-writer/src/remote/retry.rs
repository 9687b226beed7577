//! How often an operation is tried, and how long apart.

use super::verdict::Verdict;
use super::{Remote, advice, failed};
use crate::{Error, ErrorKind};
use object_store::path::Path;
use rustc_hash::FxHasher;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// The attempts of one operation.
pub(super) struct Attempts<'a> {
    remote: &'a Remote,
    path: &'a Path,
    failures: u32,
    give_up: Option<Instant>,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(remote: &'a Remote, path: &'a Path) -> Self {
        Self { remote, path, failures: 0, give_up: None }
    }

    /// Repeats `operation` until it succeeds, fails for good, or time is up.
    pub(super) async fn run<T, F>(mut self, verb: &str, mut operation: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        loop {
            match operation().await {
                Ok(value) => return Ok(value),
                Err(error) => self.pause(verb, error).await?,
            }
        }
    }

    /// The same, where "not found" is an answer.
    pub(super) async fn run_unless_absent<T, F>(
        mut self,
        verb: &str,
        mut operation: impl FnMut() -> F,
    ) -> Result<Option<T>, Error>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        loop {
            match operation().await {
                Ok(value) => return Ok(Some(value)),
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => self.pause(verb, error).await?,
            }
        }
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// If `error` cannot heal, or has had its time.
    pub(super) async fn pause(&mut self, verb: &str, error: object_store::Error) -> Result<(), Error> {
        let verdict = Verdict::of(&error);
        let can_heal = match verdict {
            Verdict::MayPass | Verdict::Full => true,
            Verdict::NotLetIn => self.remote.has_written.load(Ordering::Relaxed),
            Verdict::Final => false,
        };
        if !can_heal {
            return Err(failed(ErrorKind::Refused, verb, self.path, error));
        }
        let now = Instant::now();
        let give_up = *self.give_up.get_or_insert(now + self.remote.config.retry.total);
        let pause = self.next_pause();
        if now + pause > give_up {
            return Err(failed(ErrorKind::Unavailable, verb, self.path, error));
        }
        let path = self.path;
        match verdict {
            Verdict::Full | Verdict::NotLetIn => {
                let wanted = advice(&error);
                let left = give_up - now;
                tracing::warn!(%path, %error, ?pause, ?left, "the store does not let us {verb}; waiting until it does: {wanted}");
            }
            Verdict::MayPass | Verdict::Final => {
                tracing::warn!(%path, %error, ?pause, "the store could not {verb}; trying again");
            }
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Doubles each time, and lies between half of that and all of it, by the path and the attempt.
    fn next_pause(&mut self) -> Duration {
        let retry = &self.remote.config.retry;
        let full = retry.first.saturating_mul(1 << self.failures.min(20)).min(retry.longest);
        let mut hasher = FxHasher::default();
        (self.path.as_ref(), self.failures).hash(&mut hasher);
        self.failures += 1;
        full.mul_f64(0.5 + (hasher.finish() >> 40) as f64 / (1u64 << 25) as f64)
    }
}
