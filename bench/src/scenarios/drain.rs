//! Draining one table with one pending row, while 999 others keep the store busy.

use super::{feeds, side_by_side};
use crate::figures::{Moment, figures};
use crate::latency::{Latencies, Visible};
use crate::options::Options;
use crate::rig::Rig;
use change_event::{CommitTs, DdlEvent, Influence, Op};
use dispatcher::Sink;
use pipeline_core::{BoxError, Scope};
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let mut options = options.clone();
    let latency = *options.latency.get_or_insert(50);
    let tables = options.size(options.tables, 1000).max(2);
    let per_transaction = options.transaction.unwrap_or(100);
    let quotas = format!("spool-memory-quota={}&spool-disk-quota={}", 256 << 20, 128 << 20);
    let rig =
        Rig::open(&options, &format!("request-limit=512&flush-interval=5s&file-size=16384&{quotas}")).await?;
    let visible = Visible::new();
    let mut busy = feeds(&rig, &options, tables, &visible);
    let mut one = busy.pop().ok_or("at least two tables")?;
    let _known = one.send(Op::Insert, 1, None).await?;
    rig.sink.door().drain(Scope::All).await?;
    let end = Instant::now() + options.time(20) + Duration::from_secs(3);
    let load = tokio::spawn(side_by_side(busy, move |_, mut feed| async move {
        feed.send_until(per_transaction, end).await?;
        Ok(feed)
    }));
    sleep(Duration::from_secs(if options.quick { 0 } else { 3 })).await;
    let from = Moment::now(&rig);
    (one.wakes, _) = (Default::default(), visible.clear());
    let mut drains = Latencies::default();
    let influence = Influence::Tables(vec![one.source.table.name.clone()]);
    let statement = DdlEvent { commit_ts: CommitTs(u64::MAX), changes: Vec::new(), influence };
    while Instant::now() < end {
        let _not_awaited = one.send(Op::Insert, 1, None).await?;
        let begun = Instant::now();
        rig.sink.pass_block_event(one.route, &statement).await?;
        drains.record(begun.elapsed());
    }
    let mut report = figures(&options, &rig, &from, &one.wakes, &visible.latencies())?;
    load.await??;
    rig.storage.close().await?;
    report.insert("tables".into(), json!(tables));
    report.insert("rows_per_transaction".into(), json!(per_transaction));
    report.insert("latency_ms".into(), json!(latency));
    report.insert("drain".into(), drains.figures());
    report.insert("drain_p99_in_latencies".into(), json!(drains.quantile(0.99) / latency as f64));
    Ok(report)
}
