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
use pipeline_core::metrics::Series;
use std::path::Path;
use std::sync::Arc;

/// A number of [`SpoolStats`].
type Number = fn(&SpoolStats) -> u64;

/// Makes the instruments of one spool.
pub(crate) fn register(core: &Arc<Core>, dir: &Path, telemetry: &Telemetry) {
    let telemetry = telemetry.clone().labelled("dir", dir.display().to_string());
    let all = |number: Number| read(core, [(None, number)]);
    let tiers: [(_, Number); 2] =
        [(Some("memory"), |stats| stats.memory_bytes), (Some("disk"), |stats| stats.disk_live_bytes)];
    telemetry.observed_gauge("spool", "By", "Bytes held in a tier.", read(core, tiers));
    telemetry.observed_gauge(
        "spool_physical",
        "By",
        "Bytes of segment files, dead frames included.",
        all(|stats| stats.disk_physical_bytes),
    );
    telemetry.observed_gauge(
        "spool_waiting",
        "By",
        "Bytes on their way to a tier.",
        all(|stats| stats.waiting_bytes),
    );
    telemetry.observed_gauge("spool_items", "", "Pieces held.", all(|stats| stats.items));
    telemetry.observed_gauge("spool_segments", "", "Segment files.", all(|stats| stats.segments));
    telemetry.observed_counter(
        "spool_segment_rotations",
        "",
        "Segments that were ever begun.",
        all(|stats| stats.rotations),
    );
    telemetry.observed_counter(
        "spool_read_back",
        "By",
        "Payload bytes that were ever read back from disk.",
        all(|stats| stats.read_back_bytes),
    );
}

/// Reads one series per tier, or one of all; nothing once the spool is gone.
fn read<const N: usize>(
    core: &Arc<Core>,
    numbers: [(Option<&'static str>, Number); N],
) -> impl Fn() -> Vec<Series> + Send + Sync + 'static {
    let core = Arc::downgrade(core);
    move || {
        let stats = core.upgrade().map(|core| core.stats());
        let series = |stats: SpoolStats| {
            numbers.map(|(tier, number)| {
                (tier.map(|tier| KeyValue::new("tier", tier)).into_iter().collect(), number(&stats))
            })
        };
        stats.map(series).into_iter().flatten().collect()
    }
}
