//! A store in memory whose puts can be held back, and which remembers the order of what became visible.

use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Which keys are held back.
type Held = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// A store in memory. Clones share everything.
#[derive(Clone)]
pub struct HeldStore {
    inner: Arc<InMemory>,
    held: watch::Sender<Option<Held>>,
    written: Arc<Mutex<Vec<String>>>,
}

impl HeldStore {
    /// An empty store that holds nothing back.
    pub fn new() -> Self {
        Self { inner: Arc::default(), held: watch::Sender::new(None), written: Arc::default() }
    }

    /// From now on, puts of such keys wait.
    pub fn hold(&self, keys: impl Fn(&str) -> bool + Send + Sync + 'static) {
        self.held.send_replace(Some(Arc::new(keys)));
    }

    /// Lets everything through.
    pub fn release(&self) {
        self.held.send_replace(None);
    }

    /// The keys of all puts so far, in the order they took effect.
    pub fn written(&self) -> Vec<String> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where in that order the first key stands that contains `part`.
    pub fn position(&self, part: &str) -> Option<usize> {
        self.written().iter().position(|key| key.contains(part))
    }

    async fn pass(&self, key: &str) {
        let mut held = self.held.subscribe();
        let free = held.wait_for(|held| !held.as_ref().is_some_and(|held| held(key))).await;
        // The sender lives as long as the store.
        drop(free);
    }
}

impl Default for HeldStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HeldStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeldStore")
    }
}

impl fmt::Display for HeldStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a held store")
    }
}

#[async_trait::async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for HeldStore {
    async fn put_opts(&self, key: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.pass(key.as_ref()).await;
        let result = self.inner.put_opts(key, payload, options).await?;
        self.written.lock().unwrap_or_else(PoisonError::into_inner).push(key.to_string());
        Ok(result)
    }

    async fn put_multipart_opts(
        &self,
        key: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.pass(key.as_ref()).await;
        self.inner.put_multipart_opts(key, options).await
    }

    async fn get_opts(&self, key: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(key, options).await
    }

    async fn get_ranges(&self, key: &Path, ranges: &[Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        self.inner.get_ranges(key, ranges).await
    }

    fn delete_stream(&self, keys: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(keys)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await
    }
}
