//! Creating a data file that does not fit one request.
//!
//! There is no conditional multipart put: completing one overwrites whatever has the name. The name is looked up just
//! before the upload is completed; a second owner that creates it between the look-up and the completion is not
//! protected against.

use super::Remote;
use super::retry::Attempts;
use crate::{Error, ErrorKind};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use pipeline_core::BoxError;

/// A stream of a file's bytes, from its start.
pub(crate) type Content = BoxStream<'static, Result<Bytes, BoxError>>;

/// Why one attempt ended.
enum Failure {
    Store(object_store::Error),
    Final(Error),
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        Self::Store(error)
    }
}

impl Remote {
    /// Creates an object in parts; `content` is asked for again when an attempt failed.
    ///
    /// # Errors
    /// As for [`create`](Remote::create), and [`Unreadable`](ErrorKind::Unreadable) if `content` fails.
    pub(crate) async fn create_in_parts(
        &self,
        path: &Path,
        content: impl Fn() -> Content,
    ) -> Result<(), Error> {
        let mut attempts = Attempts::new(&self.config.retry, path);
        let mut completing = false;
        loop {
            let mut upload = match self.request(self.store.put_multipart(path)).await {
                Ok(upload) => upload,
                Err(error) => {
                    attempts.pause("start", error).await?;
                    continue;
                }
            };
            let error = match self.attempt(path, upload.as_mut(), content(), &mut completing).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            // Parts of a failed attempt only cost room; the store's lifecycle rules remove what this cannot.
            if let Err(error) = self.request(upload.abort()).await {
                tracing::debug!(%path, %error, "an unfinished upload could not be aborted");
            }
            match error {
                Failure::Final(error) => return Err(error),
                Failure::Store(error) => attempts.pause("create", error).await?,
            }
        }
    }

    async fn attempt(
        &self,
        path: &Path,
        upload: &mut dyn MultipartUpload,
        mut content: Content,
        completing: &mut bool,
    ) -> Result<(), Failure> {
        let mut part = Vec::new();
        let mut held = 0;
        while let Some(chunk) = content.next().await {
            let mut chunk = chunk.map_err(|error| {
                Failure::Final(
                    Error::new(ErrorKind::Unreadable, format!("the bytes of {path} are lost")).because(error),
                )
            })?;
            // Some stores want parts of equal size, so a chunk is cut where the part is full.
            while held + chunk.len() as u64 >= self.config.part {
                part.push(chunk.split_to((self.config.part - held) as usize));
                self.request(upload.put_part(PutPayload::from_iter(std::mem::take(&mut part)))).await?;
                held = 0;
            }
            held += chunk.len() as u64;
            part.push(chunk);
        }
        if held > 0 {
            self.request(upload.put_part(PutPayload::from_iter(part))).await?;
        }
        // A completion whose reply was lost has made the object: then the name is taken by ourselves.
        if !*completing && self.exists(path).await? {
            return Err(Failure::Final(Error::conflict(path)));
        }
        *completing = true;
        self.request(upload.complete()).await?;
        Ok(())
    }

    async fn exists(&self, path: &Path) -> object_store::Result<bool> {
        match self.request(self.store.head(path)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
