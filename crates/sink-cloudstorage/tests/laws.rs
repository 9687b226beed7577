//! The storage half of the line before the laws of the conformance kit: a spool that has only its disk, batches, uploads,
//! index files.

use bytes::Bytes;
use futures::TryStreamExt;
use futures::executor::block_on;
use object_store::memory::InMemory;
use object_store::path::Path;
use pipeline_core::laws::{self, Subject};
use pipeline_core::{Body, BoxError, Envelope, Piece, Weigh};
use stage_spool::{Spool, SpoolConfig, Stored};
use stage_writer::{
    Batch, BatchLimits, Batcher, Error, IndexFile, Label, Layout, Publish, Remote, RemoteConfig, Tally,
    Upload, UploadConfig,
};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tempfile::TempDir;
use tower::{Service, service_fn};

/// Bytes of a body, which are its number in text.
const BODY: usize = 8;

struct Table(u64);

impl Label for Table {
    type Group = u64;

    fn group(&self) -> &u64 {
        &self.0
    }
}

/// `TABLE/1`, `TABLE/2`, … and `TABLE/index`.
struct Numbers;

impl Layout<u64> for Numbers {
    fn directory(&self, table: &u64, _: u64) -> Path {
        Path::from(table.to_string())
    }

    fn data_name(&self, _: &u64, number: u64) -> String {
        number.to_string()
    }

    fn data_number(&self, _: &u64, name: &str) -> Option<u64> {
        name.parse().ok()
    }

    fn index(&self) -> Option<&dyn IndexFile<u64>> {
        Some(self)
    }
}

impl IndexFile<u64> for Numbers {
    fn key(&self, _: &u64, directory: &Path) -> Path {
        directory.clone().join("index")
    }

    fn text(&self, _: &u64, number: u64) -> Bytes {
        Bytes::from(number.to_string())
    }

    fn parse(&self, _: &u64, content: &[u8]) -> Result<u64, Error> {
        let number = std::str::from_utf8(content).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| Error::corrupt("the index is no number"))
    }
}

/// What a stage carries, with the numbers of the elements in it.
struct Numbered<T>(Vec<u64>, T);

impl<T: Weigh> Weigh for Numbered<T> {
    fn weight(&self) -> u64 {
        self.1.weight()
    }
}

/// Leads the numbers around a service.
#[derive(Clone)]
struct Carrying<S>(S);

type Answer<T> = Pin<Box<dyn Future<Output = Result<Envelope<T>, BoxError>> + Send>>;

impl<S, In, Out> Service<Envelope<Numbered<In>>> for Carrying<S>
where
    S: Service<Envelope<In>, Response = Envelope<Out>, Error: Into<BoxError>>,
    S::Future: Send + 'static,
{
    type Response = Envelope<Numbered<Out>>;
    type Error = BoxError;
    type Future = Answer<Numbered<Out>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, envelope: Envelope<Numbered<In>>) -> Self::Future {
        let Envelope { route, owed, payload: Numbered(numbers, payload) } = envelope;
        let call = self.0.call(Envelope { route, owed, payload });
        Box::pin(async move { Ok(call.await.map_err(Into::into)?.map(|payload| Numbered(numbers, payload))) })
    }
}

/// A spool whose writer thread the kit's clock waits for: each call is waited for on a blocking thread.
#[derive(Clone)]
struct Known {
    spool: Spool,
    _dir: Arc<TempDir>,
}

impl Known {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a directory for a test");
        let config = SpoolConfig { memory: 0, disk: 4 << 20, segment: 1000, ..SpoolConfig::new(dir.path()) };
        Self { spool: Spool::open(config).expect("opens"), _dir: Arc::new(dir) }
    }
}

impl Service<Envelope<Piece<Table, Bytes>>> for Known {
    type Response = Envelope<Piece<Table, Stored>>;
    type Error = BoxError;
    type Future = Answer<Piece<Table, Stored>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Service::<Envelope<Piece<Table, Bytes>>>::poll_ready(&mut self.spool, cx).map_err(Into::into)
    }

    fn call(&mut self, envelope: Envelope<Piece<Table, Bytes>>) -> Self::Future {
        let call = self.spool.call(envelope);
        let answer = tokio::task::spawn_blocking(move || block_on(call));
        Box::pin(async move { Ok(answer.await??) })
    }
}

/// Reads a batch back from its segments.
async fn numbers(bodies: &[Stored]) -> Vec<u64> {
    let chunks: Vec<Bytes> = Stored::read(bodies, 1 << 10).try_collect().await.expect("they come back");
    let number = |body: &[u8]| std::str::from_utf8(body).unwrap().trim().parse().unwrap();
    chunks.concat().chunks(BODY).map(number).collect()
}

#[test]
fn spool_and_writer_keep_the_laws_together() {
    // A file for each piece, for some, and for as many as come in an age.
    for bytes in [1, 3 * BODY as u64, 1 << 20] {
        laws::check_all(&Subject::new(
            move |builder| {
                let remote = Remote::new(Arc::new(InMemory::new()), RemoteConfig::default());
                let config = UploadConfig {
                    buffers: 1 << 20,
                    remember: Duration::from_secs(60),
                    clock: || 0,
                    ..UploadConfig::default()
                };
                let upload = Upload::new(remote.clone(), Arc::new(Numbers), config);
                let publish = Publish::new(remote, Arc::new(Numbers), Arc::new(Tally::default()));
                let numbered = service_fn(|batch: Envelope<Batch<u64, Stored>>| async {
                    let numbers = numbers(&batch.payload.bodies).await;
                    Ok::<_, BoxError>(batch.map(|batch| Numbered(numbers, batch)))
                });
                builder
                    .concurrency(16)
                    .service(Known::open())
                    .transform(Batcher::new(BatchLimits { bytes, ..BatchLimits::default() }))
                    .service(numbered)
                    .orders_effects()
                    .concurrency(64)
                    .per_route(16)
                    .service(Carrying(upload))
                    .orders_effects()
                    .concurrency(usize::MAX)
                    .service(Carrying(publish))
            },
            |route, number| Piece { label: Table(route.0), body: Bytes::from(format!("{number:BODY$}")) },
            |published: &Numbered<()>| published.0.clone(),
        ));
    }
}
