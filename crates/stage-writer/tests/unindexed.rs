//! A layout without an index: every file is visible once it is there, and none is ever deleted.

mod line;

use bytes::Bytes;
use line::faults::{Faulty, Verb};
use line::{Options, Table, keys, piece, text, writer_error};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Attribute, AttributeValue, Attributes, ObjectStore, ObjectStoreExt};
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use pipeline_core::{FrontDoor, Piece, Pipeline, RouteId, Routed, Telemetry};
use stage_writer::{
    Attributed, BatchLimits, Batcher, DataFile, ErrorKind, Layout, Publish, Remote, RemoteConfig, Tally,
    Upload, UploadConfig,
};
use std::sync::Arc;
use std::time::Duration;
use tower::{Service, ServiceExt};

/// `NAME/part-1.log`, with the number of rows at the end and in the attributes.
struct Parts;

impl Layout<Table> for Parts {
    fn directory(&self, table: &Table, _: u64) -> Path {
        Path::from(table.name)
    }

    fn data_name(&self, _: &Table, number: u64) -> String {
        format!("part-{number}.log")
    }

    fn data_number(&self, _: &Table, name: &str) -> Option<u64> {
        name.strip_prefix("part-")?.strip_suffix(".log")?.parse().ok()
    }

    fn footer(&self, file: &DataFile<'_, Table>) -> Bytes {
        Bytes::from(format!("|{} rows, {} bytes", file.rows, file.bytes))
    }

    fn attributes(&self, file: &DataFile<'_, Table>) -> Attributes {
        Attributes::from_iter([
            (Attribute::ContentType, AttributeValue::from("text/plain")),
            (Attribute::ContentEncoding, "zstd".into()),
            (Attribute::Metadata("version".into()), file.group.version.to_string().into()),
        ])
    }
}

/// How often the histogram of file sizes was recorded into, and all bytes; and how often that of durations.
fn recorded(exporter: &InMemoryMetricExporter) -> ((u64, u64), u64) {
    let (mut sizes, mut durations) = ((0, 0), 0);
    let exported = exporter.get_finished_metrics().expect("exported");
    for metric in exported.iter().flat_map(|all| all.scope_metrics()).flat_map(|scope| scope.metrics()) {
        match (metric.name(), metric.data()) {
            ("spillway.flush_file_size", AggregatedMetrics::U64(MetricData::Histogram(of))) => {
                sizes =
                    of.data_points().fold(sizes, |(n, sum), point| (n + point.count(), sum + point.sum()));
            }
            ("spillway.flush_duration", AggregatedMetrics::F64(MetricData::Histogram(of))) => {
                durations += of.data_points().map(|point| point.count()).sum::<u64>();
            }
            _ => {}
        }
    }
    (sizes, durations)
}

/// What a meter sees when two files of known size were put, by the upload alone or with publish behind it.
async fn recorded_of_two(is_published: bool) -> ((u64, u64), u64) {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
    let telemetry = Telemetry::new(provider.meter("a test"));
    let remote = Remote::new(Arc::new(InMemory::new()), RemoteConfig::default());
    let upload = Upload::new(remote.clone(), Arc::new(Parts), UploadConfig::default());
    let line = Pipeline::builder()
        .transform(Batcher::new(BatchLimits { bytes: 1, ..BatchLimits::default() }))
        .service(upload.with_telemetry(&telemetry));
    let (door, pipeline) = match is_published {
        true => line
            .service(Publish::new(remote, Arc::new(Parts), Arc::default()).with_telemetry(&telemetry))
            .spawn(),
        false => line.spawn(),
    };
    let mut line = Uploading { door, pipeline };
    line.send("first").await.unwrap();
    line.send("second").await.unwrap();
    line.pipeline.close().await.unwrap();
    provider.force_flush().unwrap();
    recorded(&exporter)
}

/// A line that ends with the upload.
struct Uploading {
    door: FrontDoor<Piece<Table, Bytes>>,
    pipeline: Pipeline,
}

fn uploads(store: Arc<dyn ObjectStore>, config: RemoteConfig) -> Uploading {
    let upload = UploadConfig {
        buffers: 1 << 20,
        remember: Duration::from_secs(60),
        clock: || 0,
        ..UploadConfig::default()
    };
    let limits = BatchLimits { bytes: 1, ..BatchLimits::default() };
    let (door, pipeline) = Pipeline::builder()
        .transform(Batcher::new(limits))
        .effect_free()
        .concurrency(16)
        .service(Upload::new(Remote::new(store, config), Arc::new(Parts), upload))
        .spawn();
    Uploading { door, pipeline }
}

impl Uploading {
    async fn send(&mut self, text: &str) -> Result<(), pipeline_core::Error> {
        let routed = Routed::new(RouteId(1), piece(7, text));
        self.door.ready().await?.call(routed).await?.flushed().await
    }
}

fn best_effort() -> RemoteConfig {
    RemoteConfig { attributed: Attributed::WherePossible, ..Options::default().remote }
}

#[tokio::test(start_paused = true)]
async fn what_retention_left_is_gone_on_with_and_nothing_is_deleted() {
    let store = Faulty::default();
    // Retention took part 1 and part 5; one number has outgrown the length of the others.
    for number in [2, 3, 4, 6, 7, 10] {
        store.plant(&format!("t/part-{number}.log"), "old").await;
    }
    let mut line = uploads(Arc::new(store.clone()), RemoteConfig::default());
    line.send("new").await.unwrap();
    line.send("newer").await.unwrap();
    line.pipeline.close().await.unwrap();
    assert_eq!(store.history().asked(Verb::Delete, ""), 0);
    let numbers = [10, 11, 12, 2, 3, 4, 6, 7];
    assert_eq!(keys(store.inner()).await, numbers.map(|number| format!("t/part-{number}.log")));
    assert_eq!(text(store.inner(), "t/part-11.log").await, "new|1 rows, 3 bytes");
}

#[tokio::test(start_paused = true)]
async fn the_upload_alone_is_a_sound_sink_and_costs_one_request_a_file() {
    let store = Faulty::default();
    let mut line = uploads(Arc::new(store.clone()), RemoteConfig::default());
    line.send("first").await.unwrap();
    let before = store.history().asked(Verb::Put, "");
    for _ in 0..5 {
        line.send("more").await.unwrap();
    }
    assert_eq!(store.history().asked(Verb::Put, "") - before, 5);
    assert_eq!(keys(store.inner()).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_sees_every_file_once_with_publish_and_without() {
    let bytes = ["first|1 rows, 5 bytes", "second|1 rows, 6 bytes"].map(str::len).iter().sum::<usize>();
    assert_eq!(recorded_of_two(false).await, ((2, bytes as u64), 2));
    assert_eq!(recorded_of_two(true).await, ((2, bytes as u64), 2));
}

#[tokio::test(start_paused = true)]
async fn publish_writes_nothing_there_and_counts_what_is_visible() {
    let store = Faulty::default();
    let remote = Remote::new(Arc::new(store.clone()), RemoteConfig::default());
    let config = UploadConfig {
        buffers: 1 << 20,
        remember: Duration::from_secs(60),
        clock: || 0,
        ..UploadConfig::default()
    };
    let tally = Arc::new(Tally::default());
    let (mut door, pipeline) = Pipeline::builder()
        .transform(Batcher::new(BatchLimits { bytes: 1, ..BatchLimits::default() }))
        .service(Upload::new(remote.clone(), Arc::new(Parts), config))
        .service(Publish::new(remote, Arc::new(Parts), tally.clone()))
        .spawn();
    let routed = Routed::new(RouteId(1), piece(7, "row"));
    door.ready().await.unwrap().call(routed).await.unwrap().flushed().await.unwrap();
    pipeline.close().await.unwrap();
    assert_eq!(keys(store.inner()).await, ["t/part-1.log"]);
    assert_eq!((tally.files(), tally.rows(), tally.bytes()), (1, 1, "row|1 rows, 3 bytes".len() as u64));
}

#[tokio::test(start_paused = true)]
async fn a_file_has_its_attributes_and_its_footer_in_one_request_and_in_parts() {
    for single_put in [0, 1 << 20] {
        let store = Arc::new(InMemory::new());
        let mut line =
            uploads(store.clone(), RemoteConfig { single_put, part: 10, ..RemoteConfig::default() });
        line.send("a row of some length").await.unwrap();
        let found = store.get(&Path::from("t/part-1.log")).await.unwrap();
        let said = |attribute| found.attributes.get(&attribute).map(|value| value.to_string());
        assert_eq!(said(Attribute::ContentType).as_deref(), Some("text/plain"));
        assert_eq!(said(Attribute::ContentEncoding).as_deref(), Some("zstd"));
        assert_eq!(said(Attribute::Metadata("version".into())).as_deref(), Some("7"));
        assert_eq!(&found.bytes().await.unwrap()[..], b"a row of some length|1 rows, 20 bytes");
    }
}

#[tokio::test]
async fn a_store_without_attributes_refuses_such_files_unless_they_may_go_without() {
    for single_put in [0, 1 << 20] {
        let root = tempfile::tempdir().unwrap();
        let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(root.path()).unwrap());
        let strict = RemoteConfig { single_put, ..Options::default().remote };
        let error = uploads(store.clone(), strict).send("row").await.unwrap_err();
        assert_eq!(writer_error(&error).kind(), ErrorKind::Refused);
        assert!(writer_error(&error).to_string().contains("attributes"), "{error:?}");
        assert!(keys(&*store).await.is_empty());

        let mut line = uploads(store.clone(), RemoteConfig { single_put, ..best_effort() });
        line.send("row").await.unwrap();
        line.send("row").await.unwrap();
        assert_eq!(text(&*store, "t/part-2.log").await, "row|1 rows, 3 bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn files_need_not_wait_for_each_other_from_the_first_on() {
    let store = Faulty::default();
    store.delay(|verb, _| Duration::from_secs(if verb == Verb::Put { 10 } else { 0 }));
    let mut line = uploads(Arc::new(store.clone()), RemoteConfig::default());
    let began = tokio::time::Instant::now();
    let mut sent = Vec::new();
    for _ in 0..8 {
        let routed = Routed::new(RouteId(1), piece(7, "row"));
        sent.push(line.door.ready().await.unwrap().call(routed));
    }
    for enqueued in sent {
        enqueued.await.unwrap().flushed().await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::from_secs(10));
}
