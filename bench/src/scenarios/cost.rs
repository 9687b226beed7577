//! What a bucket costs: requests, objects, bytes and lag at low and middling rates, by setting.
//!
//! An hour and more of a store with 50 ms a request, in a time that goes as fast as the work allows: requests and
//! objects are counted, and lags are what the timers make of them, as on an idle machine.

use super::{feeds, side_by_side};
use crate::latency::Visible;
use crate::options::Options;
use crate::rig::Rig;
use crate::slow_store::Requests;
use change_event::Op;
use dispatcher::Sink;
use pipeline_core::{BoxError, Scope};
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Rows per second, over all tables.
const RATES: [u64; 4] = [1, 100, 200, 10_000];

const SETTINGS: [&str; 5] = [
    "",
    "flush-interval=60s",
    "min-file-size=1048576&max-file-age=60s",
    "min-file-size=1048576&max-file-age=600s",
    "min-file-size=1048576&max-file-age=600s&compression=zstd",
];

pub(crate) fn run(options: &Options) -> Result<Vec<Map<String, Value>>, BoxError> {
    let rates = options.rate.map_or(RATES.to_vec(), |rate| vec![rate]);
    let settings = if options.parameters.is_empty() { SETTINGS.to_vec() } else { vec![""] };
    let mut reports = Vec::new();
    for rate in rates {
        for setting in &settings {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
            reports.push(runtime.block_on(one(options, rate, setting))?);
            runtime.shutdown_background();
        }
    }
    Ok(reports)
}

async fn one(options: &Options, rate: u64, setting: &str) -> Result<Map<String, Value>, BoxError> {
    let mut options = options.clone();
    options.latency.get_or_insert(50);
    let tables = options.size(options.tables, 200);
    let rig = Rig::open(&options, setting).await?;
    let opened = rig.store.requests();
    let visible = Visible::new();
    let feeds = feeds(&rig, &options, tables, &visible);
    // The first file of each table alone.
    let feeds = side_by_side(feeds, |_, mut feed| async move {
        feed.send_all(Op::Insert, 1, 1).await?;
        Ok(feed)
    })
    .await?;
    rig.sink.door().drain(Scope::All).await?;
    let first = rig.store.requests().since(opened);
    visible.clear();

    let measured = options.time(3600);
    let (before, counted) = (rig.store.requests(), rig.sink.counts());
    let begin = Instant::now();
    let every = Duration::from_secs_f64(tables as f64 / rate as f64);
    let feeds = side_by_side(feeds, move |number, mut feed| async move {
        // Spread over the interval, in an order that is not that of the tables.
        let share = (number as u64 * 7919 % tables) as f64 / tables as f64;
        feed.send_every(1, every, begin + every.mul_f64(share), [begin, begin + measured]).await?;
        Ok(feed)
    })
    .await?;
    drop(feeds);
    rig.sink.door().drain(Scope::All).await?;
    let requests = rig.store.requests().since(before);
    let counts = rig.sink.counts();
    rig.storage.close().await?;
    let files = counts.files - counted.files;
    let an_hour = |count: u64| (count as f64 * 3600.0 / measured.as_secs_f64()).round();
    let per = |requests: Requests, files: u64| (requests.all() as f64 / files as f64 * 1e3).round() / 1e3;
    let setting = if options.parameters.is_empty() { setting } else { &options.parameters };
    let report = json!({
        "scenario": options.scenario.name(),
        "setting": setting,
        "tables": tables,
        "rows_per_second": rate,
        "seconds": measured.as_secs_f64(),
        "latency_ms": options.latency,
        "protocol": options.protocol,
        "requests_of_a_first_file": per(first, tables),
        "requests_per_file": per(requests, files),
        "requests_an_hour": an_hour(requests.all()),
        "objects_an_hour": an_hour(files),
        "megabytes_an_hour": an_hour(counts.bytes - counted.bytes) / 1e6,
        "row_to_visible": visible.latencies().figures(),
        "lost": visible.lost(),
    });
    let Value::Object(report) = report else { unreachable!("it was made as an object") };
    Ok(report)
}
