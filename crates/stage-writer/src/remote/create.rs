//! Creating a data file that nobody else owns.
//!
//! `AlreadyExists` proves nothing by itself: a reply may have been lost after the object was made, a client library
//! may have sent the request twice, and some stores answer a conflict though nothing is there. So the object is read
//! back: the same bytes are ours, other bytes are somebody else's, none means that the request is sent again.

use super::found::Found;
use super::retry::Attempts;
use super::{Conditional, Remote};
use crate::Error;
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
                self.write(self.store.put_opts(path, payload.clone(), options))
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
                    match self.write(self.store.put_opts(path, payload.clone(), mode.into())).await {
                        Ok(_) => return Ok(()),
                        Err(error) => error,
                    }
                }
            };
            attempts.pause("create", error).await?;
        }
    }
}
