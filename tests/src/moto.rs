//! A private S3 server: moto.

use crate::ServerError;
use crate::server::{Server, find_program};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const REGION: &str = "us-east-1";
/// Key and secret alike: moto checks no signatures.
const KEY: &str = "test";

/// An S3 server of one's own on a free port, its objects in memory, conditional puts included.
///
/// It takes about a second to start. Dropping it ends the server.
#[derive(Debug)]
pub struct Moto {
    server: Server,
    // Holds the server's log.
    _folder: TempDir,
}

impl Moto {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// `NotInstalled` if there is no `moto_server` in the workspace's `.venv` or on `PATH`; otherwise what kept it
    /// from starting.
    pub async fn start() -> Result<Self, ServerError> {
        let started = tokio::task::spawn_blocking(launch).await;
        started.expect("launching a server does not panic")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Makes an empty bucket. One that is there already is left as it is.
    ///
    /// # Errors
    /// `Io` if the server is gone, `Answer` if it refuses the name.
    pub async fn create_bucket(&self, name: &str) -> Result<(), ServerError> {
        let request = format!(
            "PUT /{name} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.address()
        );
        let answer = exchange(self.address(), request.as_bytes())
            .await
            .map_err(ServerError::io(format!("create bucket {name}")))?;
        let status_line = answer.lines().next().unwrap_or_default().to_owned();
        if status_line.split(' ').nth(1) == Some("200") {
            return Ok(());
        }
        Err(ServerError::Answer { program: "moto_server", answer: status_line })
    }

    /// A client for a bucket of this server.
    ///
    /// # Errors
    /// `Client` if the bucket's name is malformed.
    pub fn store(&self, bucket: &str) -> Result<AmazonS3, ServerError> {
        build(Self::client(self.address(), bucket), bucket)
    }

    /// A client for a bucket behind another address, such as a [`FaultProxy`](crate::FaultProxy) in front of this
    /// server.
    ///
    /// # Errors
    /// `Client` if the bucket's name is malformed.
    pub fn store_behind(address: SocketAddr, bucket: &str) -> Result<AmazonS3, ServerError> {
        build(Self::client(address, bucket), bucket)
    }

    /// The settings of a client for a bucket behind an address, for tests that change them (retries, timeouts).
    pub fn client(address: SocketAddr, bucket: &str) -> AmazonS3Builder {
        // Not for plain HTTP; but in a build with the sink's `s3` every client wants one. Refused when there is one.
        rustls::crypto::ring::default_provider().install_default().ok();
        AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_endpoint(format!("http://{address}"))
            .with_allow_http(true)
            .with_region(REGION)
            .with_access_key_id(KEY)
            .with_secret_access_key(KEY)
    }

    /// The sink URI of a prefix in a bucket of this server.
    pub fn sink_uri(&self, bucket: &str, prefix: &str) -> String {
        Self::sink_uri_behind(self.address(), bucket, prefix)
    }

    /// The sink URI of a prefix in a bucket behind another address.
    pub fn sink_uri_behind(address: SocketAddr, bucket: &str, prefix: &str) -> String {
        format!(
            "s3://{bucket}/{prefix}?endpoint=http://{address}&access-key={KEY}&secret-access-key={KEY}&region={REGION}"
        )
    }
}

fn build(client: AmazonS3Builder, bucket: &str) -> Result<AmazonS3, ServerError> {
    client.build().map_err(|source| ServerError::Client { bucket: bucket.to_owned(), source })
}

fn launch() -> Result<Moto, ServerError> {
    let venv: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin");
    let program =
        find_program("SPILLWAY_MOTO_SERVER", "moto_server", &[venv]).ok_or(ServerError::NotInstalled {
            program: "moto_server",
            by_hand: "`pip install 'moto[server,s3]'` into a virtual environment at .venv",
        })?;
    let folder = TempDir::with_prefix("moto-").map_err(ServerError::io("make a temporary folder"))?;
    let server = Server::start(&folder.path().join("server.log"), |port| {
        let mut command = Command::new(&program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        command
    })?;
    Ok(Moto { server, _folder: folder })
}

/// Sends one request and reads until the server closes the connection.
async fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(request).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
