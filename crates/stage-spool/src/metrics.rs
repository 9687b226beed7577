//! What a meter sees of a spool. The numbers are those of its books, read when they are collected: an element pays
//! nothing for them.
//!
//! | instrument | labels | what |
//! |---|---|---|
//! | `spool_bytes` | `tier`: `memory`, `disk` | bytes held in the tier |
//! | `spool_physical_bytes` | | bytes of segment files, dead frames included |
//! | `spool_waiting_bytes` | | bytes on their way to a tier |
//! | `spool_items` | | pieces held |
//! | `spool_segments` | | segment files |
//! | `spool_segment_rotations` | | segments that were ever begun |
//! | `spool_read_back_bytes` | | payload bytes that were ever read back from disk |
//!
//! All carry `dir` too, so that two spools of one process stay apart. A spool that is gone reports nothing.

use crate::core::Core;
use crate::ledger::SpoolStats;
use opentelemetry::{KeyValue, global};
use std::path::Path;
use std::sync::{Arc, Weak};

/// A number of [`SpoolStats`].
type Number = fn(&SpoolStats) -> u64;

/// Makes the instruments of one spool at the global meter.
pub(crate) fn register(core: &Arc<Core>, dir: &Path) {
    let dir = KeyValue::new("dir", dir.display().to_string());
    let of_tier =
        |tier: &'static str, number: Number| (vec![KeyValue::new("tier", tier), dir.clone()], number);
    let of_all = |number: Number| vec![(vec![dir.clone()], number)];

    let tiers =
        vec![of_tier("memory", |stats| stats.memory_bytes), of_tier("disk", |stats| stats.disk_live_bytes)];
    gauge(core, "spool_bytes", "By", tiers);
    gauge(core, "spool_physical_bytes", "By", of_all(|stats| stats.disk_physical_bytes));
    gauge(core, "spool_waiting_bytes", "By", of_all(|stats| stats.waiting_bytes));
    gauge(core, "spool_items", "{piece}", of_all(|stats| stats.items));
    gauge(core, "spool_segments", "{file}", of_all(|stats| stats.segments));
    counter(core, "spool_segment_rotations", "{file}", of_all(|stats| stats.rotations));
    counter(core, "spool_read_back_bytes", "By", of_all(|stats| stats.read_back_bytes));
}

fn gauge(core: &Arc<Core>, name: &'static str, unit: &'static str, series: Vec<(Vec<KeyValue>, Number)>) {
    let core = Arc::downgrade(core);
    global::meter("stage-spool")
        .u64_observable_gauge(name)
        .with_unit(unit)
        .with_callback(move |observer| each(&core, &series, |value, labels| observer.observe(value, labels)))
        .build();
}

fn counter(core: &Arc<Core>, name: &'static str, unit: &'static str, series: Vec<(Vec<KeyValue>, Number)>) {
    let core = Arc::downgrade(core);
    global::meter("stage-spool")
        .u64_observable_counter(name)
        .with_unit(unit)
        .with_callback(move |observer| each(&core, &series, |value, labels| observer.observe(value, labels)))
        .build();
}

fn each(core: &Weak<Core>, series: &[(Vec<KeyValue>, Number)], observe: impl Fn(u64, &[KeyValue])) {
    if let Some(stats) = core.upgrade().map(|core| core.stats()) {
        series.iter().for_each(|(labels, number)| observe(number(&stats), labels));
    }
}
