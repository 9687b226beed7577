//! Thousands of tables, most of them idle: what each of them costs in memory.
//!
//! Alone in its file: the allocator counts what the whole process has.

mod made_up;
mod reading;

use made_up::{EVENTS, query};
use source_mysql::{Binlog, SourceItem, SourceOptions};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A bound on what the source keeps of a table of five columns and three keys, in bytes: three quarters of what a table may
/// take in all.
const PER_TABLE: usize = 3 << 9;

fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

fn table(number: usize) -> Vec<u8> {
    query(&format!(
        "CREATE TABLE d.a_table_of_a_shop_{number} (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, \
         name VARCHAR(64) NOT NULL DEFAULT '', price DECIMAL(10,2), made DATETIME, kind ENUM('new', 'sold', 'lost'), \
         KEY by_name (name), KEY by_time (made, kind))"
    ))
}

#[test]
fn a_table_takes_its_part_of_two_kibibytes_however_many_there_are() {
    const COUNTS: [usize; 3] = [1_000, 4_000, 12_000];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made-up.binlog");
    let tables: Vec<u8> = (0..COUNTS[2]).flat_map(table).collect();
    std::fs::write(&file, [&EVENTS.0[..], &query("CREATE DATABASE d"), &tables].concat()).unwrap();
    drop(tables);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut sizes = Vec::new();
    runtime.block_on(async {
        let mut log = Binlog::open_file(&file, SourceOptions::default(), None).await.unwrap();
        let mut count = 0;
        while let Some(item) = log.next().await.unwrap() {
            // As a run does it: what is durable is let go, but for the last place to begin from.
            if let SourceItem::Mark(mark) = item {
                count = mark.schemas.len();
                if COUNTS.contains(&count)
                    && sizes.len() < COUNTS.iter().filter(|many| **many <= count).count()
                {
                    sizes.push(live());
                }
            }
        }
        assert_eq!(count, COUNTS[2]);
    });
    let each = |from: usize| (sizes[from + 1] - sizes[from]) / (COUNTS[from + 1] - COUNTS[from]);
    println!("figures: {} bytes a table up to {}, then {}", each(0), COUNTS[1], each(1));
    assert!(each(0) < PER_TABLE && each(1) < PER_TABLE, "{sizes:?}");
}
