//! Transactions of 20,000 deletes, beside inserts of the same bytes.

use super::feeds;
use crate::figures::{Moment, figures, median};
use crate::latency::Visible;
use crate::options::Options;
use crate::rig::Rig;
use change_event::Op;
use dispatcher::Sink;
use pipeline_core::{BoxError, Scope};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

const ROUNDS: u64 = 15;

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let per_transaction = options.transaction.unwrap_or(20_000);
    let transactions = (options.size(options.rows, 12_000_000) / ROUNDS / 2 / per_transaction).max(1);
    let rig = Rig::open(options, "").await?;
    let visible = Visible::new();
    let mut feeds = feeds(&rig, options, 1, &visible);
    let feed = &mut feeds[0];
    let mut from = Moment::now(&rig);
    let mut ratios = Vec::new();
    for round in 0..=ROUNDS {
        if round == 1 {
            // The first one touched the memory.
            (ratios, from) = (Vec::new(), Moment::now(&rig));
            (feed.wakes, _) = (Default::default(), visible.clear());
        }
        let mut speeds = [0.0; 2];
        // Each goes first as often as the other.
        for at in [round as usize % 2, 1 - round as usize % 2] {
            let op = [Op::Insert, Op::Delete][at];
            let (begun, before) = (Instant::now(), rig.storage.counts().bytes);
            feed.send_all(op, per_transaction, transactions).await?;
            rig.sink.door().drain(Scope::All).await?;
            let bytes = rig.storage.counts().bytes - before;
            speeds[at] = bytes as f64 / begun.elapsed().as_secs_f64();
        }
        ratios.push(speeds[1] / speeds[0]);
    }
    let mut report = figures(options, &rig, &from, &feed.wakes, &visible.latencies())?;
    rig.storage.close().await?;
    report.insert("tables".into(), json!(1));
    report.insert("rows_per_transaction".into(), json!(per_transaction));
    report.insert("deletes_to_inserts_throughput".into(), json!(median(ratios)));
    Ok(report)
}
