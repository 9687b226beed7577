//! What a run prints.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) store: String,
    pub(crate) protocol: String,
    pub(crate) tables: u64,
    pub(crate) rows_per_transaction: u64,
    pub(crate) rows: u64,
    pub(crate) files: u64,
    pub(crate) seconds: f64,
    pub(crate) rows_per_second: f64,
    pub(crate) megabytes_per_second: f64,
    pub(crate) cpu_seconds_per_million_rows: f64,
    pub(crate) peak_memory_megabytes: f64,
    pub(crate) wake_micros_p50: f64,
    pub(crate) wake_micros_p99: f64,
    pub(crate) wake_micros_p999: f64,
    pub(crate) wake_micros_max: f64,
    /// Making the rows is part of the CPU figure; this is what that alone takes.
    pub(crate) cpu_seconds_per_million_rows_of_making_them: f64,
}
