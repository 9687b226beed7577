//! Who a machine of Azure is: the metadata server that hands out tokens, each of them good for a short time.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// A metadata server on a free port. Its tokens say themselves when they end, which [`Azurite`](crate::Azurite) heeds.
#[derive(Debug)]
pub struct ManagedIdentity {
    address: SocketAddr,
    issued: Arc<Issued>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Issued {
    good_for: Duration,
    said_to_be: Duration,
    count: AtomicUsize,
}

impl ManagedIdentity {
    /// Starts a server whose tokens are good for so long, and are said to be.
    ///
    /// # Errors
    /// The operating system's, if there is no free port.
    pub async fn start(good_for: Duration, said_to_be: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let issued = Arc::new(Issued { good_for, said_to_be, count: AtomicUsize::new(0) });
        let accepting = tokio::spawn(accept(listener, issued.clone()));
        Ok(Self { address, issued, accepting })
    }

    /// The environment of a process on the machine.
    pub fn environment(&self) -> (&'static str, String) {
        ("IDENTITY_ENDPOINT", format!("http://{}/metadata/identity/oauth2/token", self.address))
    }

    /// How many tokens were handed out.
    pub fn issued(&self) -> usize {
        self.issued.count.load(Ordering::Relaxed)
    }
}

impl Drop for ManagedIdentity {
    fn drop(&mut self) {
        // The task owns its connections' tasks, so that they end with it.
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, issued: Arc<Issued>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A client that went away before it was accepted is no fault of ours.
                let Ok((client, _)) = accepted else { continue };
                let issued = issued.clone();
                let answering = service_fn(move |asked| {
                    let answer = issued.answer(&asked);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let serving = http1::Builder::new().serve_connection(TokioIo::new(client), answering);
                connections.spawn(async move { serving.await.ok() });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Issued {
    fn answer(&self, asked: &Request<Incoming>) -> Response<Full<Bytes>> {
        let mut answer = Response::new(Full::default());
        // Who does not say this may have been tricked into asking.
        if asked.headers().get("metadata").is_none_or(|said| said != "true") {
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            return answer;
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        let now = Timestamp::now().as_second();
        let end = |life: Duration| now.saturating_add_unsigned(life.as_secs());
        let claims = format!(
            r#"{{"aud":"https://storage.azure.com","iss":"https://sts.windows.net/x/","iat":{now},"nbf":{now},"exp":{}}}"#,
            end(self.good_for)
        );
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        // Nobody checks who has signed it.
        let token =
            format!("{}.{}.{}", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(&claims), part("signed"));
        let body = format!(r#"{{"access_token":"{token}","expires_on":"{}"}}"#, end(self.said_to_be));
        *answer.body_mut() = Full::new(body.into());
        answer
    }
}
