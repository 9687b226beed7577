//! What a meter sees of a writer.
//!
//! | instrument | in a Prometheus scrape | labels | what |
//! |---|---|---|---|
//! | `spillway.flush_tasks` | `spillway_flush_tasks_total` | `reason` | batches closed |
//! | `spillway.flush_duration` | `spillway_flush_duration_seconds` | `reason` | from a batch's closing until its file is visible |
//! | `spillway.flush_file_size` | `spillway_flush_file_size_bytes` | `reason` | bytes of visible data files, as they stand in the store |
//!
//! A file is visible when its index is durable; over a layout without index, when it is uploaded. The last two are
//! recorded by [`Publish`](crate::Publish) in the one case, and by [`Upload`](crate::Upload) in the other.

use crate::FlushReason;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use pipeline_core::Telemetry;
use std::time::Duration;

/// The instruments of one writer.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    telemetry: Telemetry,
    tasks: Counter<u64>,
    duration: Histogram<f64>,
    size: Histogram<u64>,
}

impl Metrics {
    pub(crate) fn new(telemetry: &Telemetry) -> Self {
        let took = "From a batch's closing until its file is visible.";
        Self {
            tasks: telemetry.counter("flush_tasks", "", "Batches closed, by reason."),
            duration: telemetry.durations("flush_duration", took),
            size: telemetry.sizes("flush_file_size", "Bytes of data files."),
            telemetry: telemetry.clone(),
        }
    }

    pub(crate) fn started(&self, reason: FlushReason) {
        self.tasks.add(1, &self.labels(reason));
    }

    pub(crate) fn visible(&self, reason: FlushReason, bytes: u64, took: Duration) {
        let labels = self.labels(reason);
        self.size.record(bytes, &labels);
        self.duration.record(took.as_secs_f64(), &labels);
    }

    fn labels(&self, reason: FlushReason) -> Vec<KeyValue> {
        self.telemetry.labels([KeyValue::new("reason", reason.name())])
    }
}
