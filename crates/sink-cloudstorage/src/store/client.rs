//! What the clients of all clouds have in common.

use object_store::{ClientOptions, RetryConfig};
use std::time::Duration;

/// How long one request may take: a part of a big file on a slow line. The client's own 30 seconds would never let
/// it pass.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the client tries a failed request again before it says so.
const RETRY_TIMEOUT: Duration = Duration::from_secs(10);

/// Options for a client of this endpoint; `None` is the cloud's own. What is asked for without TLS is spoken to without.
///
/// TLS needs a provider of cryptography for the whole process: one that the embedder has installed stays, and else
/// it is `ring`.
pub(super) fn options(endpoint: Option<&str>) -> ClientOptions {
    // Refused when there is one already, which is just as well.
    rustls::crypto::ring::default_provider().install_default().ok();
    ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
}

/// An endpoint that the environment names: without the slash at its end, since keys are put behind it with one of their own.
/// What is set and empty is not set.
pub(super) fn endpoint_of(environment: Option<String>) -> Option<String> {
    environment
        .map(|endpoint| endpoint.trim_end_matches('/').to_owned())
        .filter(|endpoint| !endpoint.is_empty())
}

/// How a client tries again. Not for long: the sink retries by itself, longer and with the request limit free meanwhile,
/// see `stage_writer::Retry`.
pub(super) fn retry() -> RetryConfig {
    RetryConfig { max_retries: 2, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() }
}
