//! Bearer tokens that end, and the metadata server that hands them out.

use super::answer::{Answer, answer};
use super::call::Call;
use hyper::StatusCode;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Where a machine of Google's asks for its token.
const PATH: (&str, &str) = ("computeMetadata", "v1/instance/service-accounts/default/token");

/// Which tokens are handed out.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// How long one is good for.
    pub good_for: Duration,
    /// How long the metadata server says that it is.
    pub said_to_be: Duration,
}

/// The tokens so far.
pub(super) struct Issued {
    rules: Tokens,
    ends: BTreeMap<String, Instant>,
    /// How many requests came with one that had ended, or with none.
    pub(super) refused: usize,
    /// Whether tokens still matter.
    pub(super) is_over: bool,
}

impl Issued {
    pub(super) fn new(rules: Tokens) -> Self {
        Self { rules, ends: BTreeMap::new(), refused: 0, is_over: false }
    }

    /// How many there were.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// The answer of the metadata server, if it is the one that is asked.
    pub(super) fn hand_out(&mut self, call: &Call) -> Option<Answer> {
        if (&*call.bucket, &*call.key) != PATH {
            return None;
        }
        // Who does not say this may have been tricked into asking.
        if call.header("metadata-flavor") != Some("Google") {
            return Some(answer(StatusCode::FORBIDDEN, &[], ""));
        }
        let token = format!("token-{}", self.ends.len());
        self.ends.insert(token.clone(), Instant::now() + self.rules.good_for);
        let seconds = self.rules.said_to_be.as_secs();
        let body = format!(r#"{{"access_token":"{token}","expires_in":{seconds},"token_type":"Bearer"}}"#);
        Some(answer(StatusCode::OK, &[("content-type", "application/json")], body))
    }

    /// Whether a request comes with a token that is still good.
    pub(super) fn admits(&mut self, call: &Call) -> bool {
        if self.is_over {
            return true;
        }
        let token = call.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let ends = token.and_then(|token| self.ends.get(token));
        let is_good = ends.is_some_and(|end| *end > Instant::now());
        self.refused += usize::from(!is_good);
        is_good
    }
}
