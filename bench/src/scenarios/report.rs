//! All scenarios, each in a process of its own, so that its peak memory is its own; then the plots.

use crate::options::Options;
use crate::plots;
use pipeline_core::BoxError;
use serde_json::{Map, Value};
use std::fs;
use std::process::{Command, Stdio};

/// What the report runs.
const RUNS: &[&str] = &[
    "encode",
    "encode --shape wide",
    "encode --shape tiny",
    "line",
    "line --transaction 1",
    "line --protocol canal-json",
    "line --store file",
    "tables",
    "tables --transaction 1",
    "tables --rate 200000",
    "tables --rate 20000 --transaction 1",
    "hot",
    "deletes",
    "spill",
    "stalled",
    "stalled --transaction 1",
    "idle",
    "drain",
    "backlog",
];

pub(crate) fn run(options: &Options) -> Result<Vec<Map<String, Value>>, BoxError> {
    let mut reports = Vec::new();
    let mut lines = String::new();
    for run in RUNS {
        eprintln!("{run}");
        let mut child = Command::new(std::env::current_exe()?);
        child.args(run.split(' ')).stderr(Stdio::inherit());
        if options.quick {
            child.arg("--quick");
        }
        let output = child.output()?;
        if !output.status.success() {
            return Err(format!("`{run}` failed: {}", output.status).into());
        }
        for line in String::from_utf8(output.stdout)?.lines() {
            let mut report: Map<String, Value> = serde_json::from_str(line)?;
            report.insert("run".into(), Value::from(*run));
            lines.push_str(&serde_json::to_string(&report)?);
            lines.push('\n');
            reports.push(report);
        }
    }
    fs::create_dir_all(&options.figures)?;
    fs::write(options.figures.join("runs.jsonl"), lines)?;
    plots::draw(&reports, &options.figures)?;
    Ok(reports)
}
