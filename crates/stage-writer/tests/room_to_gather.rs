//! What the gates before a batcher make of its limits.

mod line;

use bytes::Bytes;
use line::{Table, piece};
use parking_lot::Mutex;
use pipeline_core::{BoxError, Builder, Envelope, Gate, Levels, Piece, Pipeline, RouteId, Routed};
use stage_writer::{Batch, BatchLimits, Batcher, FlushReason};
use std::sync::Arc;
use std::time::Duration;
use tower::{Service, ServiceExt, service_fn};

const MIB: u64 = 1 << 20;
const LIMIT: u64 = 16 * MIB;

type Line = Builder<Piece<Table, Bytes>, Piece<Table, Bytes>>;

/// Size and reason of each batch of 32 payloads of 1 MiB, batched behind `line`.
async fn batches(line: Line) -> Vec<(u64, FlushReason)> {
    let closed = Arc::new(Mutex::new(Vec::new()));
    let note = closed.clone();
    let limits = BatchLimits { bytes: LIMIT, age: Duration::from_secs(3600), ..BatchLimits::default() };
    let (mut door, pipeline) = line
        .transform(Batcher::new(limits))
        .service(service_fn(move |batch: Envelope<Batch<_, Bytes>>| {
            note.lock().push((batch.payload.bytes, batch.payload.reason));
            std::future::ready(Ok::<_, BoxError>(batch))
        }))
        .spawn();
    let text = "x".repeat(MIB as usize);
    for _ in 0..32 {
        drop(door.ready().await.unwrap().call(Routed::new(RouteId(1), piece(7, &text))));
    }
    pipeline.close().await.unwrap();
    std::mem::take(&mut *closed.lock())
}

#[tokio::test(start_paused = true)]
async fn behind_the_front_doors_gate_alone_no_batch_is_full() {
    let closed = batches(Pipeline::builder()).await;
    assert!(closed.len() >= 3, "{closed:?}");
    assert!(closed.iter().all(|(bytes, _)| *bytes < LIMIT), "{closed:?}");
    assert!(closed.iter().any(|(_, reason)| *reason == FlushReason::Quota), "{closed:?}");
}

/// A wake alone is not enough: the front door's gate goes on to bound what is behind it.
#[tokio::test(start_paused = true)]
async fn behind_a_wake_without_a_gate_no_batch_is_full() {
    let closed = batches(Pipeline::builder().wake()).await;
    assert!(closed.iter().all(|(bytes, _)| *bytes < LIMIT), "{closed:?}");
}

#[tokio::test(start_paused = true)]
async fn behind_a_wake_and_a_gate_with_room_every_batch_is_full() {
    let room = Gate::new(Levels { high: 4 * LIMIT, low: 3 * LIMIT });
    let closed = batches(Pipeline::builder().gate(room).wake()).await;
    assert_eq!(closed, [(LIMIT, FlushReason::Size); 2]);
}

#[tokio::test(start_paused = true)]
async fn behind_a_wider_front_every_batch_is_full() {
    let front = Levels { high: 4 * LIMIT, low: 3 * LIMIT };
    assert_eq!(batches(Pipeline::builder().front(front).wake()).await, [(LIMIT, FlushReason::Size); 2]);
}
