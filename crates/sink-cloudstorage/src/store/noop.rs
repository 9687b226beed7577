//! A store that keeps nothing, for measurements.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fmt, ops::Range};

/// Objects of this many bytes and more are not remembered, whatever their name.
const REMEMBERED_BELOW: usize = 64 * 1024;

/// A store that takes everything and keeps nothing but counts.
///
/// It remembers the small objects that the sink reads back (index files, schema files, the checkpoint and the
/// probe), so that a pipeline runs on it as on any other; data files are gone at once.
#[derive(Debug, Default)]
pub struct NoopStore {
    remembered: InMemory,
    puts: Arc<Puts>,
}

#[derive(Debug, Default)]
struct Puts {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl NoopStore {
    /// How many puts and parts of puts there were.
    pub fn requests(&self) -> u64 {
        self.puts.requests.load(Ordering::Relaxed)
    }

    /// How many bytes they carried.
    pub fn bytes(&self) -> u64 {
        self.puts.bytes.load(Ordering::Relaxed)
    }
}

impl Puts {
    fn count(&self, payload: &PutPayload) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(payload.content_length() as u64, Ordering::Relaxed);
    }
}

/// Whether an object is one that the sink reads back.
fn is_remembered(location: &Path, length: usize) -> bool {
    let name = location.filename().unwrap_or_default();
    let named = name.ends_with(".index")
        || name == "metadata"
        || name.starts_with("schema_")
        || location.as_ref().starts_with(".spillway/");
    named && length < REMEMBERED_BELOW
}

fn nothing_said() -> PutResult {
    PutResult { e_tag: None, version: None, extensions: Default::default() }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for NoopStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.puts.count(&payload);
        if is_remembered(location, payload.content_length()) {
            return self.remembered.put_opts(location, payload, opts).await;
        }
        Ok(nothing_said())
    }

    async fn put_multipart_opts(
        &self,
        _location: &Path,
        _opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(NoopUpload(self.puts.clone())))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.remembered.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.remembered.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.remembered.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.remembered.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.remembered.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.remembered.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.remembered.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.remembered.rename_opts(from, to, options).await
    }
}

impl fmt::Display for NoopStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("noop")
    }
}

/// A multipart upload that ends nowhere.
#[derive(Debug)]
struct NoopUpload(Arc<Puts>);

#[async_trait]
impl MultipartUpload for NoopUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.0.count(&data);
        Box::pin(std::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        Ok(nothing_said())
    }

    async fn abort(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::NoopStore;
    use object_store::path::Path;
    use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode};
    use stage_writer::{Conditional, probe};

    fn path(text: &str) -> Path {
        Path::parse(text).expect("a path")
    }

    #[tokio::test]
    async fn data_is_counted_and_gone() {
        let store = NoopStore::default();
        let data = path("s/t/1/CDC000001.csv");
        store.put(&data, "rows".into()).await.expect("a put");
        store.put_opts(&data, "more rows".into(), PutMode::Create.into()).await.expect("a put");
        let mut upload = store.put_multipart(&data).await.expect("an upload");
        upload.put_part("a part".into()).await.expect("a part");
        upload.complete().await.expect("a put");
        assert_eq!((store.requests(), store.bytes()), (3, 4 + 9 + 6));
        assert!(matches!(store.head(&data).await, Err(Error::NotFound { .. })));
    }

    #[tokio::test]
    async fn what_the_sink_reads_back_is_remembered_with_its_conditions() {
        let store = NoopStore::default();
        for name in ["s/t/1/meta/CDC.index", "s/t/meta/schema_1_0000000001.json", "metadata", ".spillway/x"] {
            let key = path(name);
            store.put_opts(&key, "first".into(), PutMode::Create.into()).await.expect("a put");
            let again = store.put_opts(&key, "again".into(), PutMode::Create.into()).await;
            assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{name}");
            store.put(&key, "second".into()).await.expect("a put");
            let read = store.get(&key).await.expect("an object").bytes().await.expect("its bytes");
            assert_eq!(read, "second");
        }
    }

    #[tokio::test]
    async fn a_probe_finds_conditions_honoured() {
        let verdict = probe(&NoopStore::default(), "here").await.expect("a store that works");
        assert_eq!(verdict, Conditional::Honoured);
    }

    #[tokio::test]
    async fn big_objects_are_forgotten_whatever_their_name() {
        let store = NoopStore::default();
        let big = vec![0_u8; super::REMEMBERED_BELOW];
        store.put(&path("metadata"), big.into()).await.expect("a put");
        assert!(store.head(&path("metadata")).await.is_err());
    }
}
