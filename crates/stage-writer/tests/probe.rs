//! What the probe finds in stores of every character.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use stage_writer::{Conditional, DurableLocal, probe};
use std::error::Error as _;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a store answers puts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Character {
    /// Takes conditions and ignores them.
    Indifferent,
    /// Says that it has no conditions.
    Frank,
    /// Applies the first put and says that the key was taken.
    Forgetful,
    /// Says that a key is taken, though it is not, once.
    Busy,
    /// Refuses writes.
    Denying,
    /// Does not know the bucket.
    Lost,
    /// Says nothing.
    Silent,
}

#[derive(Debug)]
struct Store {
    inner: InMemory,
    character: Character,
    asked_before: AtomicBool,
}

impl Store {
    fn new(character: Character) -> Self {
        Self { inner: InMemory::new(), character, asked_before: AtomicBool::new(false) }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.character)
    }
}

#[async_trait]
impl ObjectStore for Store {
    async fn put_opts(&self, key: &Path, payload: PutPayload, mut opts: PutOptions) -> Result<PutResult> {
        let first = !self.asked_before.swap(true, Ordering::Relaxed);
        let path = key.to_string();
        let conditional = opts.mode == PutMode::Create;
        let taken = Error::AlreadyExists { path: path.clone(), source: "taken".into() };
        match self.character {
            Character::Indifferent => opts.mode = PutMode::Overwrite,
            Character::Frank if conditional => {
                return Err(Error::NotImplemented {
                    operation: "create".to_owned(),
                    implementer: self.to_string(),
                });
            }
            Character::Forgetful if first => {
                self.inner.put_opts(key, payload, opts).await?;
                return Err(taken);
            }
            Character::Busy if first => return Err(taken),
            Character::Denying => {
                let source = "AccessDenied".into();
                return Err(Error::PermissionDenied { path, source });
            }
            Character::Lost => {
                let source = "NoSuchBucket".into();
                return Err(Error::NotFound { path, source });
            }
            Character::Silent => std::future::pending().await,
            Character::Frank | Character::Forgetful | Character::Busy => {}
        }
        self.inner.put_opts(key, payload, opts).await
    }

    async fn put_multipart_opts(
        &self,
        key: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(key, opts).await
    }

    async fn get_opts(&self, key: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(key, options).await
    }

    async fn get_ranges(&self, key: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(key, ranges).await
    }

    fn delete_stream(&self, keys: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(keys)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
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

async fn nothing_is_left(store: &dyn ObjectStore) -> bool {
    store.list(None).next().await.is_none()
}

#[tokio::test]
async fn a_durable_directory_and_memory_honour_conditions() {
    let root = tempfile::tempdir().expect("a directory");
    let stores: [Box<dyn ObjectStore>; 2] =
        [Box::new(InMemory::new()), Box::new(DurableLocal::open(root.path()).expect("a store"))];
    for store in stores {
        let verdict = probe(&store, "here").await.expect("a store that works");
        assert_eq!(verdict, Conditional::Honoured, "{store}");
        assert!(nothing_is_left(&store).await, "{store}");
    }
}

#[tokio::test]
async fn a_store_without_conditions_is_found_out() {
    for character in [Character::Indifferent, Character::Frank] {
        let store = Store::new(character);
        let verdict = probe(&store, "here").await.expect("a store that works");
        assert_eq!(verdict, Conditional::Ignored, "{store}");
        assert!(nothing_is_left(&store).await, "{store}");
    }
}

#[tokio::test]
async fn a_lost_answer_or_a_busy_store_is_not_mistaken_for_indifference() {
    for character in [Character::Forgetful, Character::Busy] {
        let store = Store::new(character);
        let verdict = probe(&store, "here").await.expect("a store that works");
        assert_eq!(verdict, Conditional::Honoured, "{store}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_work_is_named_with_what_to_do() {
    for (character, advice, has_source) in [
        (Character::Denying, "allow them to put", true),
        (Character::Lost, "there is no such bucket", true),
        (Character::Silent, "does not answer", false),
    ] {
        let error = probe(&Store::new(character), "s3://bucket/prefix").await.expect_err("no such store");
        let text = error.to_string();
        assert!(text.contains("s3://bucket/prefix") && text.contains(advice), "{text}");
        assert_eq!(error.source().is_some(), has_source);
    }
}
