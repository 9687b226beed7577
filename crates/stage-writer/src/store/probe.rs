//! What the store is found to honour at start.
//!
//! Two writers that own one file name by mistake do not overwrite each other as long as the store honours *create
//! only if absent*. Some servers take the condition and ignore it without a word, so a writer asks before it
//! relies on it: it creates one key twice and expects to be refused.

use crate::remote::{Conditional, advice};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use std::time::Duration;
use thiserror::Error as ThisError;
use uuid::Uuid;

/// How long a step may take; the client would go on retrying for minutes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Without credentials a client asks the machine's cloud for some, which may not answer either.
const NO_ANSWER: &str = "it does not answer; check the endpoint, the network, and that credentials are given";

/// A store that cannot be worked with: fix the location, the credentials or the network.
#[derive(Debug, ThisError)]
#[error("cannot write the object .spillway/probe-* in {place}: {advice}")]
pub struct ProbeError {
    place: String,
    advice: &'static str,
    /// `None` if the store gave no answer at all.
    source: Option<Error>,
}

/// Asks a store whether it honours a conditional put. `place` names it in errors.
///
/// Writes the key `.spillway/probe-<uuid>` twice and deletes it. A probe that cannot be deleted is a warning: the
/// object is harmless.
///
/// # Errors
/// [`ProbeError`] if the store does not let us write, or does not answer.
pub async fn probe(store: &dyn ObjectStore, place: &str) -> Result<Conditional, ProbeError> {
    let key = Path::parse(format!(".spillway/probe-{}", Uuid::new_v4())).expect("a plain name");
    let verdict = create_twice(store, &key).await.map_err(|source| ProbeError {
        place: place.to_owned(),
        advice: source.as_ref().map_or(NO_ANSWER, advice),
        source,
    });
    let deleted = tokio::time::timeout(PATIENCE, store.delete(&key)).await;
    if let (Ok(_), Ok(Err(error))) = (&verdict, deleted) {
        tracing::warn!(%key, place, %error, "cannot delete the probe object; tidying up after a crash needs that");
    }
    verdict
}

/// What a store says to a put that it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    Taken,
    NoSuchCondition,
}

/// Why a put failed; `None` if there was no answer in time.
type Failure = Option<Error>;

async fn create_twice(store: &dyn ObjectStore, key: &Path) -> Result<Conditional, Failure> {
    let first = put(store, key, PutMode::Create).await?;
    if first != Answer::Done {
        // The name is random. If it is taken, then by ourselves, in an attempt whose answer was lost; or the store
        // was merely busy with it. Either way the object shall be there now.
        put(store, key, PutMode::Overwrite).await?;
    }
    if first == Answer::NoSuchCondition {
        return Ok(Conditional::Ignored);
    }
    match put(store, key, PutMode::Create).await? {
        Answer::Taken => Ok(Conditional::Honoured),
        Answer::Done | Answer::NoSuchCondition => Ok(Conditional::Ignored),
    }
}

async fn put(store: &dyn ObjectStore, key: &Path, mode: PutMode) -> Result<Answer, Failure> {
    let put = store.put_opts(key, "spillway was here\n".into(), PutOptions::from(mode));
    match tokio::time::timeout(PATIENCE, put).await {
        Ok(Ok(_)) => Ok(Answer::Done),
        Ok(Err(Error::AlreadyExists { .. } | Error::Precondition { .. })) => Ok(Answer::Taken),
        Ok(Err(Error::NotImplemented { .. } | Error::NotSupported { .. })) => Ok(Answer::NoSuchCondition),
        Ok(Err(error)) => Err(Some(error)),
        Err(_) => Err(None),
    }
}
