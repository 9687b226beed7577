//! The figures of one run.

use crate::latency::Latencies;
use crate::options::Options;
use crate::rig::Rig;
use crate::slow_store::Requests;
use crate::{allocations, process};
use pipeline_core::BoxError;
use serde_json::{Map, Value, json};
use sink_cloudstorage::Counts;
use tokio::time::Instant;

/// What stood at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    at: Instant,
    cpu: f64,
    allocations: u64,
    counts: Counts,
    requests: Requests,
}

impl Moment {
    pub(crate) fn now(rig: &Rig) -> Self {
        Self {
            at: Instant::now(),
            cpu: process::cpu_seconds(),
            allocations: allocations::total(),
            counts: rig.storage.counts(),
            requests: rig.store.requests(),
        }
    }
}

/// The figures that every run gives, of the time since `from`.
pub(crate) fn figures(
    options: &Options,
    rig: &Rig,
    from: &Moment,
    wakes: &Latencies,
    visible: &Latencies,
) -> Result<Map<String, Value>, BoxError> {
    let to = Moment::now(rig);
    let seconds = (to.at - from.at).as_secs_f64();
    let rows = (to.counts.rows - from.counts.rows) as f64;
    let bytes = (to.counts.bytes - from.counts.bytes) as f64;
    let files = (to.counts.files - from.counts.files) as f64;
    let requests = to.requests.since(from.requests);
    let per = |part: f64, whole: f64| if whole > 0.0 { json!(part / whole) } else { Value::Null };
    let figures = json!({
        "scenario": options.scenario.name(),
        "store": options.store,
        "protocol": options.protocol,
        "shape": options.shape.name(),
        "parameters": options.parameters,
        "quick": options.quick,
        "seconds": seconds,
        "rows": rows,
        "rows_per_second": rows / seconds,
        "megabytes_per_second": bytes / 1e6 / seconds,
        "cpu_seconds_per_million_rows": per((to.cpu - from.cpu) * 1e6, rows),
        "allocations_per_row": per((to.allocations - from.allocations) as f64, rows),
        "wake": wakes.figures(),
        "row_to_visible": visible.figures(),
        "files": files,
        "files_per_second": files / seconds,
        "files_per_gib": per(files * (1_u64 << 30) as f64, bytes),
        "requests_per_file": per(requests.all() as f64, files),
        "requests_in_flight": requests.nanos as f64 / 1e9 / seconds,
        "memory_bound_mib": rig.memory_bound() as f64 / (1 << 20) as f64,
    });
    let Value::Object(mut figures) = figures else { unreachable!("made as an object") };
    figures.append(&mut machine()?);
    Ok(figures)
}

/// What is said of the process and the machine, whatever was measured.
pub(crate) fn machine() -> Result<Map<String, Value>, BoxError> {
    let mut machine = Map::new();
    machine.insert("peak_rss_mib".to_owned(), json!(process::peak_memory()? as f64 / (1 << 20) as f64));
    let memory = rustix::system::sysinfo();
    let memory = memory.totalram as f64 * f64::from(memory.mem_unit) / (1_u64 << 30) as f64;
    machine.insert("machine_memory_gib".to_owned(), json!(memory));
    machine.insert("profile".to_owned(), json!(process::profile()));
    machine.insert("cores".to_owned(), json!(std::thread::available_parallelism()?.get()));
    Ok(machine)
}

/// The middle one, or the middle of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
    let half = values.len() / 2;
    if values.len().is_multiple_of(2) { (at(half.saturating_sub(1)) + at(half)) / 2.0 } else { at(half) }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_of_an_even_number_lies_between_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
