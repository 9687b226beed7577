//! A log shipper that goes on where it was: lines from standard input become zstd files, a directory for each first
//! word, and the offset up to which all are durable is saved beside them. Over the same input, ever longer, each run
//! ships what is new; only what was durable and not saved yet when a run crashed comes twice.
//!
//! `cat app.log | cargo run -p examples --bin log_shipper -- shipped`

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use object_store::path::Path;
use object_store::{Attribute, Attributes};
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use pipeline_core::{BoxError, Levels, Pipeline, Routed, Routes, Telemetry, Through, Weigh};
use stage_writer::{
    Attributed, Batch, BatchLimits, DataFile, DurableLocal, Label, Layout, Remote, RemoteConfig, RowBatcher,
    Upload, UploadConfig,
};
use std::future::ready;
use std::io::{self, ErrorKind, Write};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tower::service_fn;

struct Line {
    service: String,
    text: Vec<u8>,
}

impl Weigh for Line {
    fn weight(&self) -> u64 {
        (size_of::<Self>() + self.service.capacity() + self.text.capacity()) as u64
    }
}

impl Label for Line {
    type Group = String;

    fn group(&self) -> &String {
        &self.service
    }
}

/// `web/000001.log.zst`: no index, so a file is visible once it is there.
struct LogFiles;

impl Layout<String> for LogFiles {
    fn directory(&self, service: &String, _: u64) -> Path {
        Path::from_iter([service.as_str()])
    }

    fn data_name(&self, _: &String, number: u64) -> String {
        format!("{number:06}.log.zst")
    }

    fn data_number(&self, _: &String, name: &str) -> Option<u64> {
        name.strip_suffix(".log.zst")?.parse().ok()
    }

    fn attributes(&self, _: &DataFile<'_, String>) -> Attributes {
        Attributes::from_iter([(Attribute::ContentType, "text/plain"), (Attribute::ContentEncoding, "zstd")])
    }
}

/// The lines of a batch as one zstd frame: a file.
async fn compress(batch: Batch<String, Line>) -> Result<Batch<String, Bytes>, BoxError> {
    let compressed = tokio::task::spawn_blocking(move || {
        let Batch { group, bodies, bytes: _, rows, reason, closed } = batch;
        let text: Vec<u8> = bodies.into_iter().flat_map(|line| line.text).collect();
        let frame = Bytes::from(zstd::encode_all(text.as_slice(), 0)?);
        Ok(Batch { group, bytes: frame.len() as u64, bodies: vec![frame], rows, reason, closed })
    });
    compressed.await?
}

/// Whole lines behind an offset, each with the offset of its end. A last one that is not ended yet is for the next run.
async fn lines(begin: u64) -> io::Result<impl Stream<Item = io::Result<(u64, Line)>>> {
    let mut input = BufReader::new(tokio::io::stdin());
    if tokio::io::copy(&mut (&mut input).take(begin), &mut tokio::io::sink()).await? < begin {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "the input is shorter than what was shipped"));
    }
    Ok(stream::try_unfold((input, begin), async |(mut input, offset)| {
        let mut text = Vec::new();
        input.read_until(b'\n', &mut text).await?;
        if !text.ends_with(b"\n") {
            return Ok(None);
        }
        let service = String::from_utf8_lossy(&text).split_whitespace().next().unwrap_or("blank").to_owned();
        let end = offset + text.len() as u64;
        Ok(Some(((end, Line { service, text }), (input, end))))
    }))
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder = std::env::args().nth(1).ok_or("usage: log_shipper DIRECTORY < LINES")?;
    let saved = format!("{}.offset", folder.trim_end_matches('/'));
    let begin = match std::fs::read_to_string(&saved) {
        Err(error) if error.kind() == ErrorKind::NotFound => 0,
        text => text?.parse()?,
    };
    let registry = prometheus::Registry::new();
    let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build()?;
    let provider = SdkMeterProvider::builder().with_reader(exporter).build();
    // The pipeline is handed its meter; the writer asks for the global one.
    opentelemetry::global::set_meter_provider(provider.clone());

    // A directory keeps no attributes; a bucket in its place would.
    let config = RemoteConfig { attributed: Attributed::WherePossible, ..RemoteConfig::default() };
    let remote = Remote::new(Arc::new(DurableLocal::open(&folder)?), config);
    let upload = UploadConfig {
        buffers: 8 << 20,
        remember: Duration::from_secs(600),
        clock: || 0,
        ..UploadConfig::default()
    };
    let limits = BatchLimits { bytes: 1 << 20, ..BatchLimits::default() };
    let (sink, pipeline) = Pipeline::builder()
        .telemetry(Telemetry::new(provider.meter("log_shipper")).pipeline("logs"))
        .front(Levels { high: 64 << 20, low: 48 << 20 }) // room for the open batches of all services
        .wake()
        .transform(RowBatcher::new(limits))
        .named("compress")
        .effect_free()
        .payload(service_fn(compress))
        .named("upload")
        .service(Upload::new(remote, Arc::new(LogFiles), upload))
        .spawn();

    let mut routes = Routes::new();
    let mut broken = Ok(());
    {
        // What was read before the input broke goes through all the same.
        let whole = lines(begin)
            .await?
            .scan(&mut broken, |broken, line| ready(line.map_err(|error| **broken = Err(error)).ok()));
        let items = whole.map(|(end, line)| (end, Routed::new(routes.of(&line.service), line)));
        let mut durable = pin!(items.through(sink));
        while let Some(end) = durable.next().await {
            save(&saved, end?)?;
        }
        // While the way in is there: the pipeline's numbers end with it.
        eprint!("{}", prometheus::TextEncoder::new().encode_to_string(&registry.gather())?);
    }
    pipeline.close().await?;
    Ok(broken?)
}

/// Replaces what is saved, so that a crash leaves the old offset or the new one.
fn save(saved: &str, offset: u64) -> io::Result<()> {
    let next = format!("{saved}.next");
    let mut file = std::fs::File::create(&next)?;
    write!(file, "{offset}")?;
    file.sync_all()?;
    std::fs::rename(&next, saved)
}
