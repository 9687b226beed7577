//! A writer as users compose it, over a layout of one directory per table, version and day.

#![allow(dead_code, reason = "each test file uses its part of this")]

pub mod faults;
pub mod history;
mod store;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use pipeline_core::{FrontDoor, Gate, Levels, Observer, Piece, Pipeline, Receipt, RouteId, Routed};
use stage_writer::{
    BatchLimits, Batcher, Error, IndexFile, Label, Layout, Publish, Remote, RemoteConfig, Retry, Tally,
    Upload, UploadConfig,
};
use std::sync::Arc;
use std::time::Duration;
use tower::{Service, ServiceExt};

/// What a test's pieces say of themselves. What a name has behind `#` is not in paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: &'static str,
    pub version: u64,
}

impl Label for Table {
    type Group = Table;

    fn group(&self) -> &Table {
        self
    }

    fn rows(&self) -> u64 {
        1
    }
}

/// `NAME/VERSION/CDC000001.txt`, with the index in `NAME/VERSION/meta/CDC.index`.
#[derive(Debug)]
pub struct Names;

impl Layout<Table> for Names {
    fn directory(&self, table: &Table, millis: u64) -> Path {
        let day = millis / 86_400_000;
        let name = table.name.split('#').next().unwrap_or_default();
        Path::from(format!("{name}/{}/{day}", table.version))
    }

    fn is_date(&self, name: &str) -> bool {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn data_name(&self, _: &Table, number: u64) -> String {
        format!("CDC{number:06}.txt")
    }

    fn data_number(&self, _: &Table, name: &str) -> Option<u64> {
        name.strip_prefix("CDC")?.strip_suffix(".txt")?.parse().ok()
    }

    fn index(&self) -> Option<&dyn IndexFile<Table>> {
        Some(self)
    }

    fn header(&self, _: &Table) -> Bytes {
        Bytes::from_static(b"#")
    }

    fn companions(&self, table: &Table) -> Vec<(Path, Bytes)> {
        vec![(
            Path::from(format!("{}/meta/schema_{}", table.name, table.version)),
            Bytes::from_static(b"schema"),
        )]
    }
}

impl IndexFile<Table> for Names {
    fn key(&self, _: &Table, directory: &Path) -> Path {
        directory.clone().join("meta").join("CDC.index")
    }

    fn text(&self, table: &Table, number: u64) -> Bytes {
        Bytes::from(self.data_name(table, number) + "\n")
    }

    fn parse(&self, table: &Table, content: &[u8]) -> Result<u64, Error> {
        let name = std::str::from_utf8(content).unwrap_or_default().trim_end();
        self.data_number(table, name).ok_or_else(|| Error::corrupt("the index names no data file"))
    }
}

/// A running writer.
pub struct Line {
    pub door: FrontDoor<Piece<Table, Bytes>>,
    pub pipeline: Pipeline,
    pub remote: Remote,
    pub tally: Arc<Tally>,
    pub gate: Gate,
}

/// How a test's writer differs from the usual one.
#[derive(Clone)]
pub struct Options {
    pub bytes: u64,
    pub age: Duration,
    pub levels: Levels,
    pub remote: RemoteConfig,
    pub clock: fn() -> u64,
    pub remember: Duration,
    pub lanes: usize,
}

impl Default for Options {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        let retry = Retry { first: second / 10, longest: second, total: 10 * second };
        Self {
            bytes: 1 << 20,
            age: Duration::from_secs(5),
            levels: Levels { high: 1 << 30, low: 1 << 29 },
            remote: RemoteConfig { retry, ..RemoteConfig::default() },
            clock: || 0,
            remember: Duration::from_secs(60),
            lanes: 1,
        }
    }
}

pub fn start(store: Arc<dyn ObjectStore>, options: Options) -> Line {
    let remote = Remote::new(store, options.remote);
    let tally = Arc::new(Tally::default());
    let gate = Gate::new(options.levels);
    let layout = Arc::new(Names);
    let Options { remember, clock, .. } = options;
    let config = UploadConfig { buffers: 1 << 20, remember, clock, ..UploadConfig::default() };
    let (door, pipeline) = Pipeline::builder::<Piece<Table, Bytes>>()
        .lanes(options.lanes)
        .watermarks(gate.clone())
        .service(tower::service_fn(|piece| std::future::ready(Ok::<_, pipeline_core::BoxError>(piece))))
        .wake()
        .transform(Batcher::new(BatchLimits {
            bytes: options.bytes,
            age: options.age,
            ..BatchLimits::default()
        }))
        .orders_effects()
        .concurrency(64)
        .per_route(16)
        .service(Upload::new(remote.clone(), layout.clone(), config))
        .orders_effects()
        .concurrency(usize::MAX)
        .service(Publish::new(remote.clone(), layout, tally.clone()))
        .spawn();
    Line { door, pipeline, remote, tally, gate }
}

impl Line {
    pub async fn send(&mut self, route: u64, version: u64, text: &str) -> Receipt {
        self.call(Routed::new(RouteId(route), piece(version, text))).await
    }

    pub async fn send_of(&mut self, route: u64, table: Table, text: &'static str) -> Receipt {
        let piece = Piece { label: table, body: Bytes::from_static(text.as_bytes()) };
        self.call(Routed::new(RouteId(route), piece)).await
    }

    pub async fn send_observed(&mut self, route: u64, version: u64, text: &str, by: Observer) -> Receipt {
        self.call(Routed::new(RouteId(route), piece(version, text)).observed_by(by)).await
    }

    async fn call(&mut self, routed: Routed<Piece<Table, Bytes>>) -> Receipt {
        self.door.ready().await.expect("the line runs").call(routed).await.expect("enqueued")
    }
}

pub fn piece(version: u64, text: &str) -> Piece<Table, Bytes> {
    Piece { label: Table { name: "t", version }, body: Bytes::from(text.to_owned()) }
}

pub async fn text(store: &dyn ObjectStore, path: &str) -> String {
    let found = store.get(&Path::from(path)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    String::from_utf8(found.bytes().await.unwrap().to_vec()).unwrap()
}

/// Every key in the store, sorted.
pub async fn keys(store: &dyn ObjectStore) -> Vec<String> {
    use futures::TryStreamExt;
    let mut keys: Vec<String> =
        store.list(None).map_ok(|meta| meta.location.to_string()).try_collect().await.unwrap();
    keys.sort();
    keys
}

/// The writer's own error, from what a pipeline says.
pub fn writer_error(error: &pipeline_core::Error) -> &Error {
    let source = std::error::Error::source(error).unwrap_or_else(|| panic!("no cause: {error:?}"));
    source.downcast_ref().unwrap_or_else(|| panic!("not a writer's error: {source}"))
}
