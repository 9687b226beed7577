//! Who a pod of Kubernetes is to AWS: credentials that end, and the agent that hands them out.

use crate::issued::Issued;
use crate::{Fault, Request};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request as Asked, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// What the pod's own file says, and the agent wants to hear.
const POD: &str = "the-pod";

/// An agent on a free port that hands out credentials, each of them good for a short time.
///
/// moto knows no credentials from others: a [`FaultProxy`](crate::FaultProxy) in front of it asks [`judge`](Self::judge).
#[derive(Debug)]
pub struct PodIdentity {
    address: SocketAddr,
    issued: Arc<Issued>,
    accepting: JoinHandle<()>,
    pod: NamedTempFile,
}

impl PodIdentity {
    /// Starts an agent.
    ///
    /// # Errors
    /// The operating system's, if there is no free port or no room for a file.
    pub async fn start(good_for: Duration) -> io::Result<Self> {
        let pod = NamedTempFile::new()?;
        std::fs::write(pod.path(), POD)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let issued = Arc::new(Issued::new(good_for));
        let accepting = tokio::spawn(accept(listener, issued.clone()));
        Ok(Self { address, issued, accepting, pod })
    }

    /// The environment of a process in the pod.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        let url = format!("http://{}/v1/credentials", self.address);
        let pod = self.pod.path().display().to_string();
        [("AWS_CONTAINER_CREDENTIALS_FULL_URI", url), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", pod)]
    }

    /// Lets those through whose credentials are good, and refuses the others as S3 does.
    pub fn judge(&self) -> impl FnMut(&Request) -> Fault + Send + 'static {
        self.issued.clone().judge()
    }

    /// How many credentials were handed out.
    pub fn issued(&self) -> usize {
        self.issued.count()
    }
}

impl Drop for PodIdentity {
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
                    let answer = answer(&issued, &asked);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let serving = http1::Builder::new().serve_connection(TokioIo::new(client), answering);
                connections.spawn(async move { serving.await.ok() });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn answer(issued: &Issued, asked: &Asked<Incoming>) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    if asked.headers().get("authorization").is_none_or(|pod| pod != POD) {
        *answer.status_mut() = StatusCode::FORBIDDEN;
        return answer;
    }
    let (token, expiration) = issued.hand_out();
    let body = format!(
        r#"{{"AccessKeyId":"key","SecretAccessKey":"secret","Token":"{token}","Expiration":"{expiration}"}}"#
    );
    *answer.body_mut() = Full::new(body.into());
    answer
}
