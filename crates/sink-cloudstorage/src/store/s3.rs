//! S3 and what speaks like it.

use super::S3Location;
use super::location::S3Credentials;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{ClientOptions, Result, RetryConfig};
use std::time::Duration;

/// How long one request may take: a part of a big file on a slow line. The client's own 30 seconds would never let
/// it pass.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the client tries a failed request again before it says so.
const RETRY_TIMEOUT: Duration = Duration::from_secs(10);

/// Builds the client of a bucket; sends nothing yet.
///
/// TLS needs a provider of cryptography for the whole process: one that the embedder has installed stays, and else
/// it is `ring`.
pub(super) fn build(location: &S3Location) -> Result<AmazonS3> {
    // Refused when there is one already, which is just as well.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut builder = builder(location.credentials.as_ref())
        .with_bucket_name(&location.bucket)
        .with_virtual_hosted_style_request(!location.force_path_style);
    if let Some(region) = &location.region {
        builder = builder.with_region(region);
    }
    let mut options =
        ClientOptions::new().with_timeout(REQUEST_TIMEOUT).with_connect_timeout(CONNECT_TIMEOUT);
    if let Some(endpoint) = &location.endpoint {
        options = options.with_allow_http(endpoint.starts_with("http://"));
        builder = builder.with_endpoint(if location.force_path_style {
            endpoint.clone()
        } else {
            with_bucket_in_host(endpoint, &location.bucket)
        });
    }
    for (key, value) in
        [("aws_server_side_encryption", &location.encryption), ("aws_sse_kms_key_id", &location.kms_key_id)]
    {
        if let Some(value) = value {
            builder = builder.with_config(key.parse::<AmazonS3ConfigKey>()?, value);
        }
    }
    // The sink retries by itself, longer and with the request limit free meanwhile: see `stage_writer::Retry`.
    let retry = RetryConfig { max_retries: 2, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    builder.with_client_options(options).with_retry(retry).build()
}

/// Starts from the given credentials, or else from the `AWS_*` environment.
///
/// Never from both: a session token left in the environment would be sent along with the keys of the URI.
fn builder(credentials: Option<&S3Credentials>) -> AmazonS3Builder {
    let Some(credentials) = credentials else {
        return AmazonS3Builder::from_env();
    };
    let builder = AmazonS3Builder::new()
        .with_access_key_id(credentials.access_key.reveal())
        .with_secret_access_key(credentials.secret_access_key.reveal());
    match &credentials.session_token {
        Some(token) => builder.with_token(token.reveal()),
        None => builder,
    }
}

/// The endpoint as the client wants it for virtual-hosted requests: with the bucket in front.
fn with_bucket_in_host(endpoint: &str, bucket: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, host)) => format!("{scheme}://{bucket}.{host}"),
        None => format!("https://{bucket}.{endpoint}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{build, with_bucket_in_host};
    use crate::store::location::S3Credentials;
    use crate::store::{Location, S3Location, Secret};
    use object_store::path::Path;

    fn location() -> S3Location {
        S3Location {
            bucket: "bucket".to_owned(),
            prefix: Path::parse("a/b").expect("a path"),
            endpoint: Some("http://127.0.0.1:1".to_owned()),
            region: None,
            credentials: Some(S3Credentials {
                access_key: Secret::new("the-access-key"),
                secret_access_key: Secret::new("the-secret-key"),
                session_token: Some(Secret::new("the-token")),
            }),
            force_path_style: true,
            encryption: Some("aws:kms".to_owned()),
            kms_key_id: Some("a-key".to_owned()),
        }
    }

    #[test]
    fn a_bucket_moves_into_the_host() {
        assert_eq!(with_bucket_in_host("http://h:1", "b"), "http://b.h:1");
        assert_eq!(with_bucket_in_host("h", "b"), "https://b.h");
    }

    #[test]
    fn secrets_show_up_nowhere() {
        let location = location();
        let store = build(&location).expect("options that fit together");
        let whole = Location::S3(location);
        assert_eq!(whole.to_string(), "s3://bucket/a/b");
        for shown in [format!("{whole:?}"), format!("{store:?}{store}")] {
            for secret in ["the-secret-key", "the-token"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
        assert!(!format!("{whole:?}").contains("the-"));
    }
}
