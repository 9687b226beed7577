//! The pipeline's instruments, through the OpenTelemetry API: free until an exporter is installed.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

/// Elements that passed their enqueue ack.
pub(crate) fn wake_calls() -> Counter<u64> {
    let meter = opentelemetry::global::meter("spillway");
    meter.u64_counter("wake_calls_total").with_description("Enqueue acks given.").build()
}

/// Elements whose enqueue ack a shut gate held back.
pub(crate) fn wake_suppressed() -> Counter<u64> {
    let meter = opentelemetry::global::meter("spillway");
    meter
        .u64_counter("wake_suppressed_total")
        .with_description("Enqueue acks that a shut watermark gate held back.")
        .build()
}

/// Counts elements that were left out on purpose. Rare enough to look the instrument up each time.
pub(crate) fn discarded(elements: usize, reason: &'static str) {
    let meter = opentelemetry::global::meter("spillway");
    let counter =
        meter.u64_counter("discarded_total").with_description("Elements left out on purpose, by reason.");
    counter.build().add(elements as u64, &[KeyValue::new("reason", reason)]);
}
