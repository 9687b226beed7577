//! A store that counts its requests, notes what is listed, and fails after some deletions.
#![allow(dead_code, reason = "each test file uses its own part")]

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
pub struct Watched {
    inner: Arc<InMemory>,
    objects: AtomicUsize,
    levels: AtomicUsize,
    whole: Mutex<Vec<String>>,
    deletions_left: Arc<AtomicUsize>,
}

impl Watched {
    pub fn over(inner: Arc<InMemory>) -> Self {
        let deletions_left = Arc::new(AtomicUsize::new(usize::MAX));
        Self {
            inner,
            objects: AtomicUsize::new(0),
            levels: AtomicUsize::new(0),
            whole: Mutex::default(),
            deletions_left,
        }
    }

    pub fn failing_after(self, deletions: usize) -> Self {
        Self { deletions_left: Arc::new(AtomicUsize::new(deletions)), ..self }
    }

    /// Objects written and read, and lists; not deletions, nor the checkpoint, which is no table's.
    pub fn requests(&self) -> usize {
        let (levels, whole) = self.listed();
        self.objects.load(Ordering::Relaxed) + levels + whole
    }

    fn count(&self, location: &Path) {
        if location.as_ref() != "metadata" {
            self.objects.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many levels were listed, and how many directories with all that is below.
    pub fn listed(&self) -> (usize, usize) {
        (self.levels.load(Ordering::Relaxed), self.whole.lock().len())
    }

    pub fn listed_whole(&self) -> Vec<String> {
        self.whole.lock().clone()
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a watched store")
    }
}

#[async_trait]
impl ObjectStore for Watched {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.count(location);
        self.inner.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.count(location);
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.count(location);
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let left = self.deletions_left.clone();
        let allowed = locations.map(move |location| {
            let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            taken.map_err(|_| Error::Generic { store: "watched", source: "no more".into() })?;
            location
        });
        self.inner.delete_stream(allowed.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.whole.lock().push(prefix.map(Path::to_string).unwrap_or_default());
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.levels.fetch_add(1, Ordering::Relaxed);
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
