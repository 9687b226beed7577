//! Rows of your own, to a database: spooled as bytes where memory is short, gathered by number, and handed over as what
//! they were.
//!
//! `cargo run -p examples --bin own_rows`

use bytes::Bytes;
use pipeline_core::{BoxError, Codec, Envelope, Gate, Levels, Pipeline, RouteId, Routed, Weigh};
use stage_spool::{Spool, SpoolConfig};
use stage_writer::{Batch, BatchLimits, Batcher, Label, Unpack};
use tower::{Service, ServiceExt, service_fn};

struct Reading {
    sensor: u32,
    celsius: f64,
}

/// What it takes while it is in memory.
impl Weigh for Reading {
    fn weight(&self) -> u64 {
        size_of::<Self>() as u64
    }
}

/// How it waits on disk.
#[derive(Clone)]
struct Fixed;

impl Codec<Reading> for Fixed {
    fn encode(&self, reading: &Reading, bytes: &mut Vec<u8>) -> Result<(), BoxError> {
        bytes.extend(reading.sensor.to_le_bytes());
        bytes.extend(reading.celsius.to_le_bytes());
        Ok(())
    }

    fn decode(&self, bytes: Bytes) -> Result<Reading, BoxError> {
        let (sensor, celsius) = bytes.split_first_chunk().ok_or("no sensor")?;
        let sensor = u32::from_le_bytes(*sensor);
        Ok(Reading { sensor, celsius: f64::from_le_bytes(celsius.try_into()?) })
    }
}

/// What shares a batch: here any reading may.
struct AnyReading;

impl Label for AnyReading {
    type Group = ();

    fn group(&self) -> &() {
        &()
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let spool = Spool::open(SpoolConfig { memory: 1 << 20, ..SpoolConfig::new(folder.path()) })?;
    let insert = service_fn(|batch: Envelope<Batch<(), Reading>>| async {
        println!("insert {} readings", batch.payload.rows);
        for reading in &batch.payload.bodies {
            println!("  sensor {}: {} °C", reading.sensor, reading.celsius);
        }
        Ok::<_, BoxError>(batch)
    });
    let (mut sink, pipeline) = Pipeline::builder::<Reading>()
        .watermarks(Gate::new(Levels { high: 8 << 20, low: 6 << 20 }))
        .concurrency(16)
        .service(spool.of(Fixed, |_: &Reading| AnyReading))
        .wake()
        .transform(Batcher::new(BatchLimits { rows: 3, ..BatchLimits::default() }))
        .service(Unpack::new(Fixed))
        .service(insert)
        .spawn();

    for number in 0..5 {
        let reading = Reading { sensor: number, celsius: 20.0 + f64::from(number) / 2.0 };
        let _receipt = sink.ready().await?.call(Routed::new(RouteId(1), reading)).await?;
    }
    pipeline.close().await?;
    Ok(())
}
