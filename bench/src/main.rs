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
use serde_json::{Map, Value};

fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    #[cfg(feature = "cost")]
    if options.scenario == options::Scenario::Cost {
        return print(&scenarios::cost::run(&options)?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    print(&runtime.block_on(scenarios::run(&options))?)?;
    // A store that never answers keeps its requests for good: nobody waits for them here.
    runtime.shutdown_background();
    Ok(())
}

fn print(reports: &[Map<String, Value>]) -> Result<(), BoxError> {
    for report in reports {
        println!("{}", serde_json::to_string(report)?);
    }
    Ok(())
}
