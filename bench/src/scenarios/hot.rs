//! One hot table: how throughput grows with the uploads that run at once.

use super::{feeds, take_wakes};
use crate::figures::{Moment, figures};
use crate::latency::Visible;
use crate::options::Options;
use crate::rig::Rig;
use crate::slow_store::SlowStore;
use pipeline_core::BoxError;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::Instant;

pub(crate) async fn run(options: &Options) -> Result<Vec<Map<String, Value>>, BoxError> {
    let mut reports = Vec::new();
    let mut one = None;
    for workers in [1, 2, 4, 8, 16] {
        let mut report = with_workers(options, workers).await?;
        let speed = report["megabytes_per_second"].as_f64().unwrap_or(f64::NAN);
        let linear = *one.get_or_insert(speed) * workers as f64;
        report.insert("share_of_linear".into(), json!(speed / linear));
        reports.push(report);
    }
    Ok(reports)
}

async fn with_workers(options: &Options, workers: u64) -> Result<Map<String, Value>, BoxError> {
    let mut options = options.clone();
    let latency = *options.latency.get_or_insert(50);
    let bandwidth = *options.bandwidth.get_or_insert(20);
    let per_transaction = options.transaction.unwrap_or(100);
    let store = SlowStore::new(Duration::from_millis(latency), Some(bandwidth as f64 * 1e6)).with_journal();
    let parameters = [
        format!("worker-count={workers}&file-size={}", 8 << 20),
        // Room for all uploads and the next batch, in memory.
        format!("spool-memory-quota={}&spool-disk-quota={}", 512 << 20, 256 << 20),
    ]
    .join("&");
    let rig = Rig::over(&options, &parameters, store).await?;
    let visible = Visible::new();
    let mut feeds = feeds(&rig, &options, 1, &visible);
    let feed = &mut feeds[0];
    // Long enough that all uploads are under way, and the sources wait for them.
    feed.send_until(per_transaction, Instant::now() + options.time(4)).await?;
    feed.wakes = Default::default();
    visible.clear();
    let from = Moment::now(&rig);
    feed.send_until(per_transaction, Instant::now() + options.time(8)).await?;
    let mut report = figures(&options, &rig, &from, &Default::default(), &visible.latencies())?;
    report.insert("wake".into(), take_wakes(&mut feeds).figures());
    report.insert("tables".into(), json!(1));
    report.insert("rows_per_transaction".into(), json!(per_transaction));
    report.insert("latency_ms".into(), json!(latency));
    report.insert("bandwidth_mb_per_second".into(), json!(bandwidth));
    report.insert("uploads_at_once".into(), json!(workers));
    report.insert("indexes_before_their_file".into(), json!(rig.store.requests().out_of_order));
    // What is still on its way would take as long as it took to gather; nobody waits for it here.
    drop(rig);
    Ok(report)
}
