//! A million small rows go through a spool of 64 KiB into a slow store: it takes its time, and holds no more than it may.

mod line;

use change_event::{ChangeEvent, CommitTs, TableSchema};
use dispatcher::{Dispatchers, Options};
use line::{config, inserts, table};
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use pipeline_core::Levels;
use sink_cloudstorage::CloudStorage;
use sink_cloudstorage::store::NoopStore;
use std::sync::Arc;
use std::time::Duration;

const QUOTA: u64 = 64 << 10;
/// A fifth of the quota, as configured by default.
const MEMORY: u64 = QUOTA / 5;
const TABLES: u64 = 8;
const ROWS: u64 = 1_000_000;
/// One event in so many has one row…
const SINGLE_EVERY: u64 = 2;
/// …and the others have so many, of about 40 bytes each.
const ROWS_OF_MANY: i64 = 200;
/// No event is larger, once encoded.
const LARGEST_EVENT: u64 = 16 << 10;
/// What the process may take more than before.
const GROWTH: u64 = 16 << 20;
/// Far more than it needs; without an end it would be a deadlock.
const DEADLINE: Duration = Duration::from_secs(240);

/// The most memory that this process has ever had, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says what a process takes");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its peak, too");
    let kibibytes: u64 =
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("in kB");
    kibibytes << 10
}

/// A store that keeps nothing but names, and takes a while for every request.
fn slow_store() -> ThrottledStore<NoopStore> {
    let pause = Duration::from_millis(1);
    let config =
        ThrottleConfig { wait_put_per_call: pause, wait_get_per_call: pause, ..ThrottleConfig::default() };
    ThrottledStore::new(NoopStore::default(), config)
}

/// A few thousand rows, so that everything that is needed once is there; then a million.
#[tokio::test(flavor = "multi_thread")]
async fn a_million_rows_pass_a_spool_of_64_kib_in_bounded_memory() {
    let spool = tempfile::tempdir().unwrap();
    let parameters = format!("&spool-disk-quota={QUOTA}&spool-base-dir={}", spool.path().display());
    let storage =
        CloudStorage::over(&config(&parameters), Arc::new(slow_store()), "a slow store").await.unwrap();
    // As much as the command takes for this quota.
    let options = Options { inbox: Levels { high: 16 << 10, low: 8 << 10 }, ..Options::default() };
    let dispatchers = Dispatchers::builder(storage.sink()).options(options).spawn().unwrap();
    let tables: Vec<Arc<TableSchema>> = (0..TABLES).map(|number| table(&format!("t{number}"), 5)).collect();
    let whole = async {
        let mut ts = 10;
        let mut sent = 0;
        let mut before = 0;
        while sent < ROWS {
            if before == 0 && sent > ROWS / 50 {
                before = peak_memory();
            }
            let rows = if ts % SINGLE_EVERY == 0 { 1 } else { ROWS_OF_MANY };
            let event = inserts(&tables[(ts % TABLES) as usize], ts, 0..rows, "some text of a row");
            dispatchers.handle(ChangeEvent::Rows(event)).await.unwrap();
            if ts % 64 == 0 {
                dispatchers.handle(ChangeEvent::Resolved(CommitTs(ts))).await.unwrap();
            }
            let stats = storage.spool().stats();
            assert!(stats.disk_physical_bytes <= QUOTA, "{stats:?}");
            assert!(stats.memory_bytes <= MEMORY.max(LARGEST_EVENT), "{stats:?}");
            sent += rows as u64;
            ts += 1;
        }
        dispatchers.finish().await.unwrap();
        (before, sent)
    };
    let (before, sent) = tokio::time::timeout(DEADLINE, whole).await.expect("it goes on");
    let growth = peak_memory() - before;
    assert_eq!(storage.counts().rows, sent);
    let lanes = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let (gate, most) = (storage.gate(), QUOTA / 100 * 80 + lanes * LARGEST_EVENT);
    println!("peak {} of {most}, shut {} times; {growth} bytes more memory", gate.peak(), gate.shut_count());
    assert!(gate.shut_count() > 100, "it was shut {} times only", gate.shut_count());
    assert!(gate.peak() <= most && gate.held() == 0, "{} of {most}, {} left", gate.peak(), gate.held());
    assert!(growth < GROWTH, "{growth} bytes more");
    let stats = storage.spool().stats();
    assert!(stats.read_back_bytes > QUOTA, "the disk was hardly used: {stats:?}");
    assert_eq!((stats.items, stats.memory_bytes, stats.disk_live_bytes), (0, 0, 0), "{stats:?}");
    storage.close().await.unwrap();
}
