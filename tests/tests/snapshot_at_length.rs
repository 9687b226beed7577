//! Copies of millions of rows: what takes minutes.
//!
//! The server is the one that `SPILLWAY_SERVER` names.

mod copying;

use copying::{Site, filler, survives};
use std::time::Duration;
use tests::Spillway;
use tokio::time::interval;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: three million rows"]
async fn a_copy_of_millions_of_rows_that_is_killed_again_and_again_is_the_server() {
    survives(3_000, 5).await;
}

/// How much memory a process takes at most, in bytes.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) << 10
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: tables of one gigabyte and more"]
async fn memory_does_not_grow_with_the_tables() {
    const QUOTA: u64 = 64 << 20;
    let mut peaks = Vec::new();
    for doublings in [9, 12] {
        let site = Site::with(&["--innodb-buffer-pool-size=64M"]).await;
        site.run(["CREATE DATABASE d"]).await;
        site.run(filler("d.t", 1)).await;
        site.run(vec!["INSERT INTO d.t (pad) SELECT pad FROM d.t"; doublings]).await;
        let parameters = "protocol=csv&include-commit-ts=true";
        let sink = format!("file://{}?{parameters}&spool-memory-quota={QUOTA}", site.folder.path().display());
        let command = Spillway::new(site.server.url(), sink).arg("--snapshot=only");
        let mut running = command.start();
        let process = running.id();
        let mut peak = 0;
        let mut looks = interval(Duration::from_millis(200));
        while running.try_ended().is_none() {
            looks.tick().await;
            peak = peak.max(peak_memory(process));
        }
        running.ended().await.succeeded();
        println!("figures: {} rows, peak {} MiB", 1_000 << doublings, peak >> 20);
        peaks.push(peak);
    }
    assert!(peaks[1] <= QUOTA + (64 << 20), "{peaks:?}");
}
