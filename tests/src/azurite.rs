//! A private Azure Blob Storage: azurite.

use crate::ServerError;
use crate::server::{Server, find_program};
use hyper::{Method, Request};
use object_store::azure::{
    AzureAccessKey, AzureAuthorizer, AzureCredential, MicrosoftAzure, MicrosoftAzureBuilder,
};
use object_store::client::HttpRequestBody;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const PROGRAM: &str = "azurite-blob";
/// The account that every azurite has.
const ACCOUNT: &str = "devstoreaccount1";
/// The account's key as a URI has it.
const KEY_IN_A_URI: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq%2FK1SZFPTOtr%2FKBHBeksoGMGw%3D%3D";

/// A blob service of one's own on a free port, its objects in memory. It checks signatures.
///
/// It takes about a second to start. Dropping it ends the server.
#[derive(Debug)]
pub struct Azurite {
    server: Server,
    // Holds the server's log, and what it remembers of itself.
    _folder: TempDir,
}

impl Azurite {
    /// The account's key, which is every azurite's and no secret.
    pub const KEY: &str =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// `NotInstalled` if there is no `azurite-blob` in `target/azurite` or on `PATH`; otherwise what kept it from
    /// starting.
    pub async fn start() -> Result<Self, ServerError> {
        let started = tokio::task::spawn_blocking(launch).await;
        started.expect("launching a server does not panic")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Makes an empty container.
    ///
    /// # Errors
    /// `Answer` if the server is gone or refuses, as it does for a container that is there.
    pub async fn create_container(&self, name: &str) -> Result<(), ServerError> {
        let answer = self.send(Method::PUT, &format!("{name}?restype=container")).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(ServerError::Answer { program: PROGRAM, answer: status.to_string() }),
        }
    }

    /// The tier of an object; `None` if it, or the object, is not there.
    ///
    /// # Errors
    /// `Answer` if the server is gone.
    pub async fn tier(&self, container: &str, key: &str) -> Result<Option<String>, ServerError> {
        let answer = self.send(Method::HEAD, &format!("{container}/{key}")).await?;
        Ok(answer.headers().get("x-ms-access-tier").and_then(|tier| Some(tier.to_str().ok()?.to_owned())))
    }

    /// Sends a request without a body, signed.
    async fn send(&self, method: Method, what: &str) -> Result<reqwest::Response, ServerError> {
        let failed = |error: &dyn std::error::Error| ServerError::Answer {
            program: PROGRAM,
            answer: format!("nothing: {error}"),
        };
        install_cryptography();
        let url = format!("{}/{what}", endpoint(self.address()));
        let request = Request::builder().method(&method).uri(&url).header("content-length", "0");
        let mut request = request.body(HttpRequestBody::empty()).map_err(|error| failed(&error))?;
        let key = AzureAccessKey::try_new(Self::KEY).map_err(|error| failed(&error))?;
        let credential = AzureCredential::AccessKey(key);
        let authorizer = AzureAuthorizer::new(&credential, ACCOUNT);
        authorizer.try_authorize(&mut request).map_err(|error| failed(&error))?;
        let request = reqwest::Client::new().request(method, &url).headers(request.headers().clone());
        request.send().await.map_err(|error| failed(&error))
    }

    /// A client for a container of this server.
    ///
    /// # Errors
    /// `Client` if the container's name is malformed.
    pub fn store(&self, container: &str) -> Result<MicrosoftAzure, ServerError> {
        install_cryptography();
        let client = MicrosoftAzureBuilder::new()
            .with_account(ACCOUNT)
            .with_access_key(Self::KEY)
            .with_container_name(container)
            .with_endpoint(endpoint(self.address()))
            .with_allow_http(true)
            .build();
        client.map_err(|source| ServerError::Client { bucket: container.to_owned(), source })
    }

    /// The sink URI of a prefix in a container of this server.
    pub fn sink_uri(&self, container: &str, prefix: &str) -> String {
        Self::sink_uri_behind(self.address(), container, prefix)
    }

    /// The sink URI of a prefix in a container behind another address.
    pub fn sink_uri_behind(address: SocketAddr, container: &str, prefix: &str) -> String {
        format!("{}&account-key={KEY_IN_A_URI}", Self::sink_uri_without_key(address, container, prefix))
    }

    /// The same, of nobody yet.
    pub fn sink_uri_without_key(address: SocketAddr, container: &str, prefix: &str) -> String {
        format!("azure://{container}/{prefix}?endpoint={}&account-name={ACCOUNT}", endpoint(address))
    }
}

/// The service of the account: azurite has it in the path.
fn endpoint(address: SocketAddr) -> String {
    format!("http://{address}/{ACCOUNT}")
}

fn install_cryptography() {
    // Not for plain HTTP; but every client wants it. Refused when there is one.
    rustls::crypto::ring::default_provider().install_default().ok();
}

fn launch() -> Result<Azurite, ServerError> {
    let installed: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/azurite/node_modules/.bin");
    let program =
        find_program("SPILLWAY_AZURITE", PROGRAM, &[installed]).ok_or(ServerError::NotInstalled {
            program: PROGRAM,
            by_hand: "`npm install --prefix target/azurite azurite@3.35.0`",
        })?;
    let folder = TempDir::with_prefix("azurite-").map_err(ServerError::io("make a temporary folder"))?;
    let server = Server::start(&folder.path().join("server.log"), |port| {
        let mut command = Command::new(&program);
        // Newer clients name versions of the service that it does not know, and ask nothing of them that is new.
        command.args(["--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry"]);
        command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()]).current_dir(folder.path());
        command
    })?;
    Ok(Azurite { server, _folder: folder })
}
