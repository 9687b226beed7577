//! AWS's security token service: roles for those who may have them, with credentials that end.

use crate::issued::Issued;
use crate::{Fault, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request as Asked, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use url::form_urlencoded;

/// A token service on a free port. It gives each of its roles to whoever has the role's external id.
///
/// moto has one too, which knows no roles and no ends: a [`FaultProxy`](crate::FaultProxy) in front of its buckets asks
/// [`judge`](Self::judge).
#[derive(Debug)]
pub struct TokenService {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// A role, and the external id that its policy asks for.
pub type Role = (&'static str, Option<&'static str>);

#[derive(Debug)]
struct Shared {
    roles: Vec<Role>,
    issued: Arc<Issued>,
    given: Mutex<Vec<(String, String)>>,
}

impl TokenService {
    /// Starts a service with these roles, whose credentials are good for so long.
    ///
    /// # Errors
    /// The operating system's, if there is no free port.
    pub async fn start(good_for: Duration, roles: Vec<Role>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let issued = Arc::new(Issued::new(good_for));
        let shared = Arc::new(Shared { roles, issued, given: Mutex::default() });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, accepting })
    }

    /// The environment of a process that asks it.
    pub fn environment(&self) -> (&'static str, String) {
        ("AWS_ENDPOINT_URL_STS", format!("http://{}", self.address))
    }

    /// Lets those through whose credentials are good, and refuses the others as S3 does.
    pub fn judge(&self) -> impl FnMut(&Request) -> Fault + Send + 'static {
        self.shared.issued.clone().judge()
    }

    /// Each role that was given so far, and the access key of whom.
    pub fn given(&self) -> Vec<(String, String)> {
        self.shared.given.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for TokenService {
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
                let shared = shared.clone();
                let answering = service_fn(move |asked| {
                    let shared = shared.clone();
                    async move { Ok::<_, Infallible>(shared.answer(asked).await) }
                });
                let serving = http1::Builder::new().serve_connection(TokioIo::new(client), answering);
                connections.spawn(async move { serving.await.ok() });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Shared {
    async fn answer(&self, asked: Asked<Incoming>) -> Response<Full<Bytes>> {
        let is_post = asked.method() == Method::POST;
        let signature = asked.headers().get("authorization").and_then(|header| header.to_str().ok());
        let signature = signature.unwrap_or_default().to_owned();
        let key = signature.split_once("Credential=").and_then(|(_, rest)| rest.split_once('/'));
        let body = asked.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        let get = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let role = (get("RoleArn").unwrap_or_default(), get("ExternalId"));
        let is_ours =
            is_post && get("Action") == Some("AssumeRole") && signature.contains("/sts/aws4_request");
        match key {
            Some((key, _)) if is_ours && self.roles.contains(&role) => {
                let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
                given.push((role.0.to_owned(), key.to_owned()));
                let (token, end) = self.issued.hand_out();
                let credentials = format!(
                    "<AccessKeyId>of-{token}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
                     <SessionToken>{token}</SessionToken><Expiration>{end}</Expiration>"
                );
                let result =
                    format!("<AssumeRoleResult><Credentials>{credentials}</Credentials></AssumeRoleResult>");
                Response::new(Full::new(format!("<AssumeRoleResponse>{result}</AssumeRoleResponse>").into()))
            }
            _ => {
                let body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
                let mut answer = Response::new(Full::new(body.into()));
                *answer.status_mut() = StatusCode::FORBIDDEN;
                answer
            }
        }
    }
}
