//! What a meter sees of a spool. The numbers are those of its books, read when they are collected: an element pays
//! nothing for them.
//!
//! | instrument | labels | what |
//! |---|---|---|
//! | `spillway.spool` | `tier`: `memory`, `disk` | bytes held in the tier |
//! | `spillway.spool_physical` | | bytes of segment files, dead frames included |
//! | `spillway.spool_waiting` | | bytes on their way to a tier |
//! | `spillway.spool_items` | | pieces held |
//! | `spillway.spool_segments` | | segment files |
//! | `spillway.spool_segment_rotations` | | segments that were ever begun |
//! | `spillway.spool_read_back` | | payload bytes that were ever read back from disk |
//!
//! All carry `dir` too, so that two spools of one process stay apart. A spool that is gone reports nothing.

use crate::core::Core;
use crate::ledger::SpoolStats;
use opentelemetry::KeyValue;
use pipeline_core::Telemetry;
use std::path::Path;
use std::sync::{Arc, Weak};

/// A number of [`SpoolStats`].
type Number = fn(&SpoolStats) -> u64;

/// Makes the instruments of one spool.
pub(crate) fn register(core: &Arc<Core>, dir: &Path, telemetry: &Telemetry) {
    let make = (core, telemetry);
    let dir = KeyValue::new("dir", dir.display().to_string());
    let of_tier =
        |tier: &'static str, number: Number| (vec![KeyValue::new("tier", tier), dir.clone()], number);
    let of_all = |number: Number| vec![(vec![dir.clone()], number)];

    let tiers =
        vec![of_tier("memory", |stats| stats.memory_bytes), of_tier("disk", |stats| stats.disk_live_bytes)];
    gauge(&make, "spool", "By", tiers);
    gauge(&make, "spool_physical", "By", of_all(|stats| stats.disk_physical_bytes));
    gauge(&make, "spool_waiting", "By", of_all(|stats| stats.waiting_bytes));
    gauge(&make, "spool_items", "", of_all(|stats| stats.items));
    gauge(&make, "spool_segments", "", of_all(|stats| stats.segments));
    counter(&make, "spool_segment_rotations", "", of_all(|stats| stats.rotations));
    counter(&make, "spool_read_back", "By", of_all(|stats| stats.read_back_bytes));
}

fn gauge(
    (core, telemetry): &(&Arc<Core>, &Telemetry),
    name: &'static str,
    unit: &'static str,
    series: Vec<(Vec<KeyValue>, Number)>,
) {
    let (core, telemetry) = (Arc::downgrade(core), (*telemetry).clone());
    let meter = telemetry.meter().clone();
    meter
        .u64_observable_gauge(format!("spillway.{name}"))
        .with_unit(unit)
        .with_callback(move |observer| {
            each(&core, &series, |value, labels| observer.observe(value, &telemetry.labels(labels.to_vec())))
        })
        .build();
}

fn counter(
    (core, telemetry): &(&Arc<Core>, &Telemetry),
    name: &'static str,
    unit: &'static str,
    series: Vec<(Vec<KeyValue>, Number)>,
) {
    let (core, telemetry) = (Arc::downgrade(core), (*telemetry).clone());
    let meter = telemetry.meter().clone();
    meter
        .u64_observable_counter(format!("spillway.{name}"))
        .with_unit(unit)
        .with_callback(move |observer| {
            each(&core, &series, |value, labels| observer.observe(value, &telemetry.labels(labels.to_vec())))
        })
        .build();
}

fn each(core: &Weak<Core>, series: &[(Vec<KeyValue>, Number)], observe: impl Fn(u64, &[KeyValue])) {
    if let Some(stats) = core.upgrade().map(|core| core.stats()) {
        series.iter().for_each(|(labels, number)| observe(number(&stats), labels));
    }
}
