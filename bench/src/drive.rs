//! Drives the front door: one task a table, each waiting for its wake before it sends the next.

use crate::latency::Latencies;
use crate::report::Report;
use crate::{Options, process, rows};
use change_event::CommitTs;
use dispatcher::{DispatchedRows, DispatcherId, Sink};
use pipeline_core::{BoxError, Receipt, RouteId, Routed, Scope};
use sink_cloudstorage::config::{Config, SinkUri};
use sink_cloudstorage::{CloudStorage, CloudStorageSink};
use std::hint::black_box;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::{Service, ServiceExt};

pub(crate) async fn run(options: &Options) -> Result<Report, BoxError> {
    let scratch = tempfile::tempdir()?;
    let uri = SinkUri::parse(&sink_uri(options, &scratch))?;
    let config = Config::read(&uri, "")?;
    let making = cost_of_making(options)?;
    let storage = CloudStorage::open(&config, uri.location()).await?;
    let sink = storage.sink();
    // Memory that is touched for the first time costs far more than the second time.
    feed(&sink, options, options.rows / 10, 0).await?;
    sink.door().drain(Scope::All).await?;

    let before = (storage.counts(), process::cpu_seconds()?, Instant::now());
    let wakes = feed(&sink, options, options.rows, options.rows).await?;
    sink.door().drain(Scope::All).await?;
    let seconds = before.2.elapsed().as_secs_f64();
    let cpu = process::cpu_seconds()? - before.1;
    let after = storage.counts();
    storage.close().await?;

    let rows = after.rows - before.0.rows;
    let millions = rows as f64 / 1e6;
    Ok(Report {
        store: options.store.clone(),
        protocol: options.protocol.clone(),
        tables: options.tables,
        rows_per_transaction: options.transaction,
        rows,
        files: after.files - before.0.files,
        seconds,
        rows_per_second: rows as f64 / seconds,
        megabytes_per_second: (after.bytes - before.0.bytes) as f64 / 1e6 / seconds,
        cpu_seconds_per_million_rows: cpu / millions,
        peak_memory_megabytes: process::peak_memory()? as f64 / 1e6,
        wake_micros_p50: wakes.micros(0.5),
        wake_micros_p99: wakes.micros(0.99),
        wake_micros_p999: wakes.micros(0.999),
        wake_micros_max: wakes.most_micros(),
        cpu_seconds_per_million_rows_of_making_them: making,
    })
}

fn sink_uri(options: &Options, scratch: &tempfile::TempDir) -> String {
    let store = match options.store.as_str() {
        "file" => format!("file://{}", scratch.path().display()),
        other => other.to_owned(),
    };
    let question = if store.contains('?') { '&' } else { '?' };
    let more = if options.parameters.is_empty() { "" } else { "&" };
    format!("{store}{question}protocol={}{more}{}", options.protocol, options.parameters)
}

/// Sends `count` rows, spread over the tables, with ids from `first` on.
async fn feed(
    sink: &CloudStorageSink,
    options: &Options,
    count: u64,
    first: u64,
) -> Result<Latencies, BoxError> {
    let mut tables = JoinSet::new();
    for number in 0..options.tables {
        let (sink, options) = (sink.clone(), options.clone());
        tables.spawn(async move { feed_table(sink, options, number, count, first).await });
    }
    let mut wakes = Latencies::default();
    while let Some(table) = tables.join_next().await {
        wakes.add(&table??);
    }
    Ok(wakes)
}

async fn feed_table(
    sink: CloudStorageSink,
    options: Options,
    number: u64,
    count: u64,
    first: u64,
) -> Result<Latencies, BoxError> {
    let table = rows::table(number);
    let dispatcher = DispatcherId::of(Some(&table.name), 0);
    let text = rows::text();
    let mut door = sink.door();
    let mut wakes = Latencies::default();
    let transactions = count / options.tables / options.transaction;
    for transaction in 0..transactions {
        let id = first + transaction * options.transaction;
        let event = rows::transaction(&table, CommitTs(id + 1), id, options.transaction, &text)?;
        let sent = Instant::now();
        let request = Routed::new(RouteId(number), DispatchedRows { dispatcher, event });
        let _not_awaited: Receipt = door.ready().await?.call(request).await?;
        wakes.record(sent.elapsed());
    }
    Ok(wakes)
}

/// CPU seconds per million rows that go into making the rows, and not into Spillway.
fn cost_of_making(options: &Options) -> Result<f64, BoxError> {
    let (table, text) = (rows::table(0), rows::text());
    let before = process::cpu_seconds()?;
    let transactions = (1_000_000 / options.transaction).max(1);
    for transaction in 0..transactions {
        let id = transaction * options.transaction;
        black_box(rows::transaction(&table, CommitTs(id + 1), id, options.transaction, &text)?);
    }
    let rows = (transactions * options.transaction) as f64;
    Ok((process::cpu_seconds()? - before) * 1e6 / rows)
}
