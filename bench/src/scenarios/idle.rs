//! What registered, idle tables cost: memory each, and CPU while others work.
//!
//! Two sets of dispatchers in one process, one with the active tables only, one with very many idle ones beside them;
//! their rounds alternate.

use crate::figures::{machine, median};
use crate::options::Options;
use crate::process;
use crate::rig::Rig;
use crate::rows::Source;
use change_event::{ChangeEvent, CommitTs, Op, TableName};
use dispatcher::Dispatchers;
use pipeline_core::BoxError;
use serde_json::{Map, Value, json};
use sink_cloudstorage::CloudStorageSink;

const ACTIVE: u64 = 100;
const ROUNDS: usize = 11;

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
        let sources = (0..ACTIVE).map(|number| Source::new(options.shape, number)).collect();
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

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let idle = options.size(options.tables, 100_000);
    let transactions = options.size(options.rows, 220_000) / ACTIVE / ROUNDS as u64;
    let (mut few, mut many) = (Set::new(options).await?, Set::new(options).await?);
    few.round(1).await?;
    many.round(1).await?;
    let before = process::memory()?;
    for number in 0..idle {
        let name = TableName::new("a_database_of_usual_length", format!("a_table_of_usual_length_{number}"));
        many.dispatchers.register(&name).await?;
    }
    let each = (process::memory()?.saturating_sub(before)) as f64 / idle as f64;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (few, many) = (few.round(transactions).await?, many.round(transactions).await?);
        ratios.push(many / few);
    }
    let mut report = machine()?;
    report.insert("scenario".into(), json!(options.scenario.name()));
    report.insert("registered".into(), json!(many.dispatchers.registered()));
    report.insert("active".into(), json!(ACTIVE));
    report.insert("bytes_per_idle_table".into(), json!(each));
    report.insert("cpu_with_idle_to_without".into(), json!(median(ratios)));
    Ok(report)
}
