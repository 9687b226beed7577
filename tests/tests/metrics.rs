//! Every instrument that dashboards rely on is fed by one run of the line.

mod line;

use change_event::{ChangeEvent, CommitTs};
use dispatcher::{Dispatchers, Sink};
use line::{alter, ddl, inserts, open, routed, table, until};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use std::collections::BTreeMap;
use tests::HeldStore;
use tower::{Service, ServiceExt};

/// The sum of an instrument's points, or how many were recorded, by name.
fn totals(exporter: &InMemoryMetricExporter) -> BTreeMap<String, f64> {
    let mut totals = BTreeMap::new();
    for resource in exporter.get_finished_metrics().unwrap() {
        for metric in resource.scope_metrics().flat_map(|scope| scope.metrics()) {
            let total = match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(data)) => {
                    data.data_points().map(|point| point.count() as f64).sum()
                }
                AggregatedMetrics::U64(MetricData::Histogram(data)) => {
                    data.data_points().map(|point| point.count() as f64).sum()
                }
                AggregatedMetrics::U64(MetricData::Sum(data)) => {
                    data.data_points().map(|point| point.value() as f64).sum()
                }
                AggregatedMetrics::I64(MetricData::Sum(data)) => {
                    data.data_points().map(|point| point.value() as f64).sum()
                }
                AggregatedMetrics::U64(MetricData::Gauge(data)) => {
                    data.data_points().map(|point| point.value() as f64).sum()
                }
                AggregatedMetrics::I64(MetricData::Gauge(data)) => {
                    data.data_points().map(|point| point.value() as f64).sum()
                }
                other => panic!("{} has an unexpected kind: {other:?}", metric.name()),
            };
            totals.insert(metric.name().to_owned(), total);
        }
    }
    totals
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_feeds_every_instrument() {
    let exporter = InMemoryMetricExporter::default();
    let reader = PeriodicReader::builder(exporter.clone()).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    opentelemetry::global::set_meter_provider(provider.clone());

    let store = HeldStore::new();
    let (storage, _spool) = open(&store, "&spool-disk-quota=10000&spool-memory-quota=20000").await;
    let dispatchers = Dispatchers::builder(storage.sink()).spawn().unwrap();
    let old = table("t", 5);
    store.hold(|key| key.ends_with(".csv"));
    let rows = |ts| ChangeEvent::Rows(inserts(&old, ts, 0..1, &"x".repeat(700)));
    for ts in 10..15 {
        dispatchers.handle(rows(ts)).await.unwrap();
    }
    until("five are in the spool", || storage.spool().stats().items == 5).await;
    provider.force_flush().unwrap();
    let held = totals(&exporter);
    exporter.reset();
    assert_eq!(held["spool_items"], 5.0);
    // Their 3.6 kB, and up to half of that in the block that holds them.
    assert!((3_500.0..5_500.0).contains(&held["spool_bytes"]), "{held:?}");
    assert_eq!(held["wake_calls_total"], 5.0);
    for ts in 15..40 {
        dispatchers.handle(rows(ts)).await.unwrap();
    }
    until("the gate is shut", || storage.gate().is_shut()).await;

    store.release();
    dispatchers.handle(ddl(alter(&table("t", 50)))).await.unwrap();
    dispatchers.handle(ChangeEvent::Resolved(CommitTs(50))).await.unwrap();
    dispatchers.finish().await.unwrap();
    let mut door = storage.sink().door();
    let last = door.ready().await.unwrap().call(routed(9, inserts(&table("u", 60), 61, 0..1, "last")));
    storage.close().await.unwrap();
    last.await.unwrap().flushed().await.unwrap();
    provider.force_flush().unwrap();
    let all = totals(&exporter);
    assert_eq!(all["wake_calls_total"], 31.0);
    assert!(all["wake_suppressed_total"] >= 1.0);
    assert_eq!(all.get("spool_items").copied().unwrap_or_default(), 0.0, "none, or no spool any more");
    assert_eq!(all["ddl_drain_duration_seconds"], 1.0);
    assert!(all["flush_tasks_total"] >= 3.0, "{all:?}");
    assert_eq!(all["flush_duration_seconds"], all["flush_tasks_total"]);
    assert_eq!(all["flush_file_size_bytes"], all["flush_tasks_total"]);
}
