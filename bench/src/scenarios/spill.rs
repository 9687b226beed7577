//! Spilling: how fast rows go to disk while the store answers nothing, beside dd into the same directory; and how
//! fast when the store answers again, and what was spilled is read back beside.

use super::{feeds, take_wakes};
use crate::figures::{Moment, figures, median};
use crate::latency::Visible;
use crate::options::Options;
use crate::rig::Rig;
use crate::slow_store::SlowStore;
use change_event::Op;
use pipeline_core::BoxError;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::time::Instant;

const ROUNDS: usize = 5;
const MIB: u64 = 1 << 20;

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let per_transaction = options.transaction.unwrap_or(100);
    let size = options.size(None, 1024) * MIB;
    let (mut plain, mut synced) = (Vec::new(), Vec::new());
    let (mut spilling, mut reading) = (Vec::new(), Vec::new());
    let mut report = Map::new();
    for round in 0..ROUNDS {
        let directory = tempfile::tempdir()?;
        plain.push(dd(directory.path(), size, &[])?);
        synced.push(dd(directory.path(), size, &["conv=fdatasync"])?);
        drop(directory);
        let store = SlowStore::new(Duration::ZERO, None);
        let quota =
            format!("spool-memory-quota={}&spool-disk-quota={}&file-size={}", 64 * MIB, 16 << 30, 8 * MIB);
        let rig = Rig::over(options, &quota, store).await?;
        rig.store.set_open(false);
        let visible = Visible::new();
        let mut feeds = feeds(&rig, options, 1, &visible);
        let feed = &mut feeds[0];
        let from = Moment::now(&rig);
        // First until memory is full; then what comes goes to disk.
        while rig.storage.spool().stats().disk_physical_bytes == 0 {
            let _not_awaited = feed.send(Op::Insert, per_transaction, None).await?;
        }
        let (begun, before) = (Instant::now(), rig.storage.spool().stats().disk_physical_bytes);
        while rig.storage.spool().stats().disk_physical_bytes < before + size {
            let _not_awaited = feed.send(Op::Insert, per_transaction, None).await?;
        }
        let spilled = rig.storage.spool().stats().disk_physical_bytes - before;
        spilling.push(spilled as f64 / 1e6 / begun.elapsed().as_secs_f64());
        let per_row = spilled as f64 / feed.sent as f64;
        // Now the store answers; the source goes on as long as there is something to read back.
        rig.store.set_open(true);
        let (begun, before, back) = (Instant::now(), feed.sent, rig.storage.spool().stats().read_back_bytes);
        let end = begun + Duration::from_secs(4);
        while Instant::now() < end && rig.storage.spool().stats().disk_live_bytes > 0 {
            let _not_awaited = feed.send(Op::Insert, per_transaction, None).await?;
        }
        let seconds = begun.elapsed().as_secs_f64();
        reading.push((feed.sent - before) as f64 * per_row / 1e6 / seconds);
        let back = rig.storage.spool().stats().read_back_bytes - back;
        report = figures(options, &rig, &from, &take_wakes(&mut feeds), &visible.latencies())?;
        report.insert("read_back_mb_per_second".into(), json!(back as f64 / 1e6 / seconds));
        report.insert("read_back_seconds".into(), json!(seconds));
        rig.storage.close().await?;
        if round == 0 {
            // The first one touched the memory and the page cache.
            [&mut plain, &mut synced, &mut spilling, &mut reading].into_iter().for_each(Vec::clear);
        }
    }
    let [plain, synced, spilling, reading] = [plain, synced, spilling, reading].map(median);
    report.insert("rows_per_transaction".into(), json!(per_transaction));
    report.insert("dd_mb_per_second".into(), json!(plain));
    report.insert("dd_fdatasync_mb_per_second".into(), json!(synced));
    report.insert("spilling_mb_per_second".into(), json!(spilling));
    report.insert("spilling_to_dd".into(), json!(spilling / plain));
    report.insert("spilling_to_dd_fdatasync".into(), json!(spilling / synced));
    report.insert("beside_reading_mb_per_second".into(), json!(reading));
    report.insert("beside_reading_to_dd".into(), json!(reading / plain));
    Ok(report)
}

/// Megabytes per second that dd writes there.
fn dd(directory: &Path, size: u64, more: &[&str]) -> Result<f64, BoxError> {
    let file = directory.join("dd");
    let begun = Instant::now();
    let ended = Command::new("dd")
        .args(["if=/dev/zero", "bs=1M", "status=none"])
        .arg(format!("count={}", size / MIB))
        .arg(format!("of={}", file.display()))
        .args(more)
        .status()?;
    let seconds = begun.elapsed().as_secs_f64();
    fs::remove_file(&file)?;
    if ended.success() { Ok(size as f64 / 1e6 / seconds) } else { Err("dd failed".into()) }
}
