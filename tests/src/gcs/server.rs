//! The server: how it is started, and who may come in.

use super::answer::{Answer, Refusal};
use super::buckets::Buckets;
use super::call::Call;
use super::tokens::{Issued, Tokens};
use super::{listing, multipart, objects};
use hyper::Method;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder};
use object_store::{ClientOptions, Result};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What a client with this file as its credentials does not do is to ask Google for a token.
const NOBODY: &str =
    r#"{"private_key": "", "private_key_id": "", "client_email": "", "disable_oauth": true}"#;

/// How the server behaves.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// The most lines on a page of a listing. Google's have 1,000.
    pub page: usize,
    /// How long every answer takes.
    pub pause: Duration,
    /// Which tokens let a request in; `None` lets everyone in.
    pub tokens: Option<Tokens>,
}

/// So many lines that the sample's buckets have several pages.
impl Default for Manners {
    fn default() -> Self {
        Self { page: 20, pause: Duration::ZERO, tokens: None }
    }
}

/// A GCS server of one's own on a free port, its objects in memory, and a metadata server at the same address.
///
/// Dropping it resets every connection and closes the port.
#[derive(Debug)]
pub struct Gcs {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
    credentials: NamedTempFile,
}

struct Shared {
    manners: Manners,
    buckets: Mutex<Buckets>,
    issued: Mutex<Option<Issued>>,
}

impl Gcs {
    /// Starts a server that lets everyone in.
    ///
    /// # Errors
    /// The operating system's, if there is no free port or no room for a file.
    pub async fn start() -> io::Result<Self> {
        Self::with(Manners::default()).await
    }

    /// Starts a server that behaves like this.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub async fn with(manners: Manners) -> io::Result<Self> {
        let credentials = NamedTempFile::with_suffix(".json")?;
        std::fs::write(credentials.path(), NOBODY)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let issued = Mutex::new(manners.tokens.map(Issued::new));
        let shared = Arc::new(Shared { manners, buckets: Mutex::default(), issued });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, accepting, credentials })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A file with credentials that are nobody's.
    pub fn credentials(&self) -> &Path {
        self.credentials.path()
    }

    /// Makes an empty bucket. One that is there already is left as it is.
    pub fn create_bucket(&self, name: &str) {
        locked(&self.shared.buckets).by_name.entry(name.to_owned()).or_default();
    }

    /// A client for a bucket of this server, if it lets everyone in.
    ///
    /// # Errors
    /// The client's, for a malformed name.
    pub fn store(&self, bucket: &str) -> Result<GoogleCloudStorage> {
        // Not for plain HTTP; but every client wants one. Refused when there is one.
        rustls::crypto::ring::default_provider().install_default().ok();
        GoogleCloudStorageBuilder::new()
            .with_bucket_name(bucket)
            .with_base_url(&format!("http://{}", self.address))
            .with_service_account_key(NOBODY)
            .with_client_options(ClientOptions::new().with_allow_http(true))
            .build()
    }

    /// The sink URI of a prefix in a bucket of this server, with credentials that are nobody's.
    pub fn sink_uri(&self, bucket: &str, prefix: &str) -> String {
        self.sink_uri_behind(self.address, bucket, prefix)
    }

    /// The sink URI of a prefix in a bucket behind another address.
    pub fn sink_uri_behind(&self, address: SocketAddr, bucket: &str, prefix: &str) -> String {
        let credentials = self.credentials().display();
        format!("gcs://{bucket}/{prefix}?endpoint=http://{address}&credentials-file={credentials}")
    }

    /// Asks for no tokens from now on.
    pub fn let_everyone_in(&self) {
        if let Some(issued) = locked(&self.shared.issued).as_mut() {
            issued.is_over = true;
        }
    }

    /// How many tokens were handed out, and how many requests came with none that was good.
    pub fn tokens(&self) -> (usize, usize) {
        locked(&self.shared.issued).as_ref().map_or((0, 0), |issued| (issued.count(), issued.refused))
    }
}

impl Drop for Gcs {
    fn drop(&mut self) {
        // The task owns its connections' tasks, so that they end with it.
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A client that went away before it was accepted is no fault of ours.
                let Ok((client, _)) = accepted else { continue };
                connections.spawn(serve(client, shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let answering = service_fn(|request| {
        let shared = &shared;
        async move {
            let answer = match Call::read(request).await {
                Some(call) => shared.answer(&call),
                // Nobody reads it.
                None => Refusal::NotImplemented.answer(),
            };
            tokio::time::sleep(shared.manners.pause).await;
            Ok::<_, Infallible>(answer)
        }
    });
    // A client that breaks off is what some of the tests do.
    http1::Builder::new().serve_connection(TokioIo::new(client), answering).await.ok();
}

impl Shared {
    fn answer(&self, call: &Call) -> Answer {
        if let Some(issued) = locked(&self.issued).as_mut() {
            if let Some(token) = issued.hand_out(call) {
                return token;
            }
            if !issued.admits(call) {
                return Refusal::AuthenticationRequired.answer();
            }
        }
        self.done(call).unwrap_or_else(Refusal::answer)
    }

    /// Does what is asked, at once.
    fn done(&self, call: &Call) -> Result<Answer, Refusal> {
        let buckets = &mut *locked(&self.buckets);
        let upload = call.parameter("uploadId");
        match (&call.method, upload) {
            (&Method::GET, None) if call.key.is_empty() => listing::list(buckets, call, self.manners.page),
            (&Method::GET | &Method::HEAD, None) => objects::get(buckets, call),
            (&Method::PUT, None) => objects::put(buckets, call),
            (&Method::DELETE, None) => objects::delete(buckets, call),
            (&Method::POST, None) if call.parameter("uploads").is_some() => multipart::start(buckets, call),
            (&Method::PUT, Some(id)) => multipart::put_part(buckets, call, id),
            (&Method::POST, Some(id)) => multipart::complete(buckets, call, id),
            (&Method::DELETE, Some(id)) => multipart::abort(buckets, call, id),
            _ => Err(Refusal::NotImplemented),
        }
    }
}

fn locked<T: ?Sized>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("manners", &self.manners).finish_non_exhaustive()
    }
}
