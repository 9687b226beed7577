//! In which order the objects were written.
//!
//! A bucket shows what is there, not what was there first. Put a [`Journal`] between the sink and its store, and
//! [`Journal::check_write_order`] tells whether every moment in between kept promise 3: data before its index, schema
//! before the first index of its directory, everything of smaller commit-ts before a DDL, everything at or below a
//! checkpoint before `metadata`.

use super::write_order::History;
use super::{Bucket, Violation};
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// A store that writes down what is written to another, and when. Clones share one journal.
#[derive(Clone, Debug)]
pub struct Journal {
    store: Arc<dyn ObjectStore>,
    writes: Arc<Mutex<Vec<Event>>>,
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) path: String,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// The store was asked to write it. The content is kept of whole puts only.
    Started(Bytes),
    /// The store answered. A failure counts too: the object may be there all the same.
    Ended,
}

impl Journal {
    /// An empty journal in front of a store.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, writes: Arc::default() }
    }

    fn note(&self, path: &Path, what: What) {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let path = path.to_string();
        writes.push(Event { path, what });
    }

    /// Checks that nothing was written before what it builds on, for a bucket whose whole life this journal saw.
    /// `prefix` is the one that the bucket was read with.
    ///
    /// # Errors
    /// `WriteOrder`, with the two objects.
    pub fn check_write_order(&self, bucket: &Bucket, prefix: &str) -> std::result::Result<(), Violation> {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        History::new(bucket, writes, prefix).check()
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({})", self.store)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for Journal {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.note(path, What::Started(payload.clone().into()));
        let put = self.store.put_opts(path, payload, options).await;
        self.note(path, What::Ended);
        put
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.store.put_multipart_opts(path, options).await?;
        Ok(Box::new(JournalUpload { upload, path: path.clone(), journal: self.clone() }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.store.get_opts(path, options).await
    }

    async fn get_ranges(&self, path: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.store.get_ranges(path, ranges).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.store.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.store.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.note(to, What::Started(Bytes::new()));
        let copied = self.store.copy_opts(from, to, options).await;
        self.note(to, What::Ended);
        copied
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.note(to, What::Started(Bytes::new()));
        let renamed = self.store.rename_opts(from, to, options).await;
        self.note(to, What::Ended);
        renamed
    }
}

/// An upload whose completion is noted.
#[derive(Debug)]
struct JournalUpload {
    upload: Box<dyn MultipartUpload>,
    path: Path,
    journal: Journal,
}

#[async_trait]
impl MultipartUpload for JournalUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.upload.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.journal.note(&self.path, What::Started(Bytes::new()));
        let completed = self.upload.complete().await;
        self.journal.note(&self.path, What::Ended);
        completed
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}
