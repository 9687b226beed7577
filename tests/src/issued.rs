//! Session tokens of AWS that end.

use crate::{Fault, Request};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Tokens that were handed out, each of them good for a short time.
#[derive(Debug)]
pub(crate) struct Issued {
    good_for: Duration,
    ends: Mutex<BTreeMap<String, Instant>>,
}

impl Issued {
    pub(crate) fn new(good_for: Duration) -> Self {
        Self { good_for, ends: Mutex::default() }
    }

    /// Another one, and when it ends.
    pub(crate) fn hand_out(&self) -> (String, Timestamp) {
        let mut ends = self.ends();
        let token = format!("token-{}", ends.len());
        ends.insert(token.clone(), Instant::now() + self.good_for);
        (token, Timestamp::now() + self.good_for)
    }

    /// How many there were.
    pub(crate) fn count(&self) -> usize {
        self.ends().len()
    }

    /// Lets those through whose token is good, and refuses the others as S3 does.
    pub(crate) fn judge(self: Arc<Self>) -> impl FnMut(&Request) -> Fault + Send + 'static {
        move |request| {
            let ends =
                request.header("x-amz-security-token").and_then(|token| self.ends().get(token).copied());
            if ends.is_some_and(|end| end > Instant::now()) { Fault::Pass } else { Fault::AnswerBefore(403) }
        }
    }

    fn ends(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
