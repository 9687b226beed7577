//! Every instrument that dashboards rely on is fed by one run of the line, and has its name in a Prometheus scrape.

mod line;

use change_event::{ChangeEvent, CommitTs};
use dispatcher::{Dispatchers, Sink};
use line::{alter, ddl, inserts, open_with, routed, table, until};
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use pipeline_core::Telemetry;
use prometheus::{Encoder, Registry, TextEncoder};
use std::collections::{BTreeMap, BTreeSet};
use tests::HeldStore;
use tower::{Service, ServiceExt};

/// What Prometheus gets to read.
fn scrape(registry: &Registry) -> String {
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The sums of all series, by name; of a histogram `_count`, `_sum` and `_bucket` apart.
fn totals(scrape: &str) -> BTreeMap<String, f64> {
    let mut totals = BTreeMap::new();
    for line in scrape.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        *totals.entry(name.to_owned()).or_default() += value.parse::<f64>().unwrap();
    }
    totals
}

/// The metrics by name, as Prometheus counts them.
fn families(scrape: &str) -> BTreeSet<String> {
    let types = scrape.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names = types.map(|line| line.split(' ').next().unwrap().to_owned());
    names.filter(|name| name != "target_info").collect()
}

/// The names in the first column of the sink's table of metrics.
fn documented() -> BTreeSet<String> {
    let source = include_str!("../../crates/sink-cloudstorage/src/metrics.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_feeds_every_instrument() {
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().unwrap();
    let provider = SdkMeterProvider::builder().with_reader(exporter).build();
    let telemetry = Telemetry::new(provider.meter("a test")).pipeline("orders");

    let store = HeldStore::new();
    let (storage, _spool) =
        open_with(&store, "&spool-disk-quota=10000&spool-memory-quota=20000", telemetry).await;
    let dispatchers = Dispatchers::builder(storage.sink()).spawn().unwrap();
    let old = table("t", 5);
    store.hold(|key| key.ends_with(".csv"));
    let rows = |ts| ChangeEvent::Rows(inserts(&old, ts, 0..1, &"x".repeat(700)));
    for ts in 10..15 {
        dispatchers.handle(rows(ts)).await.unwrap();
    }
    until("five are in the spool", || storage.spool().stats().items == 5).await;
    let held = totals(&scrape(&registry));
    assert_eq!(held["spillway_spool_items"], 5.0);
    // Their 3.6 kB, and up to half of that in the block that holds them.
    assert!((3_500.0..5_500.0).contains(&held["spillway_spool_bytes"]), "{held:?}");
    assert_eq!(held["spillway_wake_calls_total"], 5.0);
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
    storage.parked_events().keep("log-1/5", "{}".into(), "policy").await.unwrap();
    let running = scrape(&registry);
    assert_eq!(families(&running), documented(), "the table is what a scrape shows");
    storage.close().await.unwrap();
    last.await.unwrap().flushed().await.unwrap();
    let text = scrape(&registry);
    let series = text.lines().filter(|line| line.starts_with("spillway_"));
    assert!(series.clone().all(|line| line.contains(r#"pipeline="orders""#)), "{text}");
    let (running, all) = (totals(&running), totals(&text));
    assert!((30.0..=31.0).contains(&running["spillway_wake_calls_total"]), "{running:?}");
    assert!(running["spillway_wake_suppressed_total"] >= 1.0);
    assert!(running["spillway_gate_time_shut_seconds_total"] > 0.0);
    assert!(running["spillway_encode_rows_total"] >= 30.0);
    assert_eq!(
        all.get("spillway_spool_items").copied().unwrap_or_default(),
        0.0,
        "none, or no spool any more"
    );
    assert_eq!((all["spillway_parked_events_total"], all["spillway_parked_bytes_total"]), (1.0, 2.0));
    assert_eq!(all["spillway_ddl_drain_duration_seconds_count"], 1.0);
    let flushes = all["spillway_flush_tasks_total"];
    assert!(flushes >= 3.0, "{all:?}");
    for reason in ["drain", "quota"] {
        let series = format!(r#"spillway_flush_tasks_total{{pipeline="orders",reason="{reason}"}}"#);
        assert!(
            text.contains(&series) || text.contains(&format!(r#"reason="{reason}""#)),
            "{series}: {text}"
        );
    }
    assert_eq!(all["spillway_flush_duration_seconds_count"], flushes);
    assert_eq!(all["spillway_flush_file_size_bytes_count"], flushes);
    // Files of a kilobyte and flushes of milliseconds have buckets of their own.
    let buckets = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
    assert!(buckets("spillway_flush_file_size_bytes_bucket") > 10);
    assert!(text.contains(r#"le="0.01""#) && text.contains(r#"le="4096""#), "{text}");
}
