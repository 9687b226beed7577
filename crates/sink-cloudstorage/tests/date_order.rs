//! Whatever the clock says and however often a run ends, what a consumer reads of a table comes in commit order.
//!
//! Clocks go forwards and backwards at random, within runs and between them, runs end in order or at once, and versions
//! change, at each date level and with each kind of directory. A consumer's order is made from the names alone.

use bytes::Bytes;
use change_event::{Column, ColumnKind, TableName, TableSchema};
use dispatcher::DispatcherId;
use futures::TryStreamExt;
use jiff::tz::TimeZone;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use pipeline_core::{FrontDoor, Gate, Levels, Piece, Pipeline, Receipt, RouteId, Routed};
use proptest::prelude::*;
use sink_cloudstorage::files::{FileLayout, TableFiles, TableRows};
use sink_cloudstorage::known_versions::KnownVersions;
use sink_cloudstorage::layout::{DateLevel, Layout};
use stage_encode::Csv;
use stage_writer::{BatchLimits, Batcher, Publish, Remote, RemoteConfig, Tally, Upload, UploadConfig};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tower::{Service, ServiceExt};

const MINUTE: i64 = 60_000;
/// 2024-03-01 00:00 UTC: months, a leap day and a year's end are within reach.
const START: i64 = 1_709_251_200_000;
const TABLES: usize = 3;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(START) };
}

#[derive(Clone, Debug)]
enum Step {
    /// A row of a table.
    Row(usize),
    /// The clock is put forwards or backwards by minutes.
    Clock(i64),
    /// A DDL of a table: it gets a new version, once its rows are durable.
    Version(usize),
    /// Everything becomes durable, and another run begins.
    Restart,
    /// The run is gone at once; what was not durable comes again.
    Crash,
    /// Everything becomes durable.
    Settle,
    /// Nothing happens for longer than directories are remembered.
    Idle,
}

fn step() -> impl Strategy<Value = Step> {
    let table = 0..TABLES;
    prop_oneof![
        8 => table.clone().prop_map(Step::Row),
        2 => (-1_800..1_800_i64).prop_map(Step::Clock),
        1 => (-540_000..540_000_i64).prop_map(Step::Clock),
        1 => table.prop_map(Step::Version),
        1 => Just(Step::Restart),
        1 => Just(Step::Crash),
        2 => Just(Step::Settle),
        1 => Just(Step::Idle),
    ]
}

fn layout() -> impl Strategy<Value = Layout> {
    let levels =
        prop::sample::select(vec![DateLevel::None, DateLevel::Year, DateLevel::Month, DateLevel::Day]);
    let zones = prop::sample::select(vec!["UTC", "America/St_Johns", "Pacific/Apia", "Asia/Tokyo"]);
    (levels, zones, any::<[bool; 3]>()).prop_map(
        |(date_level, zone, [table_id_as_path, partition_level, dispatcher_in_names])| Layout {
            date_level,
            time_zone: TimeZone::get(zone).expect("a zone"),
            index_digits: 6,
            extension: ".csv".to_owned(),
            table_id_as_path,
            partition_level,
            dispatcher_in_names,
        },
    )
}

fn schema(table: usize, version: u64) -> TableSchema {
    TableSchema {
        name: TableName::new("db", format!("t{table}")),
        table_id: 100 + table as i64,
        // One of them is a partition.
        partition: (table == 1).then_some(55),
        version,
        columns: vec![Column::new("id", ColumnKind::Int)],
    }
}

/// What a run takes its bucket's past to be, which costs requests when it is wrong, and nothing else.
#[derive(Clone, Copy, Debug)]
enum Checkpoint {
    /// That of the runs before.
    Told,
    /// There was none, and nothing is known.
    Missing,
    /// One from long ago: all versions are taken for new.
    Old,
}

impl Checkpoint {
    fn among(self, versions: &[u64]) -> u64 {
        match self {
            Self::Told => versions.iter().copied().max().expect("a table"),
            Self::Missing => u64::MAX,
            Self::Old => 0,
        }
    }
}

/// One run, and what it has not said to be durable.
struct Run {
    remote: Remote,
    layout: Arc<FileLayout>,
    door: FrontDoor<Piece<TableRows, Bytes>>,
    pipeline: Pipeline,
}

fn start(store: &Arc<InMemory>, layout: &Layout, checkpoint: u64) -> Run {
    let remote = Remote::new(store.clone(), RemoteConfig::default());
    let layout = Arc::new(FileLayout {
        layout: layout.clone(),
        encoder: Arc::new(Csv::default()),
        with_column_ids: false,
        known: KnownVersions::at(checkpoint),
    });
    let clock = || u64::try_from(NOW.get()).expect("a time after 1970");
    let upload = UploadConfig {
        buffers: 1 << 20,
        remember: Duration::from_secs(60),
        clock,
        ..UploadConfig::default()
    };
    let (door, pipeline) = Pipeline::builder::<Piece<TableRows, Bytes>>()
        .lanes(2)
        .watermarks(Gate::new(Levels { high: 1 << 30, low: 1 << 29 }))
        .service(tower::service_fn(|piece| std::future::ready(Ok::<_, pipeline_core::BoxError>(piece))))
        .wake()
        .transform(Batcher::new(BatchLimits { bytes: 1, ..BatchLimits::default() }))
        .orders_effects()
        .concurrency(16)
        .per_route(4)
        .service(Upload::new(remote.clone(), layout.clone(), upload))
        .orders_effects()
        .concurrency(usize::MAX)
        .service(Publish::new(remote.clone(), layout.clone(), Arc::new(Tally::default())))
        .spawn();
    Run { remote, layout, door, pipeline }
}

impl Run {
    /// A DDL's schema file.
    async fn write_schema_file(&self, table: TableSchema) {
        let files = TableFiles { dispatcher: DispatcherId::of(Some(&table.name), 0), table: Arc::new(table) };
        let id = self.layout.path_id(&files.table).unwrap_or(files.table.table_id);
        for (path, content) in stage_writer::Layout::companions(&*self.layout, &files) {
            if self.remote.begin_or_replace(&path, content).await.expect("written") {
                self.layout.known.begun(id, files.table.version);
            }
        }
    }

    async fn send(&mut self, row: &Row) -> Receipt {
        let table = Arc::new(schema(row.table, row.version));
        let dispatcher = DispatcherId::of(Some(&table.name), 0);
        let label = TableRows { files: TableFiles { table, dispatcher }, rows: 1 };
        let body = Bytes::from(format!("{}\n", row.number));
        let piece = Routed::new(RouteId(row.table as u64), Piece { label, body });
        self.door.ready().await.expect("the run goes on").call(piece).await.expect("enqueued")
    }
}

#[derive(Clone, Copy, Debug)]
struct Row {
    table: usize,
    version: u64,
    number: u64,
}

async fn settle(pending: &mut Vec<(Row, Receipt)>) {
    for (_, receipt) in pending.drain(..) {
        receipt.flushed().await.expect("durable");
    }
}

async fn play(layout: &Layout, checkpoint: Checkpoint, steps: &[Step]) -> (Arc<InMemory>, u64) {
    NOW.set(START);
    let store = Arc::new(InMemory::new());
    let mut run = start(&store, layout, 0);
    let mut pending: Vec<(Row, Receipt)> = Vec::new();
    let mut versions = [400_000_000_000_u64; TABLES];
    let mut rows = 0;
    for step in steps.iter().chain([&Step::Settle]) {
        match *step {
            Step::Row(table) => {
                rows += 1;
                let row = Row { table, version: versions[table], number: rows };
                let receipt = run.send(&row).await;
                pending.push((row, receipt));
            }
            Step::Clock(minutes) => NOW.set((NOW.get() + minutes * MINUTE).max(0)),
            Step::Version(table) => {
                settle(&mut pending).await;
                versions[table] += 1;
                // One of the tables changes without a DDL that is seen.
                if table > 0 {
                    run.write_schema_file(schema(table, versions[table])).await;
                }
            }
            Step::Settle => settle(&mut pending).await,
            Step::Idle => {
                settle(&mut pending).await;
                tokio::time::sleep(Duration::from_secs(200)).await;
            }
            Step::Restart => {
                settle(&mut pending).await;
                run.pipeline.close().await.expect("a close in order");
                run = start(&store, layout, checkpoint.among(&versions));
            }
            Step::Crash => {
                tokio::task::yield_now().await;
                drop(run);
                // Whatever was under way ends with it.
                tokio::time::sleep(Duration::from_millis(1)).await;
                run = start(&store, layout, checkpoint.among(&versions));
                let again: Vec<Row> =
                    pending.drain(..).filter(|(_, sent)| !sent.is_flushed()).map(|(row, _)| row).collect();
                for row in again {
                    let receipt = run.send(&row).await;
                    pending.push((row, receipt));
                }
            }
        }
    }
    (store, rows)
}

/// Row numbers by table directory, in the order in which a consumer comes to them: by version, partition, date and file.
async fn read(store: &InMemory, layout: &Layout) -> BTreeMap<String, Vec<u64>> {
    let objects: Vec<_> = store.list(None).try_collect().await.unwrap();
    let mut found: BTreeMap<String, Vec<(u64, String, u64, String)>> = BTreeMap::new();
    for object in objects {
        let key = object.location.to_string();
        let Some((directory, name)) = key.rsplit_once('/').filter(|(_, name)| name.ends_with(".index"))
        else {
            continue;
        };
        let directory = directory.strip_suffix("/meta").expect("an index stands in meta/");
        let parts: Vec<&str> = directory.split('/').collect();
        let table_parts = if layout.table_id_as_path { 1 } else { 2 };
        let version = parts[table_parts].parse().unwrap();
        let date = match layout.date_level {
            DateLevel::None => String::new(),
            DateLevel::Year | DateLevel::Month | DateLevel::Day => (*parts.last().unwrap()).to_owned(),
        };
        let last = text(store, &key).await;
        let last = last.trim_end().trim_end_matches(".csv");
        let digits = &last[last.len() - 6..];
        let stem = &last[..last.len() - 6];
        assert!(name.starts_with("CDC"));
        for number in 1..=digits.parse::<u64>().unwrap() {
            let file = format!("{directory}/{stem}{number:06}.csv");
            found.entry(parts[..table_parts].join("/")).or_default().push((
                version,
                date.clone(),
                number,
                file,
            ));
        }
    }
    let mut read = BTreeMap::new();
    for (table, mut files) in found {
        files.sort();
        let mut rows = Vec::new();
        for (_, _, _, file) in files {
            rows.extend(text(store, &file).await.lines().map(|line| line.parse::<u64>().unwrap()));
        }
        read.insert(table, rows);
    }
    read
}

async fn text(store: &InMemory, key: &str) -> String {
    let found = store.get(&Path::from(key)).await.unwrap_or_else(|error| panic!("{key}: {error}"));
    String::from_utf8(found.bytes().await.unwrap().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_day_that_begins_twice_is_not_left_for_the_day_before() {
    let layout = Layout {
        date_level: DateLevel::Day,
        time_zone: TimeZone::get("America/St_Johns").unwrap(),
        index_digits: 6,
        extension: ".csv".to_owned(),
        table_id_as_path: false,
        partition_level: true,
        dispatcher_in_names: false,
    };
    // 2010-11-07 00:00 in Newfoundland: a minute later it was 23:01 of the day before.
    let midnight = -7_002_570;
    let steps = [Step::Clock(midnight), Step::Row(0), Step::Settle, Step::Clock(1), Step::Row(0)];
    let (store, _) = play(&layout, Checkpoint::Told, &steps).await;
    let index = "db/t0/400000000000/2010-11-07/meta/CDC.index";
    assert_eq!(text(&store, index).await, "CDC000002.csv\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_consumer_reads_in_commit_order_whatever_the_clock_does(
        layout in layout(),
        checkpoint in prop::sample::select(vec![Checkpoint::Told, Checkpoint::Missing, Checkpoint::Old]),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let read = runtime.unwrap().block_on(async {
            let (store, rows) = play(&layout, checkpoint, &steps).await;
            (read(&store, &layout).await, rows)
        });
        let (tables, rows) = read;
        let mut seen = 0;
        for (table, numbers) in tables {
            // A row that came again after a crash counts where it came first.
            let mut first = Vec::new();
            for number in numbers {
                if !first.contains(&number) {
                    first.push(number);
                }
            }
            prop_assert!(first.is_sorted(), "{table}: {first:?}");
            seen += first.len() as u64;
        }
        prop_assert_eq!(seen, rows, "none is missing");
    }
}
