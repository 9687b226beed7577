//! Creating a data file that does not fit one request.
//!
//! There is no conditional multipart put: completing one overwrites whatever has the name. So the name is looked up
//! just before: what stands there is compared by length and CRC32C, the same is ours (a completion whose reply was
//! lost), other bytes are somebody else's. A second owner that creates the name between the look-up and the
//! completion is not protected against. Nor is an upload aborted that was under way when its pipeline ended: the
//! store's lifecycle rules remove its parts.

use super::Remote;
use super::found::{Found, Print};
use super::retry::Attempts;
use super::verdict::OURS;
use crate::{Error, ErrorKind};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{Attributes, MultipartUpload, ObjectStore, PutPayload};
use pipeline_core::BoxError;

/// A stream of a file's bytes, from its start.
pub(crate) type Content = BoxStream<'static, Result<Bytes, BoxError>>;

/// How one attempt came to its file.
enum End {
    Completed(Print),
    /// It stood there already: an earlier completion had been applied.
    Adopted(Print),
}

/// Why one attempt ended without.
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
    /// Creates an object in parts, and says how many bytes it has; `content` is asked for again when an attempt failed,
    /// and must have the same bytes then.
    ///
    /// # Errors
    /// As for [`create`](Remote::create), and [`Unreadable`](ErrorKind::Unreadable) if `content` fails.
    pub(crate) async fn create_in_parts(
        &self,
        path: &Path,
        attributes: &Attributes,
        content: impl Fn() -> Content,
    ) -> Result<u64, Error> {
        let mut attempts = Attempts::new(self, path);
        loop {
            let attributes = self.sent_along(attributes);
            let start = self.store.put_multipart_opts(path, attributes.clone().into());
            let mut upload = match self.request(start).await {
                Ok(upload) => upload,
                Err(error) => {
                    if let Some(error) = self.but_for_attributes(path, &attributes, error)? {
                        attempts.pause("start", error).await?;
                    }
                    continue;
                }
            };
            let end = self.attempt(path, upload.as_mut(), content()).await;
            if let Ok(End::Completed(print)) = end {
                return Ok(print.length());
            }
            // Parts that are left only cost room; the store's lifecycle rules remove what this cannot.
            if let Err(error) = self.request(upload.abort()).await {
                tracing::debug!(%path, %error, "an unfinished upload could not be aborted");
            }
            match end {
                Ok(End::Completed(print) | End::Adopted(print)) => return Ok(print.length()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Store(error)) => attempts.pause("create", gone_can_heal(error)).await?,
            }
        }
    }

    async fn attempt(
        &self,
        path: &Path,
        upload: &mut dyn MultipartUpload,
        mut content: Content,
    ) -> Result<End, Failure> {
        let mut print = Print::default();
        let mut part = Vec::new();
        let mut held = 0;
        while let Some(chunk) = content.next().await {
            let mut chunk = chunk.map_err(|error| {
                Failure::Final(
                    Error::new(ErrorKind::Unreadable, format!("the bytes of {path} are lost")).because(error),
                )
            })?;
            print.add(&chunk);
            // Some stores want parts of equal size, so a chunk is cut where the part is full.
            while held + chunk.len() as u64 >= self.config.part {
                part.push(chunk.split_to((self.config.part - held) as usize));
                self.send_part(upload, std::mem::take(&mut part)).await?;
                held = 0;
            }
            held += chunk.len() as u64;
            part.push(chunk);
        }
        if held > 0 {
            self.send_part(upload, part).await?;
        }
        if self.is_ours(path, &print).await? {
            return Ok(End::Adopted(print));
        }
        match self.write(None, upload.complete()).await {
            Ok(_) => Ok(End::Completed(print)),
            // The reply may be what was lost: a look is cheaper than all the parts again.
            Err(_) if self.is_ours(path, &print).await? => Ok(End::Adopted(print)),
            Err(error) => Err(error.into()),
        }
    }

    async fn send_part(
        &self,
        upload: &mut dyn MultipartUpload,
        part: Vec<Bytes>,
    ) -> object_store::Result<()> {
        let part = PutPayload::from_iter(part);
        self.send(Some(part.content_length() as u64), upload.put_part(part)).await
    }

    /// Whether our file stands under the name already; it is a conflict if another one does.
    async fn is_ours(&self, path: &Path, print: &Print) -> Result<bool, Failure> {
        match self.find_print(path, print).await? {
            Found::Ours => Ok(true),
            Found::Nothing => Ok(false),
            Found::Foreign => Err(Failure::Final(Error::conflict(path))),
        }
    }
}

/// An upload that is not there any more was completed, aborted or tidied up: a new attempt finds out.
fn gone_can_heal(error: object_store::Error) -> object_store::Error {
    let is_gone = matches!(error, object_store::Error::NotFound { .. });
    if is_gone { object_store::Error::Generic { store: OURS, source: error.into() } } else { error }
}
