//! Another sink from the same stages: canal-json lines, gathered into batches, printed instead of stored. Nothing of
//! it knows about buckets.
//!
//! `cargo run -p examples --bin other_sink`

use bytes::Bytes;
use change_event::{Column, ColumnKind, CommitTs, Op, RowEvent, RowsBuilder, TableName, TableSchema, Value};
use pipeline_core::{Body, BoxError, Envelope, Gate, Levels, Pipeline, RouteId, Routed, Weigh};
use stage_encode::{CanalConfig, CanalJson, Encode};
use stage_spool::{Spool, SpoolConfig, Stored};
use stage_writer::{Batch, BatchLimits, Batcher, Label};
use std::sync::Arc;
use tower::{Service, ServiceExt, service_fn};

/// What goes in.
struct Rows(RowEvent);

impl Weigh for Rows {
    fn weight(&self) -> u64 {
        self.0.rows.bytes() as u64 + 256
    }
}

/// What pieces of one batch have in common: nothing but their topic.
struct Topic(String);

impl Label for Topic {
    type Group = String;

    fn group(&self) -> &String {
        &self.0
    }

    fn rows(&self) -> u64 {
        1
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let canal = CanalJson::new(CanalConfig { terminator: "\n".to_owned(), ..CanalConfig::default() }, || 0);
    let topic = |Rows(event): Rows| (Topic(event.table.name.to_string()), event);
    let print = service_fn(|envelope: Envelope<Batch<String, Stored>>| async move {
        use futures::TryStreamExt;
        let batch = &envelope.payload;
        let chunks: Vec<Bytes> = Stored::read(&batch.bodies, 64 << 10).try_collect().await?;
        print!("--- {} rows of {}\n{}", batch.rows, batch.group, String::from_utf8_lossy(&chunks.concat()));
        Ok::<_, BoxError>(envelope)
    });
    let (mut sink, pipeline) = Pipeline::builder::<Rows>()
        .concurrency(4)
        .service(Encode::new(Arc::new(canal), topic))
        .watermarks(Gate::new(Levels { high: 8 << 20, low: 6 << 20 }))
        .concurrency(16)
        .service(Spool::open(SpoolConfig { memory: 1 << 20, ..SpoolConfig::new(folder.path()) })?)
        .wake()
        .transform(Batcher::new(BatchLimits { bytes: 400, ..BatchLimits::default() }))
        .service(print)
        .spawn();

    let table = Arc::new(TableSchema {
        name: TableName::new("shop", "orders"),
        table_id: 1,
        partition: None,
        version: 1,
        columns: vec![Column::new("id", ColumnKind::Int), Column::new("note", ColumnKind::VarChar)],
    });
    for id in 1..=5 {
        let mut rows = RowsBuilder::new(2);
        rows.push(Op::Insert, [Value::Int(id), Value::Text(b"two, please")])?;
        let event = RowEvent {
            table: table.clone(),
            commit_ts: CommitTs::from_millis(id as u64),
            rows: rows.build(),
        };
        let _receipt = sink.ready().await?.call(Routed::new(RouteId(1), Rows(event))).await?;
    }
    pipeline.close().await?;
    Ok(())
}
