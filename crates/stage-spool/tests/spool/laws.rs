//! The spool before the laws of the conformance kit, with its memory tier and with its disk.

use crate::rig::{config, directory};
use bytes::Bytes;
use futures::TryStreamExt;
use futures::executor::block_on;
use pipeline_core::laws::{self, Subject};
use pipeline_core::{Body, BoxError, Codec, Envelope, Piece, Weigh};
use stage_spool::{Spool, Stored};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tempfile::TempDir;
use tokio::task::unconstrained;
use tower::Service;

/// Bytes of a body: several to a segment.
const BODY: usize = 100;

/// The kit's clock runs when nothing that tokio knows of does anything, and the writer thread is not known to it. So
/// each call is waited for on a blocking thread, which is.
#[derive(Clone)]
struct Known<S> {
    stage: S,
    _dir: Arc<TempDir>,
}

impl<S, In> Service<Envelope<In>> for Known<S>
where
    S: Service<Envelope<In>, Error: Into<BoxError> + Send>,
    S::Response: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.stage.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, envelope: Envelope<In>) -> Self::Future {
        let call = self.stage.call(envelope);
        let answer = tokio::task::spawn_blocking(move || block_on(call).map_err(Into::into));
        Box::pin(async move { answer.await? })
    }
}

/// A body that tells its number, however it is read back.
fn body(number: u64) -> Bytes {
    Bytes::from(number.to_le_bytes().repeat(BODY / 8))
}

fn number(bytes: &[u8]) -> u64 {
    let (first, rest) = bytes.split_first_chunk().expect("a whole body");
    assert_eq!(body(u64::from_le_bytes(*first))[8..], *rest);
    u64::from_le_bytes(*first)
}

/// A stage with room for all that a law sends, of which so much is memory.
fn known<S>(memory: u64, stage: impl Fn(Spool) -> S) -> Known<S> {
    let dir = directory();
    let spool = Spool::open(config(&dir, memory, 4 << 20, 1000)).expect("opens");
    Known { stage: stage(spool), _dir: Arc::new(dir) }
}

/// Reads within a stage, where tokio might tell a future to come back later.
fn now<T>(future: impl Future<Output = T>) -> T {
    block_on(unconstrained(future))
}

#[test]
fn the_spool_keeps_the_laws_in_memory_and_on_disk() {
    for memory in [0, 5 * BODY as u64, 4 << 20] {
        laws::check_all(&Subject::new(
            move |builder| builder.concurrency(16).service(known(memory, |spool| spool)),
            |_route, number| Piece { label: (), body: body(number) },
            |piece: &Piece<(), Stored>| {
                let parts = Stored::read(std::slice::from_ref(&piece.body), BODY / 3);
                let parts: Vec<Bytes> = now(parts.try_collect()).expect("it comes back");
                vec![number(&parts.concat())]
            },
        ));
    }
}

/// A payload that is no bytes.
struct Row(u64);

impl Weigh for Row {
    fn weight(&self) -> u64 {
        BODY as u64
    }
}

#[derive(Clone)]
struct Rows;

impl Codec<Row> for Rows {
    fn encode(&self, row: &Row, bytes: &mut Vec<u8>) -> Result<(), BoxError> {
        bytes.extend_from_slice(&body(row.0));
        Ok(())
    }

    fn decode(&self, bytes: Bytes) -> Result<Row, BoxError> {
        Ok(Row(number(&bytes)))
    }
}

#[test]
fn the_spool_of_any_payload_keeps_the_laws() {
    for memory in [0, 5 * BODY as u64] {
        laws::check_all(&Subject::new(
            move |builder| {
                builder.concurrency(16).service(known(memory, |spool| spool.of(Rows, |row: &Row| row.0)))
            },
            |_route, number| Row(number),
            |piece: &Piece<u64, Stored>| {
                let bodies = std::slice::from_ref(&piece.body);
                let rows = now(Rows.unpack(bodies, BODY / 3)).expect("it comes back");
                assert_eq!((rows.len(), rows[0].0), (1, piece.label));
                vec![rows[0].0]
            },
        ));
    }
}
