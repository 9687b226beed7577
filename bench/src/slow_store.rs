//! The null store with a latency per request and a bandwidth per connection, and a door that can be held shut.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use sink_cloudstorage::store::NoopStore;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// Requests that were answered, and the time they took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) data: u64,
    pub(crate) index: u64,
    pub(crate) other: u64,
    pub(crate) nanos: u64,
    /// Index files that went back, or named a data file before all up to it were there.
    pub(crate) out_of_order: u64,
}

impl Requests {
    pub(crate) fn all(&self) -> u64 {
        self.data + self.index + self.other
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            data: self.data - before.data,
            index: self.index - before.index,
            other: self.other - before.other,
            nanos: self.nanos - before.nanos,
            out_of_order: self.out_of_order - before.out_of_order,
        }
    }
}

#[derive(Debug, Default)]
struct Counters {
    data: AtomicU64,
    index: AtomicU64,
    other: AtomicU64,
    nanos: AtomicU64,
    out_of_order: AtomicU64,
}

/// What a request is for.
#[derive(Clone, Copy)]
enum Kind {
    Data,
    Index,
    Other,
}

/// A store that keeps nothing, slowly. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct SlowStore {
    inner: Arc<NoopStore>,
    latency: Duration,
    /// Seconds per byte.
    per_byte: f64,
    open: watch::Sender<bool>,
    counters: Arc<Counters>,
    /// What is complete and what is visible, where the order of one directory is to be checked.
    journal: Option<Arc<Mutex<Journal>>>,
}

/// One directory's data files, by number.
#[derive(Debug, Default)]
struct Journal {
    /// All up to this one are complete…
    complete: u64,
    /// … and these.
    beyond: FxHashSet<u64>,
    visible: u64,
}

impl Journal {
    fn completed(&mut self, number: u64) {
        self.beyond.insert(number);
        while self.beyond.remove(&(self.complete + 1)) {
            self.complete += 1;
        }
    }

    /// Whether an index may name this file: it does not go back, and everything up to it is complete.
    fn may_show(&mut self, number: u64) -> bool {
        let may = number >= self.visible && number <= self.complete;
        self.visible = number.max(self.visible);
        may
    }
}

/// The number in the name of a data file.
fn number(name: &str) -> u64 {
    let digits = name.trim_start_matches("CDC").split('.').next().unwrap_or_default();
    digits.parse().unwrap_or_default()
}

impl SlowStore {
    /// `bandwidth` in bytes per second, per connection.
    pub(crate) fn new(latency: Duration, bandwidth: Option<f64>) -> Self {
        Self {
            inner: Arc::default(),
            latency,
            per_byte: bandwidth.map_or(0.0, |bandwidth| 1.0 / bandwidth),
            open: watch::Sender::new(true),
            counters: Arc::default(),
            journal: None,
        }
    }

    /// Checks that an index never goes back, and never names a file before all up to it are complete.
    pub(crate) fn with_journal(mut self) -> Self {
        self.journal = Some(Arc::default());
        self
    }

    /// Lets requests wait, or go on.
    pub(crate) fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }

    pub(crate) fn requests(&self) -> Requests {
        let Counters { data, index, other, nanos, out_of_order } = &*self.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Requests {
            data: read(data),
            index: read(index),
            other: read(other),
            nanos: read(nanos),
            out_of_order: read(out_of_order),
        }
    }

    async fn answered<T>(
        &self,
        kind: Kind,
        bytes: u64,
        answer: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if !*self.open.borrow() {
            let mut open = self.open.subscribe();
            // The sender lives as long as the store.
            drop(open.wait_for(|open| *open).await);
        }
        let takes = self.latency + Duration::from_secs_f64(bytes as f64 * self.per_byte);
        let begun = Instant::now();
        if !takes.is_zero() {
            sleep(takes).await;
            self.counters.nanos.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
        let counter = match kind {
            Kind::Data => &self.counters.data,
            Kind::Index => &self.counters.index,
            Kind::Other => &self.counters.other,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        answer.await
    }

    fn check(&self, kind: Kind, location: &Path, payload: &PutPayload) {
        let (Some(journal), Some(name)) = (&self.journal, location.filename()) else { return };
        match kind {
            Kind::Data => journal.lock().completed(number(name)),
            Kind::Index => {
                let content: Vec<u8> = payload.iter().flat_map(|chunk| chunk.iter().copied()).collect();
                let named = String::from_utf8_lossy(&content);
                if !journal.lock().may_show(number(named.trim())) {
                    self.counters.out_of_order.fetch_add(1, Ordering::Relaxed);
                }
            }
            Kind::Other => {}
        }
    }
}

fn kind(location: &Path) -> Kind {
    match location.filename() {
        Some(name) if name.ends_with(".index") => Kind::Index,
        Some(name) if name.starts_with("CDC") => Kind::Data,
        _ => Kind::Other,
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for SlowStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let (kind, bytes) = (kind(location), payload.content_length() as u64);
        let put = async {
            self.check(kind, location, &payload);
            self.inner.put_opts(location, payload.clone(), opts).await
        };
        self.answered(kind, bytes, put).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let inner = self.answered(Kind::Other, 0, self.inner.put_multipart_opts(location, opts)).await?;
        Ok(Box::new(SlowUpload { inner, store: self.clone(), location: location.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.answered(Kind::Other, 0, self.inner.get_opts(location, options)).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.answered(Kind::Other, 0, self.inner.get_ranges(location, ranges)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.after_latency(self.inner.delete_stream(locations))
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.after_latency(self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.after_latency(self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.answered(Kind::Other, 0, self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.answered(Kind::Other, 0, self.inner.copy_opts(from, to, options)).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.answered(Kind::Other, 0, self.inner.rename_opts(from, to, options)).await
    }
}

impl SlowStore {
    fn after_latency<T: Send + 'static>(
        &self,
        answers: BoxStream<'static, Result<T>>,
    ) -> BoxStream<'static, Result<T>> {
        let store = self.clone();
        let wait = async move { store.answered(Kind::Other, 0, std::future::ready(Ok(()))).await };
        stream::once(wait).filter_map(|waited| async { waited.err().map(Err) }).chain(answers).boxed()
    }
}

impl fmt::Display for SlowStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null")
    }
}

#[derive(Debug)]
struct SlowUpload {
    inner: Box<dyn MultipartUpload>,
    store: SlowStore,
    location: Path,
}

#[async_trait]
impl MultipartUpload for SlowUpload {
    fn put_part(&mut self, data: PutPayload) -> object_store::UploadPart {
        let (store, bytes) = (self.store.clone(), data.content_length() as u64);
        let part = self.inner.put_part(data);
        Box::pin(async move { store.answered(Kind::Other, bytes, part).await })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let store = self.store.clone();
        let done = store.answered(Kind::Data, 0, self.inner.complete()).await?;
        self.store.check(Kind::Data, &self.location, &PutPayload::new());
        Ok(done)
    }

    async fn abort(&mut self) -> Result<()> {
        let store = self.store.clone();
        store.answered(Kind::Other, 0, self.inner.abort()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_may_not_go_back_nor_run_ahead_of_its_files() {
        let mut journal = Journal::default();
        assert!(!journal.may_show(1));
        let mut journal = Journal::default();
        [1, 3].into_iter().for_each(|number| journal.completed(number));
        assert!(journal.may_show(1) && !journal.may_show(3), "the second is missing");
        journal.completed(2);
        assert!(journal.may_show(3) && !journal.may_show(2));
        assert_eq!(number("CDC00000000000000000012.csv"), 12);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_takes_its_latency_and_what_its_bytes_take() {
        use object_store::ObjectStoreExt;
        let store = SlowStore::new(Duration::from_millis(50), Some(1e6));
        let begun = Instant::now();
        store.put(&Path::from("t/CDC000001.csv"), vec![0; 1000].into()).await.expect("a put");
        assert_eq!(begun.elapsed().as_millis(), 51);
        let requests = store.requests();
        assert_eq!((requests.data, requests.all()), (1, 1));
    }
}
