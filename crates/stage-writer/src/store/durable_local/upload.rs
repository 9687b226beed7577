//! A multipart upload into a local file.

use super::file_work::{blocking, failed};
use super::staged_file::{IfTaken, StagedFile};
use async_trait::async_trait;
use object_store::{MultipartUpload, PutPayload, PutResult, Result, UploadPart};
use parking_lot::Mutex;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// A multipart upload into a local file: visible when complete, gone when aborted or dropped.
#[derive(Debug)]
pub(super) struct DurableUpload {
    destination: PathBuf,
    file: Arc<Mutex<Option<Parts>>>,
    /// Where the next part goes: the parts handed over so far, end to end.
    next_offset: u64,
}

#[derive(Debug)]
struct Parts {
    staged: StagedFile,
    /// Bytes of parts that were written whole.
    written: u64,
}

impl DurableUpload {
    pub(super) fn new(destination: PathBuf, staged: StagedFile) -> Self {
        let parts = Parts { staged, written: 0 };
        Self { destination, file: Arc::new(Mutex::new(Some(parts))), next_offset: 0 }
    }
}

fn over() -> io::Error {
    io::Error::other("the upload is completed or aborted")
}

#[async_trait]
impl MultipartUpload for DurableUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let offset = self.next_offset;
        self.next_offset += data.content_length() as u64;
        let file = self.file.clone();
        let destination = self.destination.clone();
        Box::pin(blocking(move || {
            let mut file = file.lock();
            let written = file.as_mut().ok_or_else(over).and_then(|parts| {
                parts.staged.write_at(offset, &data)?;
                parts.written += data.content_length() as u64;
                Ok(())
            });
            written.map_err(|error| failed(&destination, error))
        }))
    }

    /// A part that failed, or was never awaited, fails this too: the file would have a hole.
    async fn complete(&mut self) -> Result<PutResult> {
        let file = self.file.clone();
        let destination = self.destination.clone();
        let handed_over = self.next_offset;
        let e_tag = blocking(move || {
            // The lock waits for parts that are still being written.
            let parts = file.lock().take().ok_or_else(over);
            let published = parts.and_then(|parts| match parts.written == handed_over {
                true => parts.staged.publish(&destination, IfTaken::Replace),
                false => Err(io::Error::other("a part of the upload is missing")),
            });
            published.map_err(|error| failed(&destination, error))
        })
        .await?;
        Ok(PutResult { e_tag: Some(e_tag), version: None, extensions: Default::default() })
    }

    async fn abort(&mut self) -> Result<()> {
        let file = self.file.clone();
        blocking(move || {
            drop(file.lock().take());
            Ok(())
        })
        .await
    }
}

impl Drop for DurableUpload {
    fn drop(&mut self) {
        // Removing the temporary file blocks, and so does the lock while a part is being written.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let file = self.file.clone();
            drop(runtime.spawn_blocking(move || drop(file.lock().take())));
        }
    }
}
