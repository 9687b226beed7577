//! What a meter sees.

use crate::rig::*;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use pipeline_core::Telemetry;
use stage_spool::Spool;
use std::collections::BTreeMap;

/// The numbers of the spool in `dir`, by name and tier.
fn numbers(exporter: &InMemoryMetricExporter, dir: &str) -> BTreeMap<String, u64> {
    let mut numbers = BTreeMap::new();
    let exported = exporter.get_finished_metrics().expect("exported");
    for scope in exported.iter().flat_map(|resource| resource.scope_metrics()) {
        for metric in scope.metrics() {
            let points: Vec<(Vec<_>, u64)> = match metric.data() {
                AggregatedMetrics::U64(MetricData::Gauge(gauge)) => gauge
                    .data_points()
                    .map(|point| (point.attributes().cloned().collect(), point.value()))
                    .collect(),
                AggregatedMetrics::U64(MetricData::Sum(sum)) => sum
                    .data_points()
                    .map(|point| (point.attributes().cloned().collect(), point.value()))
                    .collect(),
                _ => continue,
            };
            for (labels, value) in points {
                let label = |key: &str| {
                    labels.iter().find(|pair| pair.key.as_str() == key).map(|pair| pair.value.to_string())
                };
                if label("dir").as_deref() == Some(dir) {
                    let tier = label("tier").map_or(String::new(), |tier| format!("{{{tier}}}"));
                    numbers.insert(format!("{}{tier}", metric.name()), value);
                }
            }
        }
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_sees_both_tiers_until_the_spool_is_gone() {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
    let telemetry = Telemetry::new(provider.meter("a test"));
    let dir = directory();
    let name = dir.path().display().to_string();
    let spool = Spool::open_with(config(&dir, 100, 16_000, 1000), &telemetry).expect("opens");
    let stored = [
        put(&spool, body(1, 80)).await.expect("placed"),
        put(&spool, body(2, 30)).await.expect("placed"),
        put(&spool, body(3, 40)).await.expect("placed"),
    ];
    read(&stored[1..2], 100).await.expect("whole");
    provider.force_flush().expect("flushed");
    let expected = [
        ("spillway.spool{disk}", 2 * FRAME + 70),
        ("spillway.spool{memory}", 80),
        ("spillway.spool_items", 3),
        ("spillway.spool_physical", SEGMENT + 2 * FRAME + 70),
        ("spillway.spool_read_back", 30),
        ("spillway.spool_segment_rotations", 1),
        ("spillway.spool_segments", 1),
        ("spillway.spool_waiting", 0),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(numbers(&exporter, &name), BTreeMap::from(expected));

    drop(stored);
    drop(spool);
    exporter.reset();
    provider.force_flush().expect("flushed");
    assert_eq!(numbers(&exporter, &name), BTreeMap::new());
}
