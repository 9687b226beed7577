//! Waiting for a server that is not there yet, if that was asked for.

use super::address::Server;
use super::trouble::Trouble;
use crate::Error;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_secs(10);

/// The attempts so far to reach a server for the first time.
#[derive(Debug)]
pub(crate) struct FirstContact {
    since: Instant,
    /// For how long it is tried; zero: once.
    patience: Duration,
    delay: Duration,
    /// What went wrong first.
    first: Option<String>,
}

impl FirstContact {
    /// Begins the first attempt.
    pub(crate) fn new(patience: Option<Duration>) -> Self {
        Self {
            since: Instant::now(),
            patience: patience.unwrap_or_default(),
            delay: FIRST_DELAY,
            first: None,
        }
    }

    /// Waits until the next attempt, or gives the error that ends the waiting.
    pub(crate) async fn wait(&mut self, trouble: Trouble, server: &Server) -> Result<(), Error> {
        let shown = &server.shown;
        let (why, at_last) = match trouble {
            Trouble::Lost(why) => (why, None),
            Trouble::Behind(error) => (error.to_string(), Some(error)),
            Trouble::Unreadable(why) => {
                return Err(Error::Server(format!("{shown} cannot read its own log: {why}")));
            }
            Trouble::Fatal(error) => return Err(error),
        };
        let waited = self.since.elapsed();
        if waited >= self.patience {
            let first = self.first.take().unwrap_or(why);
            return Err(at_last.unwrap_or_else(|| server.away(waited, first)));
        }
        match &self.first {
            None => {
                tracing::warn!(server = shown, error = why, "the server is not there yet; waiting for it");
                self.first = Some(why);
            }
            Some(_) => tracing::debug!(server = shown, error = why, "still waiting for the server"),
        }
        sleep(self.delay.min(self.patience - waited)).await;
        self.delay = (self.delay * 2).min(MAX_DELAY);
        Ok(())
    }
}
