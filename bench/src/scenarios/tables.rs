//! A thousand tables on a store that takes 50 ms for each request.
//!
//! Without `--rate` every table sends as soon as it was woken, and the store is the limit: then the law is
//! *requests in flight / latency / requests per file*. With `--rate` the load is one that the store can carry, and
//! latencies count.

use super::{feeds, side_by_side, take_wakes};
use crate::figures::{Moment, figures};
use crate::latency::Visible;
use crate::options::Options;
use crate::rig::Rig;
use change_event::Op;
use dispatcher::Sink;
use pipeline_core::{BoxError, Scope};
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What is in flight at the most, by default.
const REQUESTS: u64 = 512;

const FLUSH_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let mut options = options.clone();
    let latency = *options.latency.get_or_insert(50);
    let tables = options.size(options.tables, 1000);
    let per_transaction = options.transaction.unwrap_or(100);
    // A file for each transaction, or for a few: many files, so that the store is the limit and not the processor.
    let size = match options.rate {
        Some(_) => String::new(),
        // Room for what is in flight and a little more: what waits longer only waits.
        None => {
            let size = if per_transaction < 10 { 1024 } else { 16 << 10 };
            format!("&file-size={size}&spool-memory-quota={}&spool-disk-quota={}", 256 << 20, 128 << 20)
        }
    };
    let parameters = format!("flush-interval={}s{size}", FLUSH_INTERVAL.as_secs());
    let rig = Rig::open(&options, &parameters).await?;
    let visible = Visible::new();
    let mut feeds = feeds(&rig, &options, tables, &visible);
    // Every table's directory is made, and known, before anything counts.
    feeds = side_by_side(feeds, move |_, mut feed| async move {
        feed.send_all(Op::Insert, per_transaction, 1).await?;
        Ok(feed)
    })
    .await?;
    rig.sink.door().drain(Scope::All).await?;
    take_wakes(&mut feeds);

    let measured = options.time(if options.rate.is_some() { 20 } else { 10 });
    let settled = Duration::from_secs(if options.quick { 1 } else { 2 });
    let begin = Instant::now() + settled;
    let end = begin + measured;
    let every =
        options.rate.map(|rate| Duration::from_secs_f64((tables * per_transaction) as f64 / rate as f64));
    let running = tokio::spawn(side_by_side(feeds, move |number, mut feed| async move {
        match every {
            // Spread over the interval, in an order that is not that of the tables.
            Some(every) => {
                let share = (number as u64 * 7919 % tables) as f64 / tables as f64;
                let first = begin - settled + every.mul_f64(share);
                feed.send_every(per_transaction, every, first, [begin, end]).await?;
            }
            None => feed.send_until(per_transaction, end).await?,
        }
        Ok(feed)
    }));
    sleep_until(begin).await;
    visible.clear();
    let from = Moment::now(&rig);
    sleep_until(end).await;
    let mut report = figures(&options, &rig, &from, &Default::default(), &visible.latencies())?;
    let mut feeds = running.await??;
    report.insert("wake".into(), take_wakes(&mut feeds).figures());
    if options.rate.is_some() {
        // Those who were on their way at the end count too, in their own time.
        sleep_until(end + FLUSH_INTERVAL + Duration::from_millis(20 * latency)).await;
        report.insert("row_to_visible".into(), visible.latencies().figures());
    }
    rig.storage.close().await?;
    let per_file = report["requests_per_file"].as_f64().unwrap_or(f64::NAN);
    let law = REQUESTS as f64 / (latency as f64 / 1e3) / per_file;
    report.insert("tables".into(), json!(tables));
    report.insert("rows_per_transaction".into(), json!(per_transaction));
    report.insert("offered_rows_per_second".into(), json!(options.rate));
    report.insert("latency_ms".into(), json!(latency));
    report.insert("law_files_per_second".into(), json!(law));
    let files = report["files_per_second"].as_f64().unwrap_or(f64::NAN);
    report.insert("share_of_law".into(), json!(files / law));
    // The same with the two requests a file that nothing can take away, and a twentieth of others.
    report.insert("share_of_law_at_2_1_requests".into(), json!(files / (law * per_file / 2.1)));
    report.insert("lost".into(), json!(visible.lost()));
    Ok(report)
}
