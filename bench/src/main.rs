//! Figures anyone can repeat: drives the sink's public front door as a dispatcher does.
//!
//! `cargo run --profile dist -p bench -- SCENARIO [options]` prints one JSON object per run; `report` runs everything and
//! draws the plots.

mod allocations;
mod feed;
mod figures;
mod latency;
mod options;
mod plots;
mod process;
mod rig;
mod rows;
mod scenarios;
mod slow_store;

use clap::Parser;
use options::Options;
use pipeline_core::BoxError;

fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let reports = runtime.block_on(scenarios::run(&options))?;
    for report in reports {
        println!("{}", serde_json::to_string(&report)?);
    }
    // A store that never answers keeps its requests for good: nobody waits for them here.
    runtime.shutdown_background();
    Ok(())
}
