//! What a run is told.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Measures the sink through its public front door, and prints one JSON object per run.
#[derive(Clone, Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Options {
    /// What to measure
    #[arg(value_enum)]
    pub(crate) scenario: Scenario,
    /// Tables, each with a task that waits for its wake before it sends the next
    #[arg(long)]
    pub(crate) tables: Option<u64>,
    /// Rows of one transaction
    #[arg(long)]
    pub(crate) transaction: Option<u64>,
    /// What a row looks like
    #[arg(long, value_enum, default_value = "sysbench")]
    pub(crate) shape: Shape,
    /// Rows in all, where a scenario does not run for a time
    #[arg(long)]
    pub(crate) rows: Option<u64>,
    /// Seconds to measure, where a scenario runs for a time
    #[arg(long)]
    pub(crate) seconds: Option<u64>,
    /// `null` counts, `file` is a directory that is removed afterwards, or any sink URI (file:///dir, s3://bucket?…)
    #[arg(long, default_value = "null")]
    pub(crate) store: String,
    /// csv or canal-json
    #[arg(long, default_value = "csv")]
    pub(crate) protocol: String,
    /// Milliseconds that each request to the null store takes
    #[arg(long)]
    pub(crate) latency: Option<u64>,
    /// Megabytes per second that a connection to the null store carries
    #[arg(long)]
    pub(crate) bandwidth: Option<u64>,
    /// Rows per second that are offered over all tables; without it each table sends as soon as it was woken
    #[arg(long)]
    pub(crate) rate: Option<u64>,
    /// More sink parameters, such as `file-size=8388608&spool-memory-quota=67108864`; they win
    #[arg(long, default_value = "")]
    pub(crate) parameters: String,
    /// Where `report` puts its figures and plots
    #[arg(long, default_value = "docs/figures")]
    pub(crate) figures: PathBuf,
    /// Small sizes: to try a scenario, not to quote it
    #[arg(long)]
    pub(crate) quick: bool,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// The encoders alone, beside the csv crate and serde_json
    Encode,
    /// The whole line, beside the encoder alone on the same rows
    Line,
    /// A thousand tables on a slow store
    Tables,
    /// One hot table: 1 to 16 uploads at once
    Hot,
    /// Transactions of 20,000 deletes, beside inserts of the same bytes
    Deletes,
    /// Spilling to disk, beside dd
    Spill,
    /// Memory, when the store never answers
    Stalled,
    /// 100,000 registered tables of which 100 are active
    Idle,
    /// Draining one table while 999 others keep the store busy
    Drain,
    /// A million unflushed events: table progress and gate
    Backlog,
    /// Requests, objects and lag at low rates, by setting; not part of the report
    #[cfg(feature = "cost")]
    Cost,
    /// All of them but `cost`, and the plots
    Report,
}

impl Scenario {
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// What a row looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// id int, k int, c char(120), pad char(60)
    Sysbench,
    /// 60 columns of all types
    Wide,
    /// two ints
    Tiny,
}

impl Shape {
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl Options {
    /// A size, or a hundredth of it for a quick try.
    pub(crate) fn size(&self, given: Option<u64>, usual: u64) -> u64 {
        given.unwrap_or(if self.quick { (usual / 100).max(1) } else { usual })
    }

    /// Seconds to measure.
    pub(crate) fn time(&self, usual: u64) -> std::time::Duration {
        std::time::Duration::from_secs(self.seconds.unwrap_or(if self.quick { 1 } else { usual }))
    }
}
