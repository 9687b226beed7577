//! A private Azure Blob Storage: azurite.

use crate::ServerError;
use crate::server::{Server, find_program, succeed};
use hyper::{Method, Request};
use object_store::ClientOptions;
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
    /// Whether it is spoken to through TLS.
    is_secure: bool,
    // Holds the server's log, its certificate, and what it remembers of itself.
    folder: TempDir,
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
        let started = tokio::task::spawn_blocking(|| launch(false, &[])).await;
        started.expect("launching a server does not panic")
    }

    /// The same with TLS, which takes tokens of Azure too, and looks at when they end.
    ///
    /// # Errors
    /// As for [`start`](Self::start), and `Failed` if `openssl` makes no certificate.
    pub async fn start_with_tokens() -> Result<Self, ServerError> {
        let started = tokio::task::spawn_blocking(|| launch(true, &TLS)).await;
        started.expect("launching a server does not panic")
    }

    /// The same, which takes what it does nothing about, such as a key to encrypt with.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub async fn start_lenient() -> Result<Self, ServerError> {
        let started = tokio::task::spawn_blocking(|| launch(false, &["--loose"])).await;
        started.expect("launching a server does not panic")
    }

    /// The certificate of one with TLS.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join(CERTIFICATE)
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
        let url = format!("{}/{what}", self.endpoint());
        let request = Request::builder().method(&method).uri(&url).header("content-length", "0");
        let mut request = request.body(HttpRequestBody::empty()).map_err(|error| failed(&error))?;
        let key = AzureAccessKey::try_new(Self::KEY).map_err(|error| failed(&error))?;
        let credential = AzureCredential::AccessKey(key);
        let authorizer = AzureAuthorizer::new(&credential, ACCOUNT);
        authorizer.try_authorize(&mut request).map_err(|error| failed(&error))?;
        let client = reqwest::Client::builder().danger_accept_invalid_certs(self.is_secure).build();
        let client = client.map_err(|error| failed(&error))?;
        let request = client.request(method, &url).headers(request.headers().clone());
        request.send().await.map_err(|error| failed(&error))
    }

    /// A client for a container of this server.
    ///
    /// # Errors
    /// `Client` if the container's name is malformed.
    pub fn store(&self, container: &str) -> Result<MicrosoftAzure, ServerError> {
        install_cryptography();
        let options = ClientOptions::new().with_allow_http(true);
        let client = MicrosoftAzureBuilder::new()
            .with_client_options(options.with_allow_invalid_certificates(self.is_secure))
            .with_account(ACCOUNT)
            .with_access_key(Self::KEY)
            .with_container_name(container)
            .with_endpoint(self.endpoint())
            .build();
        client.map_err(|source| ServerError::Client { bucket: container.to_owned(), source })
    }

    /// The service of the account.
    pub fn endpoint(&self) -> String {
        let plain = endpoint(self.address());
        if self.is_secure { plain.replacen("http:", "https:", 1) } else { plain }
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

/// What `openssl` makes, and its key.
const CERTIFICATE: &str = "certificate.pem";
const KEY_OF_CERTIFICATE: &str = "key.pem";

/// What makes azurite speak TLS, and take tokens.
const TLS: [&str; 6] = ["--oauth", "basic", "--cert", CERTIFICATE, "--key", KEY_OF_CERTIFICATE];

/// Makes a certificate for this machine, signed by itself.
fn certify(folder: &Path) -> Result<(), ServerError> {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]);
    openssl.args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]);
    openssl.args(["-keyout", KEY_OF_CERTIFICATE, "-out", CERTIFICATE]).current_dir(folder);
    succeed(&mut openssl)
}

fn launch(is_secure: bool, further: &[&str]) -> Result<Azurite, ServerError> {
    let installed: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/azurite/node_modules/.bin");
    let program =
        find_program("SPILLWAY_AZURITE", PROGRAM, &[installed]).ok_or(ServerError::NotInstalled {
            program: PROGRAM,
            by_hand: "`npm install --prefix target/azurite azurite@3.35.0`",
        })?;
    let folder = TempDir::with_prefix("azurite-").map_err(ServerError::io("make a temporary folder"))?;
    if is_secure {
        certify(folder.path())?;
    }
    let server = Server::start(&folder.path().join("server.log"), |port| {
        let mut command = Command::new(&program);
        // Newer clients name versions of the service that it does not know, and ask nothing of them that is new.
        command.args(["--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry"]);
        command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()]).current_dir(folder.path());
        command.args(further);
        command
    })?;
    Ok(Azurite { server, is_secure, folder })
}
