//! Memory, when the store never answers: every source ends up waiting, and what the process takes stays within bound.

use super::{feeds, side_by_side};
use crate::figures::{Moment, figures};
use crate::latency::Visible;
use crate::options::Options;
use crate::process;
use crate::rig::Rig;
use crate::slow_store::SlowStore;
use pipeline_core::BoxError;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let tables = options.size(options.tables, 1000);
    let per_transaction = options.transaction.unwrap_or(100);
    let store = SlowStore::new(Duration::ZERO, None);
    let quota = 64 << 20;
    let rig =
        Rig::over(options, &format!("spool-memory-quota={quota}&spool-disk-quota={}", 2_u64 << 30), store)
            .await?;
    // After the probe at the start, nothing is answered any more.
    rig.store.set_open(false);
    let visible = Visible::new();
    let before = process::memory()?;
    let from = Moment::now(&rig);
    let end = Instant::now() + options.time(30);
    let sources = side_by_side(feeds(&rig, options, tables, &visible), move |_, mut feed| async move {
        feed.send_until(per_transaction, end).await?;
        Ok(feed)
    });
    let sources = tokio::spawn(sources);
    let mut held = (0, 0);
    while Instant::now() < end {
        sleep(Duration::from_secs(1)).await;
        let now = (rig.storage.gate().held(), rig.storage.spool().stats().disk_physical_bytes);
        if now == held {
            break;
        }
        held = now;
    }
    let mut report = figures(options, &rig, &from, &Default::default(), &visible.latencies())?;
    sources.abort();
    let stats = rig.storage.spool().stats();
    report.insert("tables".into(), json!(tables));
    report.insert("rows_per_transaction".into(), json!(per_transaction));
    report.insert("rss_before_mib".into(), json!(before as f64 / (1 << 20) as f64));
    report.insert("held_mib".into(), json!(held.0 as f64 / (1 << 20) as f64));
    report.insert("held_events".into(), json!(rig.storage.gate().elements()));
    report.insert("disk_mib".into(), json!(stats.disk_physical_bytes as f64 / (1 << 20) as f64));
    report.insert("tier_mib".into(), json!(stats.memory_bytes as f64 / (1 << 20) as f64));
    let peak = process::peak_memory()? as f64;
    let bound = rig.memory_bound() as f64;
    report.insert("peak_rss_over_bound_mib".into(), json!((peak - bound) / (1 << 20) as f64));
    Ok(report)
}
