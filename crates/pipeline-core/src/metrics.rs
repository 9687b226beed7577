//! The pipeline's instruments, through the OpenTelemetry API: free until an exporter is installed.

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
