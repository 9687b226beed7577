//! The encoders alone, beside the csv crate and serde_json on the same rows, in rounds that alternate.

use crate::figures::{machine, median};
use crate::options::{Options, Shape};
use crate::rows::{Source, Stock};
use crate::{allocations, process};
use change_event::{Op, RowEvent};
use pipeline_core::BoxError;
use serde::Serialize;
use serde_json::{Map, Value, json};
use stage_encode::{CanalConfig, CanalJson, Csv, Encoder};
use std::hint::black_box;
use std::io;

const ROUNDS: u64 = 21;

pub(crate) fn run(options: &Options) -> Result<Vec<Map<String, Value>>, BoxError> {
    let rows = options.size(options.rows, 4_000_000) / ROUNDS;
    let per_transaction = options.transaction.unwrap_or(100);
    let event = Source::new(&Stock::new(options.shape), 0).event(Op::Insert, per_transaction)?;
    let times = (rows / per_transaction).max(1);
    let mut reports = vec![csv(options, &event, times)?];
    if options.shape == Shape::Sysbench {
        reports.push(canal(options, &event, times)?);
    }
    Ok(reports)
}

/// Seconds that one contestant took for a round.
fn timed(mut encode: impl FnMut() -> Result<(), BoxError>, times: u64) -> Result<f64, BoxError> {
    let before = process::cpu_seconds();
    (0..times).try_for_each(|_| encode())?;
    Ok(process::cpu_seconds() - before)
}

fn csv(options: &Options, event: &RowEvent, times: u64) -> Result<Map<String, Value>, BoxError> {
    let ours = Csv::default();
    let mut out = Vec::new();
    ours.encode(event, &mut out)?;
    let bytes = out.len();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&out[..]);
    let records: Vec<csv::ByteRecord> = reader.byte_records().collect::<Result<_, _>>()?;
    // Its buffer takes a transaction, so that it need not copy it anywhere.
    let writer = |style| {
        let mut builder = csv::WriterBuilder::new();
        builder.quote_style(style).terminator(csv::Terminator::CRLF).has_headers(false);
        builder.buffer_capacity(2 * bytes);
        builder
    };
    // With as many quotes as we write, in one style, its bytes are ours.
    let mut theirs = writer(csv::QuoteStyle::NonNumeric).from_writer(Vec::new());
    write(&records, &mut theirs)?;
    let same = theirs.into_inner()? == out;
    let mut without_quotes = writer(csv::QuoteStyle::Necessary).from_writer(io::sink());
    let mut with_quotes = writer(csv::QuoteStyle::NonNumeric).from_writer(io::sink());
    let (mut own, mut bare, mut quoted) = (Vec::new(), Vec::new(), Vec::new());
    let before = allocations::total();
    timed(|| encode(&ours, event, &mut out), times)?;
    let allocated = allocations::total() - before;
    for _ in 0..ROUNDS {
        own.push(timed(|| encode(&ours, event, &mut out), times)?);
        bare.push(timed(|| write(&records, &mut without_quotes), times)?);
        quoted.push(timed(|| write(&records, &mut with_quotes), times)?);
    }
    let mut report = said(options, "csv", event, times, &own, bytes, allocated)?;
    report.insert("times_csv_crate_without_quotes".into(), json!(ratio(&bare, &own)));
    report.insert("times_csv_crate_at_our_quotes".into(), json!(ratio(&quoted, &own)));
    report.insert("csv_crate_wrote_our_bytes".into(), json!(same));
    Ok(report)
}

fn write(records: &[csv::ByteRecord], writer: &mut csv::Writer<impl io::Write>) -> Result<(), BoxError> {
    records.iter().try_for_each(|record| writer.write_byte_record(record))?;
    writer.flush()?;
    black_box(&writer);
    Ok(())
}

fn encode(encoder: &impl Encoder, event: &RowEvent, out: &mut Vec<u8>) -> Result<(), BoxError> {
    out.clear();
    encoder.encode(event, out)?;
    black_box(&out);
    Ok(())
}

/// The middle of how many times faster the second was.
fn ratio(other: &[f64], own: &[f64]) -> f64 {
    median(other.iter().zip(own).map(|(other, own)| other / own).collect())
}

fn said(
    options: &Options,
    protocol: &str,
    event: &RowEvent,
    times: u64,
    seconds: &[f64],
    bytes: usize,
    allocated: u64,
) -> Result<Map<String, Value>, BoxError> {
    let rows = (times * event.rows.len() as u64) as f64;
    let middle = median(seconds.to_vec());
    let mut report = machine()?;
    report.insert("scenario".into(), json!(options.scenario.name()));
    report.insert("protocol".into(), json!(protocol));
    report.insert("shape".into(), json!(options.shape.name()));
    report.insert("rows_per_second".into(), json!(rows / middle));
    report.insert("megabytes_per_second".into(), json!(bytes as f64 * times as f64 / 1e6 / middle));
    report.insert("cpu_seconds_per_million_rows".into(), json!(middle * 1e6 / rows));
    report.insert("allocations_per_row".into(), json!(allocated as f64 / rows));
    Ok(report)
}

/// A line of canal-json as a struct of borrowed text, for serde.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    id: i64,
    database: &'a str,
    table: &'a str,
    pk_names: [&'a str; 1],
    is_ddl: bool,
    r#type: &'a str,
    es: u64,
    ts: u64,
    sql: &'a str,
    sql_type: Columns<i32>,
    mysql_type: Columns<&'a str>,
    old: Option<()>,
    data: [Columns<&'a str>; 1],
}

#[derive(Serialize)]
struct Columns<T> {
    id: T,
    k: T,
    c: T,
    pad: T,
}

fn canal(options: &Options, event: &RowEvent, times: u64) -> Result<Map<String, Value>, BoxError> {
    let ours = CanalJson::new(CanalConfig::default(), || 0);
    let mut out = Vec::new();
    ours.encode(event, &mut out)?;
    let bytes = out.len();
    let text = String::from_utf8(out.clone())?;
    let parsed: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let lines: Vec<Line<'_>> =
        parsed.iter().map(line).collect::<Option<_>>().ok_or("a line has all its keys")?;
    let mut theirs = Vec::new();
    let mut write = || {
        theirs.clear();
        for line in &lines {
            serde_json::to_writer(&mut theirs, line)?;
            theirs.extend_from_slice(b"\r\n");
        }
        black_box(&theirs);
        Ok::<(), BoxError>(())
    };
    let before = allocations::total();
    timed(|| encode(&ours, event, &mut out), times)?;
    let allocated = allocations::total() - before;
    let (mut own, mut serde) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        own.push(timed(|| encode(&ours, event, &mut out), times)?);
        serde.push(timed(&mut write, times)?);
    }
    let same = theirs == text.as_bytes();
    let mut report = said(options, "canal-json", event, times, &own, bytes, allocated)?;
    report.insert("times_serde_json".into(), json!(ratio(&serde, &own)));
    report.insert("serde_json_wrote_our_bytes".into(), json!(same));
    Ok(report)
}

fn line(line: &Value) -> Option<Line<'_>> {
    fn columns(of: &Value) -> Option<Columns<&str>> {
        let text = |key| of.get(key).and_then(Value::as_str);
        Some(Columns { id: text("id")?, k: text("k")?, c: text("c")?, pad: text("pad")? })
    }
    let number = |key| line["sqlType"][key].as_i64().map(|number| number as i32);
    Some(Line {
        id: 0,
        database: line["database"].as_str()?,
        table: line["table"].as_str()?,
        pk_names: [line["pkNames"][0].as_str()?],
        is_ddl: false,
        r#type: line["type"].as_str()?,
        es: line["es"].as_u64()?,
        ts: line["ts"].as_u64()?,
        sql: "",
        sql_type: Columns { id: number("id")?, k: number("k")?, c: number("c")?, pad: number("pad")? },
        mysql_type: columns(&line["mysqlType"])?,
        old: None,
        data: [columns(&line["data"][0])?],
    })
}
