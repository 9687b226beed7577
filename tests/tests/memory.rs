//! Two hundred tables, a store that never answers, and 16 MiB of memory: every source ends up waiting, and the process
//! never takes more than the bound and what a program needs besides.
//!
//! A binary of its own, so that nothing else takes memory meanwhile.

mod line;

use line::{config, inserts, routed, table};
use sink_cloudstorage::CloudStorage;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tests::HeldStore;
use tokio::task::JoinSet;
use tower::{Service, ServiceExt};

const BOUND: u64 = 16 << 20;
/// The rest of the program: code, stacks, what the allocator keeps.
const BESIDE: u64 = 64 << 20;
const TABLES: u64 = 200;
/// Without a bound, far more is taken in than this.
const ENOUGH: u64 = 16 << 10;

/// Bytes of memory that were resident at most.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says what a process takes");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak, too");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("in kB") << 10
}

/// Sends events of so many rows until nothing is taken in any more; gives how many were.
async fn fill(storage: &CloudStorage, rows: i64) -> u64 {
    let taken = Arc::new(AtomicU64::new(0));
    let mut sources = JoinSet::new();
    for number in 0..TABLES {
        let (mut door, taken) = (dispatcher::Sink::door(&storage.sink()), taken.clone());
        let table = table(&format!("t{number}"), 5);
        sources.spawn(async move {
            for ts in 10.. {
                let Ok(door) = door.ready().await else { return };
                let event = inserts(&table, ts, 0..rows, "some text of a row");
                let Ok(_not_awaited) = door.call(routed(number, event)).await else { return };
                taken.fetch_add(1, Relaxed);
            }
        });
    }
    let mut before = u64::MAX;
    while before != taken.load(Relaxed) || before == 0 {
        before = taken.load(Relaxed);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    before
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_store_costs_no_more_memory_than_is_configured() {
    for rows in [1, 100] {
        let store = HeldStore::default();
        let spool = tempfile::tempdir().unwrap();
        let quotas = format!("&spool-memory-quota={BOUND}&spool-disk-quota={}", 512 << 20);
        let parameters = format!("{quotas}&file-size=65536&spool-base-dir={}", spool.path().display());
        let config = config(&parameters);
        let storage = CloudStorage::over(&config, Arc::new(store.clone()), "a stalled store").await.unwrap();
        store.hold(|_| true);
        let taken = tokio::time::timeout(Duration::from_secs(120), fill(&storage, rows)).await;
        let taken = taken.expect("the sources come to wait");
        let (gate, peak) = (storage.gate(), peak_memory());
        println!("{taken} events of {rows} rows, {} bytes held; peak {} MiB", gate.held(), peak >> 20);
        assert!(gate.is_shut() && taken >= ENOUGH, "{taken} events of {rows} rows were taken in");
        assert!(peak <= BOUND + BESIDE, "{peak} bytes, of {BOUND} and {BESIDE}");
    }
}
