//! Figures anyone can repeat: drives the sink's front door as a dispatcher does, and prints one JSON object.
//!
//! `cargo run --release -p bench -- --store noop:// --tables 1 --rows 5000000`

mod drive;
mod latency;
mod process;
mod report;
mod rows;

use clap::Parser;
use pipeline_core::BoxError;

/// Measures the line from the front door to the store.
#[derive(Clone, Debug, Parser)]
struct Options {
    /// Where to write: `noop://` counts, `file` is a directory that is removed afterwards, or any sink URI
    #[arg(long, default_value = "noop://")]
    store: String,
    /// Tables, each with a task that waits for its wake before it sends the next
    #[arg(long, default_value_t = 1)]
    tables: u64,
    /// Rows of one transaction
    #[arg(long, default_value_t = 100)]
    transaction: u64,
    /// Rows in all, not counting the tenth of them that warms up
    #[arg(long, default_value_t = 2_000_000)]
    rows: u64,
    /// csv or canal-json
    #[arg(long, default_value = "csv")]
    protocol: String,
    /// More sink parameters, such as `file-size=8388608&spool-memory-quota=67108864`
    #[arg(long, default_value = "")]
    parameters: String,
}

fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(drive::run(&options))?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
