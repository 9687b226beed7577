//! The writer's stages before the laws of the conformance kit.

mod line;

use bytes::Bytes;
use line::faults::{Effect, Faulty, Reply, Verb};
use line::{Names, Options, Table, piece};
use object_store::path::Path;
use pipeline_core::laws::{self, Subject};
use pipeline_core::{Envelope, Piece, Weigh};
use stage_writer::{
    Batch, BatchLimits, Batcher, Label, Layout, Publish, Remote, RemoteConfig, RowBatcher, Tally, Upload,
    UploadConfig,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::Service;

/// A version whose files the store never gets done with.
const STUCK: u64 = 999;

fn numbers(batch: &Batch<Table, Bytes>) -> Vec<u64> {
    batch.bodies.iter().map(|body| std::str::from_utf8(body).unwrap().trim().parse().unwrap()).collect()
}

fn batcher(bytes: u64) -> Batcher<Table, Bytes> {
    Batcher::new(BatchLimits { bytes, ..BatchLimits::default() })
}

#[test]
fn the_batcher_keeps_the_laws() {
    // Each piece a file, some pieces a file, and so large that only age, markers, pressure and the end close one.
    for bytes in [1, 10, 1 << 20] {
        laws::check_all(&Subject::new(
            move |builder| builder.transform(batcher(bytes)),
            |route, number| piece(route.0, &format!("{number:4}")),
            numbers,
        ));
    }
}

/// A row that is no bytes.
struct Row {
    table: u64,
    number: u64,
}

impl Weigh for Row {
    fn weight(&self) -> u64 {
        4
    }
}

impl Label for Row {
    type Group = u64;

    fn group(&self) -> &u64 {
        &self.table
    }
}

#[test]
fn the_row_batcher_keeps_the_laws() {
    for rows in [1, 3, u64::MAX] {
        let limits = BatchLimits { rows, ..BatchLimits::default() };
        laws::check_all(&Subject::new(
            move |builder| builder.transform(RowBatcher::new(limits)),
            |route, number| Row { table: route.0, number },
            |batch: &Batch<u64, Row>| batch.bodies.iter().map(|row| row.number).collect(),
        ));
    }
}

/// The names without an index: an upload alone is a sound end of a line.
struct Unindexed;

impl Layout<Table> for Unindexed {
    fn directory(&self, table: &Table, millis: u64) -> Path {
        Names.directory(table, millis)
    }

    fn data_name(&self, table: &Table, number: u64) -> String {
        Names.data_name(table, number)
    }

    fn data_number(&self, table: &Table, name: &str) -> Option<u64> {
        Names.data_number(table, name)
    }
}

/// A store where the files of one version never get done, and the two stages that write to it.
fn writer<L: Layout<Table>>(layout: L) -> (Upload<Table, Bytes, L>, Publish<L>) {
    let store = Faulty::default();
    store.inject(Verb::Put, "t/999/", usize::MAX, Effect::Never, Reply::Silence);
    let patient = RemoteConfig { timeout: Duration::from_secs(1 << 30), ..Options::default().remote };
    let remote = Remote::new(Arc::new(store), patient);
    let config = UploadConfig {
        buffers: 1 << 20,
        remember: Duration::from_secs(60),
        clock: || 0,
        ..UploadConfig::default()
    };
    let layout = Arc::new(layout);
    let publish = Publish::new(remote.clone(), layout.clone(), Arc::new(Tally::default()));
    (Upload::new(remote, layout, config), publish)
}

#[test]
fn upload_keeps_the_laws() {
    let subject = Subject::new(
        |builder| {
            let upload = writer(Unindexed).0;
            let numbered = tower::service_fn(|batch: Envelope<Batch<Table, Bytes>>| async {
                Ok::<_, pipeline_core::BoxError>(batch.map(|batch| Numbered(numbers(&batch), batch)))
            });
            builder
                .transform(batcher(10))
                .service(numbered)
                .orders_effects()
                .concurrency(64)
                .per_route(16)
                .service(Carrying(upload))
        },
        |route, number| piece(route.0, &format!("{number:4}")),
        |uploaded: &Numbered<_>| uploaded.0.clone(),
    );
    laws::check_all(&subject.stuck(|_| piece(STUCK, "   0")));
}

#[test]
fn upload_and_publish_keep_the_laws_together() {
    let subject = Subject::new(
        |builder| {
            let (upload, publish) = writer(Names);
            let numbered = tower::service_fn(|batch: Envelope<Batch<Table, Bytes>>| async {
                Ok::<_, pipeline_core::BoxError>(batch.map(|batch| Numbered(numbers(&batch), batch)))
            });
            builder
                .transform(batcher(10))
                .service(numbered)
                .orders_effects()
                .concurrency(64)
                .per_route(16)
                .service(Carrying(upload))
                .orders_effects()
                .concurrency(usize::MAX)
                .service(Carrying(publish))
        },
        |route, number| piece(route.0, &format!("{number:4}")),
        |published: &Numbered<()>| published.0.clone(),
    );
    laws::check_all(
        &subject.stuck(|_: pipeline_core::RouteId| -> Piece<Table, Bytes> { piece(STUCK, "   0") }),
    );
}

/// What a stage carries, with the numbers that went in, so that they can be read again behind it.
struct Numbered<T>(Vec<u64>, T);

impl<T: Weigh> Weigh for Numbered<T> {
    fn weight(&self) -> u64 {
        self.1.weight()
    }
}

/// Leads the numbers around a service.
#[derive(Clone)]
struct Carrying<S>(S);

impl<S, In, Out> Service<Envelope<Numbered<In>>> for Carrying<S>
where
    S: Service<Envelope<In>, Response = Envelope<Out>>,
    S::Future: Send + 'static,
{
    type Response = Envelope<Numbered<Out>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, envelope: Envelope<Numbered<In>>) -> Self::Future {
        let Envelope { route, owed, payload: Numbered(numbers, payload) } = envelope;
        let call = self.0.call(Envelope { route, owed, payload });
        Box::pin(async move { Ok(call.await?.map(|payload| Numbered(numbers, payload))) })
    }
}
