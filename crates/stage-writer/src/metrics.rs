//! The writer's instruments, through the OpenTelemetry API: free until an exporter is installed.

use crate::FlushReason;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use std::time::Duration;

/// The instruments of one writer.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    tasks: Counter<u64>,
    duration: Histogram<f64>,
    size: Histogram<u64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let meter = opentelemetry::global::meter("spillway");
        Self {
            tasks: meter
                .u64_counter("flush_tasks_total")
                .with_description("Batches closed, by reason.")
                .build(),
            duration: meter
                .f64_histogram("flush_duration_seconds")
                .with_unit("s")
                .with_description("From a batch's closing until its index is durable.")
                .build(),
            size: meter
                .u64_histogram("flush_file_size_bytes")
                .with_unit("By")
                .with_description("Bytes of data files.")
                .build(),
        }
    }

    pub(crate) fn started(&self, reason: FlushReason) {
        self.tasks.add(1, &[KeyValue::new("reason", reason.name())]);
    }

    pub(crate) fn finished(&self, reason: FlushReason, bytes: u64, took: Duration) {
        let reason = [KeyValue::new("reason", reason.name())];
        self.size.record(bytes, &reason);
        self.duration.record(took.as_secs_f64(), &reason);
    }
}
