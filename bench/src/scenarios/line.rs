//! The whole line, beside the encoder alone on the same rows.
//!
//! Rounds of four slices, so that noise hits all alike: making the rows; making and encoding them into one buffer that
//! stays warm; making and encoding them into one buffer after the other of as many as fill a file, which is what memory
//! alone costs; making and sending them. CPU is that of the whole process, so of every thread.

use super::{feeds, side_by_side, take_wakes};
use crate::allocations;
use crate::figures::{Moment, figures, median};
use crate::latency::{Latencies, Visible};
use crate::options::Options;
use crate::process::cpu_seconds;
use crate::rig::Rig;
use crate::rows::{Source, Stock};
use change_event::Op;
use dispatcher::Sink;
use pipeline_core::{BoxError, Observe, Scope};
use serde_json::{Map, Value, json};
use sink_cloudstorage::config::Encoding;
use stage_encode::{CanalJson, Csv, Encoder};
use std::hint::black_box;
use std::sync::Arc;
use tokio::time::Instant;

const ROUNDS: u64 = 10;

pub(crate) async fn run(options: &Options) -> Result<Map<String, Value>, BoxError> {
    let tables = options.tables.unwrap_or(1);
    let per_transaction = options.transaction.unwrap_or(100);
    let usual = if per_transaction == 1 { 2_000_000 } else { 6_000_000 };
    let transactions = (options.size(options.rows, usual) / ROUNDS / tables / per_transaction).max(1);
    let rig = Rig::open(options, "").await?;
    let encoder = encoder(&rig.config.encoding)?;
    let visible = Visible::new();
    let mut feeds = feeds(&rig, options, tables, &visible);
    let mut alone = Source::new(&Stock::new(options.shape), 0);
    let mut out = Vec::new();
    // As many buffers as fill a file, and the last one that was used.
    let (mut file, mut at) = (Vec::<Vec<u8>>::new(), 0);
    let mut timing = Timing::default();
    // Seconds and allocations of the sending slices.
    let mut sending = (0.0, 0);
    let mut slice = async |feeds, sending: &mut (f64, u64)| {
        let before = cpu_seconds();
        for _ in 0..transactions * tables {
            black_box(alone.event(Op::Insert, per_transaction)?);
            timing.one();
        }
        let made = cpu_seconds();
        for _ in 0..transactions * tables {
            out.clear();
            encoder.encode(&alone.event(Op::Insert, per_transaction)?, &mut out)?;
            black_box(&out);
            timing.one();
        }
        let encoded = cpu_seconds();
        file.resize_with((rig.config.file_size / out.len() as u64) as usize + 1, Vec::new);
        for _ in 0..transactions * tables {
            at = (at + 1) % file.len();
            let body = &mut file[at];
            body.clear();
            encoder.encode(&alone.event(Op::Insert, per_transaction)?, body)?;
            timing.one();
        }
        let (cold, begun, allocated) = (cpu_seconds(), Instant::now(), allocations::total());
        let feeds = side_by_side(feeds, |_, mut feed| async move {
            feed.send_all(Op::Insert, per_transaction, transactions).await?;
            Ok(feed)
        })
        .await?;
        rig.sink.door().drain(Scope::All).await?;
        let sent = cpu_seconds();
        sending.0 += begun.elapsed().as_secs_f64();
        sending.1 += allocations::total() - allocated;
        Ok::<_, BoxError>((feeds, [made - before, encoded - made, cold - encoded, sent - cold]))
    };
    // Memory that is touched for the first time costs far more than the second time.
    (feeds, ..) = slice(feeds, &mut (0.0, 0)).await?;
    take_wakes(&mut feeds);
    visible.clear();
    let from = Moment::now(&rig);
    let (mut making, mut encoding) = (Vec::new(), Vec::new());
    let (mut cold, mut line) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (back, [made, encoded, cooled, sent]) = slice(feeds, &mut sending).await?;
        feeds = back;
        making.push(made);
        encoding.push(encoded - made);
        cold.push(cooled - made);
        line.push(sent - made);
    }
    let mut report = figures(options, &rig, &from, &take_wakes(&mut feeds), &visible.latencies())?;
    rig.storage.close().await?;
    let events = (transactions * tables) as f64;
    let to = |other: &[f64]| median(line.iter().zip(other).map(|(line, other)| line / other).collect());
    let over = line.iter().zip(&encoding).map(|(line, encoding)| (line - encoding) * 1e6 / events);
    report.insert("tables".into(), json!(tables));
    report.insert("rows_per_transaction".into(), json!(per_transaction));
    report.insert("line_to_encoder_cpu".into(), json!(to(&encoding)));
    report.insert("line_to_cold_encoder_cpu".into(), json!(to(&cold)));
    report.insert("cpu_micros_per_event_over_encoding".into(), json!(median(over.collect())));
    report.insert("encoder_cpu_micros_per_event".into(), json!(median(encoding) * 1e6 / events));
    report.insert("cold_encoder_cpu_micros_per_event".into(), json!(median(cold) * 1e6 / events));
    report.insert("making_cpu_micros_per_event".into(), json!(median(making) * 1e6 / events));
    // Of the slices in which something was sent, not of those between them.
    let rows = events * per_transaction as f64 * ROUNDS as f64;
    let of_run = report["seconds"].as_f64().unwrap_or(f64::NAN);
    for figure in ["megabytes_per_second", "files_per_second"] {
        let value = report[figure].as_f64().map(|value| value * of_run / sending.0);
        report.insert(figure.into(), json!(value));
    }
    report.insert("rows_per_second".into(), json!(rows / sending.0));
    report.insert("allocations_per_row".into(), json!(sending.1 as f64 / rows));
    report.insert(
        "cpu_seconds_per_million_rows".into(),
        json!(median(line) * 1e6 / events / per_transaction as f64),
    );
    Ok(report)
}

/// What the harness does besides for each event that it sends: it reads the clock, and records two latencies. Done in
/// the other slices too, so that it is not taken for the line's.
struct Timing {
    wakes: Latencies,
    visible: Arc<Visible>,
}

impl Default for Timing {
    fn default() -> Self {
        Self { wakes: Latencies::default(), visible: Visible::new() }
    }
}

impl Timing {
    fn one(&mut self) {
        let sent = Instant::now();
        self.wakes.record(sent.elapsed());
        self.visible.settled(0, Ok(()));
    }
}

pub(super) fn encoder(encoding: &Encoding) -> Result<Box<dyn Encoder>, BoxError> {
    Ok(match encoding {
        Encoding::Csv(config) => Box::new(Csv::new(config.clone())?),
        Encoding::CanalJson(config) => Box::new(CanalJson::new(config.clone(), || 0)),
    })
}
