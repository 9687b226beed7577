//! Spilling: how fast rows of some tables go to disk while the store answers nothing, beside dd into the same directory; and how
//! fast when the store answers again, and what was spilled is read back beside.

use super::{feeds, side_by_side, take_wakes};
use crate::figures::{Moment, figures, median};
use crate::latency::Visible;
use crate::options::Options;
use crate::process::cpu_seconds;
use crate::rig::Rig;
use crate::slow_store::SlowStore;
use change_event::Op;
use pipeline_core::BoxError;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const ROUNDS: usize = 5;
const MIB: u64 = 1 << 20;
/// The size of the spool's segments.
const SEGMENT: u64 = 64 * MIB;

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let per_transaction = options.transaction.unwrap_or(100);
    // Several tables: one alone waits for its wake, and the disk for it.
    let tables = options.tables.unwrap_or(64);
    let size = options.size(None, 1024) * MIB;
    let (mut plain, mut synced) = (Vec::new(), Vec::new());
    let (mut spilling, mut reading) = (Vec::new(), Vec::new());
    let mut busy = Vec::new();
    let mut report = Map::new();
    for round in 0..ROUNDS {
        let directory = tempfile::tempdir()?;
        // Memory that a virtual machine has not had for a while is slow to get: this one gets it for all.
        dd(directory.path(), 2 * size, &[])?;
        plain.push(dd(directory.path(), size, &[])?);
        rustix::fs::sync();
        synced.push(dd(directory.path(), size, &["conv=fdatasync"])?);
        drop(directory);
        rustix::fs::sync();
        let store = SlowStore::new(Duration::ZERO, None);
        let quota = format!(
            "spool-memory-quota={}&spool-disk-quota={}&file-size={}",
            64 * MIB,
            16_u64 << 30,
            8 * MIB
        );
        let rig = Rig::over(options, &quota, store).await?;
        rig.store.set_open(false);
        let visible = Visible::new();
        let from = Moment::now(&rig);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let sources =
            tokio::spawn(side_by_side(feeds(&rig, options, tables, &visible), move |_, mut feed| {
                let stopped = stopped.clone();
                async move {
                    while !stopped.load(Relaxed) {
                        let _not_awaited = feed.send(Op::Insert, per_transaction, None).await?;
                    }
                    Ok(feed)
                }
            }));
        // First until memory is full; then what comes goes to disk.
        let spool = rig.storage.spool();
        let over = || sources.is_finished();
        until(|| over() || spool.stats().disk_physical_bytes > 0).await;
        let (begun, before) = (Instant::now(), spool.stats().disk_physical_bytes);
        let cpu = cpu_seconds();
        until(|| over() || spool.stats().disk_physical_bytes >= before + size).await;
        let spilled = (spool.stats().disk_physical_bytes - before) as f64;
        spilling.push(spilled / 1e6 / begun.elapsed().as_secs_f64());
        busy.push((cpu_seconds() - cpu) / begun.elapsed().as_secs_f64());
        // Now the store answers; the sources go on as long as there is something to read back.
        rig.store.set_open(true);
        let (begun, segments, back) =
            (Instant::now(), spool.stats().rotations, spool.stats().read_back_bytes);
        let end = begun + Duration::from_secs(3);
        until(|| over() || Instant::now() > end || spool.stats().disk_live_bytes < size / 16).await;
        let seconds = begun.elapsed().as_secs_f64();
        // What comes now may find room in memory: only what went to disk counts, by the segments that it filled.
        let spilled = (spool.stats().rotations - segments) as f64 * SEGMENT as f64;
        reading.push(spilled / 1e6 / seconds);
        stop.store(true, Relaxed);
        let mut feeds = sources.await??;
        let back = rig.storage.spool().stats().read_back_bytes - back;
        report = figures(options, &rig, &from, &take_wakes(&mut feeds), &visible.latencies())?;
        report.insert("read_back_mb_per_second".into(), json!(back as f64 / 1e6 / seconds));
        report.insert("read_back_seconds".into(), json!(seconds));
        rig.storage.close().await?;
        // Nobody pays for what another left in the page cache.
        rustix::fs::sync();
        if round == 0 {
            // The first one touched the memory and the page cache.
            [&mut plain, &mut synced, &mut spilling, &mut reading].into_iter().for_each(Vec::clear);
        }
    }
    let [plain, synced, spilling, reading] = [plain, synced, spilling, reading].map(median);
    report.insert("tables".into(), json!(tables));
    report.insert("cores_busy_while_spilling".into(), json!(median(busy)));
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

async fn until(met: impl Fn() -> bool) {
    while !met() {
        sleep(Duration::from_millis(1)).await;
    }
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
