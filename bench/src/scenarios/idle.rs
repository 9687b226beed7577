//! What registered, idle tables cost: memory each, and CPU while others work.
//!
//! Processes that alternate: one with the active tables only, one with very many idle ones beside them. Each says what
//! its rounds took.

use crate::figures::{machine, median};
use crate::options::Options;
use crate::process;
use crate::rig::Rig;
use crate::rows::{Source, Stock};
use change_event::{ChangeEvent, CommitTs, Op, TableName};
use dispatcher::Dispatchers;
use pipeline_core::BoxError;
use serde_json::{Map, Value, json};
use sink_cloudstorage::CloudStorageSink;

const ACTIVE: u64 = 100;
const ROUNDS: usize = 11;
const PAIRS: usize = 5;

struct Set {
    rig: Rig,
    dispatchers: Dispatchers<CloudStorageSink>,
    sources: Vec<Source>,
    last: u64,
}

impl Set {
    async fn new(options: &Options) -> Result<Self, BoxError> {
        let rig = Rig::open(options, "").await?;
        let dispatchers = Dispatchers::builder(rig.sink.clone()).spawn()?;
        let stock = Stock::new(options.shape);
        let sources = (0..ACTIVE).map(|number| Source::new(&stock, number)).collect();
        Ok(Self { rig, dispatchers, sources, last: 0 })
    }

    /// Sends a transaction of each active table, so many times, and waits until everything is durable.
    async fn round(&mut self, transactions: u64) -> Result<f64, BoxError> {
        let before = process::cpu_seconds();
        for _ in 0..transactions {
            for source in &mut self.sources {
                let mut event = source.event(Op::Insert, 10)?;
                self.last += 1;
                event.commit_ts = CommitTs(self.last);
                self.dispatchers.handle(ChangeEvent::Rows(event)).await?;
            }
        }
        self.dispatchers.handle(ChangeEvent::Resolved(CommitTs(self.last))).await?;
        dispatcher::Sink::flush(&self.rig.sink).await?;
        Ok(process::cpu_seconds() - before)
    }
}

/// Compares processes; or is one of them.
pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    if let Some(idle) = options.tables {
        return one(options, idle).await;
    }
    let idle = options.size(None, 100_000);
    let (mut ratios, mut each, mut last) = (Vec::new(), Vec::new(), Map::new());
    for _ in 0..PAIRS {
        let few = child(options, 0)?;
        last = child(options, idle)?;
        let cpu = |report: &Map<String, Value>| report["round_cpu_seconds"].as_f64().unwrap_or(f64::NAN);
        ratios.push(cpu(&last) / cpu(&few));
        each.push(last["bytes_per_idle_table"].as_f64().unwrap_or(f64::NAN));
    }
    last.insert("bytes_per_idle_table".into(), json!(median(each)));
    last.insert("cpu_with_idle_to_without".into(), json!(median(ratios)));
    Ok(last)
}

fn child(options: &Options, idle: u64) -> Result<Map<String, Value>, BoxError> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(["idle", "--tables", &idle.to_string()]);
    if options.quick {
        command.arg("--quick");
    }
    Ok(serde_json::from_slice(&command.output()?.stdout)?)
}

async fn one(options: &Options, idle: u64) -> Result<Map<String, Value>, BoxError> {
    let transactions = (options.size(options.rows, 220_000) / ACTIVE / ROUNDS as u64).max(1);
    let mut set = Set::new(options).await?;
    set.round(1).await?;
    let before = process::memory()?;
    for number in 0..idle {
        let name = TableName::new("a_database_of_usual_length", format!("a_table_of_usual_length_{number}"));
        set.dispatchers.register(&name).await?;
    }
    let each = process::memory()?.saturating_sub(before) as f64 / idle.max(1) as f64;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(set.round(transactions).await?);
    }
    let mut report = machine()?;
    report.insert("scenario".into(), json!(options.scenario.name()));
    report.insert("registered".into(), json!(set.dispatchers.registered()));
    report.insert("active".into(), json!(ACTIVE));
    report.insert("bytes_per_idle_table".into(), json!(each));
    report.insert("round_cpu_seconds".into(), json!(median(rounds)));
    Ok(report)
}
