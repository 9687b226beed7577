//! Creating a data file that nobody else owns.
//!
//! `AlreadyExists` proves nothing by itself: a reply may have been lost after the object was made, a client library
//! may have sent the request twice, and some stores answer a conflict though nothing is there. So the object is read
//! back: the same bytes are ours, other bytes are somebody else's, none means that the request is sent again.

use super::found::Found;
use super::retry::Attempts;
use super::{Conditional, Remote};
use crate::Error;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{Attributes, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};

impl Remote {
    /// Creates an object in one request. What stands there with the same bytes is ours, whatever its attributes.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) if the name is taken by other bytes; otherwise as for
    /// [`replace`](Remote::replace).
    pub(crate) async fn create(
        &self,
        path: &Path,
        payload: PutPayload,
        attributes: &Attributes,
    ) -> Result<(), Error> {
        let mut attempts = Attempts::new(self, path);
        loop {
            let attributes = self.sent_along(attributes);
            let put = |mode| {
                let options = PutOptions { mode, attributes: attributes.clone(), ..PutOptions::default() };
                let bytes = payload.content_length() as u64;
                self.write(Some(bytes), self.store.put_opts(path, payload.clone(), options))
            };
            let outcome = match self.config.conditional {
                Conditional::Honoured => put(PutMode::Create).await.map(drop),
                Conditional::Ignored => match self.find_payload(path, &payload).await {
                    Ok(Found::Ours) => return Ok(()),
                    Ok(Found::Foreign) => return Err(Error::conflict(path)),
                    Ok(Found::Nothing) => put(PutMode::Overwrite).await.map(drop),
                    Err(error) => Err(error),
                },
            };
            let error = match outcome {
                Ok(()) => return Ok(()),
                Err(error @ object_store::Error::AlreadyExists { .. }) => {
                    match self.find_payload(path, &payload).await {
                        Ok(Found::Ours) => return Ok(()),
                        Ok(Found::Foreign) => return Err(Error::conflict(path)),
                        Ok(Found::Nothing) => error,
                        Err(unreadable) => unreadable,
                    }
                }
                Err(error) => error,
            };
            if let Some(error) = self.but_for_attributes(path, &attributes, error)? {
                attempts.pause("create", error).await?;
            }
        }
    }

    /// Creates an object that is most likely not there, and says whether it was not: a store that honours conditions
    /// proves that. What is there stays, whatever it is.
    ///
    /// # Errors
    /// As for [`replace`](Remote::replace).
    pub(crate) async fn begin(&self, path: &Path, payload: PutPayload) -> Result<bool, Error> {
        let is_new = self.put_new(path, &payload).await;
        if !is_new {
            self.ensure(path, payload).await?;
        }
        Ok(is_new)
    }

    /// The same, but what is there is replaced.
    ///
    /// # Errors
    /// As for [`replace`](Remote::replace).
    pub async fn begin_or_replace(&self, path: &Path, content: Bytes) -> Result<bool, Error> {
        let is_new = self.put_new(path, &PutPayload::from_bytes(content.clone())).await;
        if !is_new {
            self.replace(path, content).await?;
        }
        Ok(is_new)
    }

    /// Whether an object could be created at the first attempt. If not it may be there, or the store is in trouble: then
    /// this may have done it, and nobody knows.
    async fn put_new(&self, path: &Path, payload: &PutPayload) -> bool {
        let bytes = payload.content_length() as u64;
        let put = self.store.put_opts(path, payload.clone(), PutMode::Create.into());
        self.config.conditional == Conditional::Honoured && self.write(Some(bytes), put).await.is_ok()
    }

    /// Creates an object if there is none; what is there stays, whatever it is.
    ///
    /// # Errors
    /// As for [`replace`](Remote::replace).
    pub(crate) async fn ensure(&self, path: &Path, payload: PutPayload) -> Result<(), Error> {
        let mut attempts = Attempts::new(self, path);
        loop {
            let absent = match self.request(self.store.head(path)).await {
                Ok(_) => return Ok(()),
                Err(object_store::Error::NotFound { .. }) => None,
                Err(error) => Some(error),
            };
            let error = match absent {
                Some(error) => error,
                None => {
                    let mode = match self.config.conditional {
                        Conditional::Honoured => PutMode::Create,
                        Conditional::Ignored => PutMode::Overwrite,
                    };
                    let bytes = payload.content_length() as u64;
                    let put = self.store.put_opts(path, payload.clone(), mode.into());
                    match self.write(Some(bytes), put).await {
                        Ok(_) => return Ok(()),
                        Err(error) => error,
                    }
                }
            };
            attempts.pause("create", error).await?;
        }
    }
}
