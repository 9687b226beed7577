//! The object store as the writer uses it: a request limit, retries, and one clear outcome per operation.

mod advice;
mod answer;
mod any;
mod attributed;
mod config;
mod create;
mod found;
mod level;
mod many;
mod multipart;
mod patience;
mod retry;
mod slots;
mod supersede;
mod verdict;

pub use advice::advice;
pub use config::{Attributed, Conditional, RemoteConfig, Retry};
pub use level::Concurrency;
pub(crate) use multipart::Content;
pub use patience::asks_for_patience;
pub use slots::Hurry;
pub use supersede::Standing;

use crate::{Error, ErrorKind};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use level::Ended;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use pipeline_core::RouteId;
use retry::Attempts;
use slots::{Slots, Whose};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// An object store with a request limit and retries. Clones share both.
#[derive(Clone, Debug)]
pub struct Remote {
    store: Arc<dyn ObjectStore>,
    config: Arc<RemoteConfig>,
    slots: Slots,
    /// Whose requests these are.
    whose: Whose,
    sent: Arc<AtomicU64>,
    /// Whether the store was found to overwrite under a condition; it is taken to, until it says otherwise.
    guards: Arc<AtomicBool>,
    /// Whether attributes are sent along: until the store turns out to have no place for them.
    attributed: Arc<AtomicBool>,
    /// Whether the store has taken anything: what it refuses from then on, it may take again.
    has_written: Arc<AtomicBool>,
}

impl Remote {
    /// Wraps `store`.
    ///
    /// # Panics
    /// If the request limit or the size of a part is 0.
    pub fn new(store: Arc<dyn ObjectStore>, config: RemoteConfig) -> Self {
        assert!(config.part > 0, "parts of 0 bytes would never make a file");
        let slots = Slots::new(config.requests, config.timeout);
        let guards = Arc::new(AtomicBool::new(config.conditional == Conditional::Honoured));
        let config = Arc::new(config);
        let attributed = Arc::new(AtomicBool::new(true));
        let (sent, has_written) = Default::default();
        Self { store, config, slots, whose: Whose::Usual, sent, guards, attributed, has_written }
    }

    /// The same store, for requests of one route.
    pub fn of_route(&self, route: RouteId) -> Self {
        Self { whose: Whose::Route(route), ..self.clone() }
    }

    /// The same store, for requests that somebody waits for: they come before those of others.
    pub fn awaited(&self) -> Self {
        Self { whose: Whose::Awaited, ..self.clone() }
    }

    /// Whether these requests come before those of others.
    pub(crate) fn is_hurried(&self) -> bool {
        self.slots.hurries(self.whose)
    }

    /// Lets the requests of a route come before those of others while what this gives lives: somebody waits for
    /// them. Those that wait for a slot already are hurried too.
    pub fn hurry(&self, route: RouteId) -> Hurry {
        self.slots.hurry(route)
    }

    /// How many requests may be in flight at present.
    pub fn level(&self) -> usize {
        self.slots.level()
    }

    /// How many requests were sent so far, retries included.
    pub fn requests_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes of a part, and the largest object that is put in one request.
    pub(crate) fn sizes(&self) -> (u64, u64) {
        (self.config.part, self.config.single_put)
    }

    /// Puts an object, whatever was there before. Readers see the old or the new one, whole.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) at once, [`Unavailable`](ErrorKind::Unavailable) when retries are over. A right
    /// that is missing is refused at once as long as the store has taken nothing, and waited for from then on.
    pub async fn replace(&self, path: &Path, content: Bytes) -> Result<(), Error> {
        let bytes = content.len() as u64;
        let put = || self.write(Some(bytes), self.store.put(path, PutPayload::from_bytes(content.clone())));
        Attempts::new(self, path).run("write", put).await.map(drop)
    }

    /// An object's content, or `None` if there is no such object.
    ///
    /// # Errors
    /// As for [`replace`](Self::replace).
    pub async fn read(&self, path: &Path) -> Result<Option<Bytes>, Error> {
        let get = || self.request(async { self.store.get(path).await?.bytes().await });
        Attempts::new(self, path).run_unless_absent("read", get).await
    }

    /// Names in a directory that sort after `after`, or all of them; not those in its sub-directories.
    ///
    /// # Errors
    /// As for [`replace`](Self::replace).
    pub async fn names_after(&self, directory: &Path, after: Option<&str>) -> Result<Vec<String>, Error> {
        let offset = after.map_or_else(|| directory.clone(), |after| directory.clone().join(after));
        let list = || {
            self.request(async {
                let found: Vec<_> =
                    self.store.list_with_offset(Some(directory), &offset).try_collect().await?;
                Ok(found)
            })
        };
        let found = Attempts::new(self, directory).run("list", list).await?;
        let depth = directory.parts().count() + 1;
        let direct = found.iter().filter(|meta| meta.location.parts().count() == depth);
        Ok(direct.filter_map(|meta| meta.location.filename().map(str::to_owned)).collect())
    }

    /// Names of the sub-directories of a directory, in one request for each thousand or so.
    ///
    /// # Errors
    /// As for [`replace`](Self::replace).
    pub async fn directories_in(&self, directory: &Path) -> Result<Vec<String>, Error> {
        let list = || self.request(self.store.list_with_delimiter(Some(directory)));
        let found = Attempts::new(self, directory).run("list", list).await?;
        Ok(found.common_prefixes.iter().filter_map(|path| path.filename().map(str::to_owned)).collect())
    }

    /// The first keys of the whole store, at most so many of them.
    ///
    /// # Errors
    /// As for [`replace`](Self::replace).
    pub async fn first_keys(&self, most: usize) -> Result<Vec<String>, Error> {
        let keys = || self.store.list(None).take(most).map_ok(|meta| meta.location.to_string());
        let list = || self.request(keys().try_collect());
        Attempts::new(self, &Path::from("the target")).run("list", list).await
    }

    /// Deletes an object; none there is fine.
    ///
    /// # Errors
    /// As for [`replace`](Self::replace).
    pub async fn delete(&self, path: &Path) -> Result<(), Error> {
        let delete = || self.request(self.store.delete(path));
        Attempts::new(self, path).run_unless_absent("delete", delete).await.map(drop)
    }

    /// A request that writes so many bytes, if that is known. Small ones are alike, so the time they take says how the
    /// store is.
    async fn write<T>(
        &self,
        bytes: Option<u64>,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> object_store::Result<T> {
        let written = self.send(bytes, request).await?;
        self.has_written.store(true, Ordering::Relaxed);
        Ok(written)
    }

    /// One request, within the limits of number and time.
    async fn request<T>(
        &self,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> object_store::Result<T> {
        self.send(None, request).await
    }

    async fn send<T>(
        &self,
        bytes: Option<u64>,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> object_store::Result<T> {
        let slot = self.slots.acquire(self.whose).await;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let timed = tokio::time::timeout(self.config.timeout, request);
        let (answer, was_asked) = patience::listening(&self.slots, &slot, timed).await;
        let answer = answer.unwrap_or_else(|elapsed| {
            Err(object_store::Error::Generic { store: verdict::OURS, source: elapsed.into() })
        });
        let ended = match &answer {
            _ if was_asked => Ended::Unknown,
            Err(error) if !is_an_answer(error) => Ended::Failed,
            _ => Ended::Answered,
        };
        slot.give_back(ended, bytes);
        answer
    }
}

/// Whether a store that works says this.
fn is_an_answer(error: &object_store::Error) -> bool {
    use object_store::Error::*;
    matches!(
        error,
        NotFound { .. }
            | AlreadyExists { .. }
            | Precondition { .. }
            | NotModified { .. }
            | NotSupported { .. }
            | NotImplemented { .. }
            | PermissionDenied { .. }
            | Unauthenticated { .. }
            | InvalidPath { .. }
            | UnknownConfigurationKey { .. }
    )
}

/// Names what was tried and what can be done, keeping the store's own words as the source.
fn failed(kind: ErrorKind, verb: &str, path: &Path, source: object_store::Error) -> Error {
    let advice = advice(&source);
    let what = match kind {
        ErrorKind::Refused => format!("the store refuses to {verb} {path}: {advice}"),
        ErrorKind::Unavailable | ErrorKind::Conflict | ErrorKind::Corrupt | ErrorKind::Unreadable => {
            format!("the store could not {verb} {path}, and retries are over: {advice}")
        }
    };
    Error::new(kind, what).because(source)
}
