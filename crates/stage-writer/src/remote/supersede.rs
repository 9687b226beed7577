//! Overwriting an object that only we write, so that an older write cannot come back over a newer one.
//!
//! A request that timed out here may still be applied there, after the next one. Where the store can, each write
//! therefore names the version that it replaces: a straggler finds that version gone and is refused. A refusal
//! proves nothing by itself (the write may have been applied and its reply lost), so it is settled by reading back.
//!
//! | found after a refusal | means |
//! |---|---|
//! | what was to be written | an earlier attempt has done it |
//! | what was there before | nobody has done anything: the write is sent again |
//! | anything else | somebody else writes here: a conflict |
//!
//! A store that does not implement this, or refuses though the named version is there, is overwritten without a
//! condition from then on.

use super::retry::Attempts;
use super::{Conditional, Remote};
use crate::Error;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion};
use std::sync::atomic::Ordering;

/// What stands under a name that only we write, as far as we know.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    content: Option<Bytes>,
    version: Option<UpdateVersion>,
}

impl Standing {
    /// The object's content, or `None` if there is no such object.
    pub fn content(&self) -> Option<&Bytes> {
        self.content.as_ref()
    }

    /// What it means that this stands where ours should.
    fn instead_of_ours(&self, path: &Path) -> Error {
        if self.content.is_none() { Error::gone(path) } else { Error::conflict(path) }
    }

    /// The condition under which the next write may replace this; `None` if the store named no version.
    fn condition(&self) -> Option<PutMode> {
        match (&self.content, &self.version) {
            (None, _) => Some(PutMode::Create),
            (Some(_), Some(version)) if version.e_tag.as_ref().is_some_and(|tag| !tag.is_empty()) => {
                Some(PutMode::Update(version.clone()))
            }
            (Some(_), _) => None,
        }
    }
}

impl Remote {
    /// Whether the store refuses to overwrite what is not what it is taken for, as far as it has shown.
    pub fn is_guarded(&self) -> bool {
        self.guards.load(Ordering::Relaxed)
    }

    /// What stands under a name.
    ///
    /// # Errors
    /// As for [`replace`](Remote::replace).
    pub async fn standing(&self, path: &Path) -> Result<Standing, Error> {
        Attempts::new(self, path).run("read", || self.look(path)).await
    }

    /// Puts `content` in the place of what stands there.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) if something else stands there; otherwise as for
    /// [`replace`](Remote::replace).
    pub async fn supersede(
        &self,
        path: &Path,
        mut before: Standing,
        content: Bytes,
    ) -> Result<Standing, Error> {
        use object_store::Error::{AlreadyExists, NotFound, NotImplemented, NotSupported, Precondition};
        let mut attempts = Attempts::new(self, path);
        loop {
            let guards = self.guards.load(Ordering::Relaxed);
            let condition = before.condition().filter(|_| guards);
            let conditional = condition.is_some();
            let mode = condition.unwrap_or(PutMode::Overwrite);
            let put = self.store.put_opts(path, PutPayload::from_bytes(content.clone()), mode.into());
            let error = match self.write(Some(content.len() as u64), put).await {
                Ok(put) => return Ok(Standing { content: Some(content), version: Some(put.into()) }),
                Err(NotImplemented { .. } | NotSupported { .. }) if conditional => {
                    self.stop_guarding(path);
                    // What the condition would have said.
                    match self.look(path).await {
                        Ok(found) if found.content != before.content => {
                            return Err(found.instead_of_ours(path));
                        }
                        Ok(_) => continue,
                        Err(unreadable) => unreadable,
                    }
                }
                Err(refusal @ (AlreadyExists { .. } | Precondition { .. } | NotFound { .. }))
                    if conditional =>
                {
                    match self.look(path).await {
                        Ok(found) if found.content.as_ref() == Some(&content) => return Ok(found),
                        Ok(found) if found.content != before.content => {
                            return Err(found.instead_of_ours(path));
                        }
                        Ok(found) => {
                            if found.content.is_some() && found.version == before.version {
                                self.stop_guarding(path);
                            }
                            before = found;
                            refusal
                        }
                        Err(unreadable) => unreadable,
                    }
                }
                Err(error) => error,
            };
            attempts.pause("write", error).await?;
        }
    }

    async fn look(&self, path: &Path) -> object_store::Result<Standing> {
        self.request(async {
            match self.store.get(path).await {
                Ok(found) => {
                    let version = UpdateVersion {
                        e_tag: found.meta.e_tag.clone(),
                        version: found.meta.version.clone(),
                    };
                    Ok(Standing { content: Some(found.bytes().await?), version: Some(version) })
                }
                Err(object_store::Error::NotFound { .. }) => Ok(Standing::default()),
                Err(error) => Err(error),
            }
        })
        .await
    }

    fn stop_guarding(&self, path: &Path) {
        if self.guards.swap(false, Ordering::Relaxed) && self.config.conditional == Conditional::Honoured {
            tracing::warn!(%path, "the store does not overwrite under a condition; late index writes are not refused");
        }
    }
}
