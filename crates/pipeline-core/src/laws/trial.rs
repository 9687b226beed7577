//! How a law is tried: a runtime with a paused clock, and words for a broken law.

use crate::Levels;
use std::future::Future;
use std::time::Duration;

/// So long on a paused clock that whoever is not done by then waits for ever.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// Levels that nothing reaches.
pub(super) const ROOMY: Levels = Levels { high: u64::MAX / 4, low: u64::MAX / 4 };

/// A law by its name.
#[derive(Clone, Copy)]
pub(super) struct Law(pub(super) &'static str);

impl Law {
    /// Runs a trial to its end.
    pub(super) fn trial(self, trial: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime for the trial starts");
        runtime.block_on(trial);
    }

    /// Panics with the law's name and what was seen, unless it holds.
    #[track_caller]
    pub(super) fn holds(self, holds: bool, seen: impl FnOnce() -> String) {
        if !holds {
            self.broken(&seen());
        }
    }

    #[track_caller]
    pub(super) fn broken(self, seen: &str) -> ! {
        panic!("the law of {} is broken: {seen}", self.0)
    }

    /// The outcome of what must not hang.
    pub(super) async fn soon<T>(self, what: &str, future: impl Future<Output = T>) -> T {
        match tokio::time::timeout(FOREVER, future).await {
            Ok(outcome) => outcome,
            Err(_) => self.broken(&format!("waited in vain until {what}")),
        }
    }
}

/// Lets everything go on that can go on without new input, timers included.
pub(super) async fn time_passes() {
    tokio::time::sleep(FOREVER).await;
}
