//! Which failures can heal, and how long to wait for it.

use super::{Retry, failed};
use crate::{Error, ErrorKind};
use object_store::path::Path;
use rustc_hash::FxHasher;
use std::error::Error as StdError;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// The attempts of one operation.
pub(super) struct Attempts<'a> {
    retry: &'a Retry,
    path: &'a Path,
    failures: u32,
    give_up: Option<Instant>,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(retry: &'a Retry, path: &'a Path) -> Self {
        Self { retry, path, failures: 0, give_up: None }
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
        if !can_heal(&error) {
            return Err(failed(ErrorKind::Refused, verb, self.path, error));
        }
        let now = Instant::now();
        let give_up = *self.give_up.get_or_insert(now + self.retry.total);
        let pause = self.next_pause();
        if now + pause > give_up {
            return Err(failed(ErrorKind::Unavailable, verb, self.path, error));
        }
        tracing::warn!(path = %self.path, %error, ?pause, "the store could not {verb}; trying again");
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Doubles each time, and lies between half of that and all of it, by the path and the attempt.
    fn next_pause(&mut self) -> Duration {
        let full = self.retry.first.saturating_mul(1 << self.failures.min(20)).min(self.retry.longest);
        let mut hasher = FxHasher::default();
        (self.path.as_ref(), self.failures).hash(&mut hasher);
        self.failures += 1;
        full.mul_f64(0.5 + (hasher.finish() >> 40) as f64 / (1u64 << 25) as f64)
    }
}

/// Whether trying again may help. Unknown failures may: networks and servers fail in more ways than can be named.
pub(super) fn can_heal(error: &object_store::Error) -> bool {
    use object_store::Error::*;
    match error {
        Generic { source, .. } => !is_refusal(source.as_ref()),
        JoinError { .. } | Precondition { .. } | AlreadyExists { .. } => true,
        NotFound { .. } | PermissionDenied { .. } | Unauthenticated { .. } => false,
        InvalidPath { .. } | NotSupported { .. } | NotModified { .. } | NotImplemented { .. } => false,
        UnknownConfigurationKey { .. } => false,
        // The enum is not exhaustive: a later kind of failure is as unknown as any.
        _ => true,
    }
}

/// Whether the operating system said no in a way that waiting does not change. A full disk may be emptied.
fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            use io::ErrorKind::*;
            if matches!(
                error.kind(),
                PermissionDenied | ReadOnlyFilesystem | NotADirectory | IsADirectory | InvalidFilename
            ) {
                return true;
            }
        }
        cause = error.source();
    }
    false
}
