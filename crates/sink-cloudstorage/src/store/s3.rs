//! S3 and what speaks like it.

use super::aws::{Asker, Environment};
use super::stamp::{Signer, Stamping};
use super::{S3Location, bucket::Bucket, client, listening::Listening};
use object_store::Result;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, Checksum};

/// The region of whoever names none.
const USUAL_REGION: &str = "us-east-1";

/// Builds the client of a bucket; sends nothing yet.
pub(super) fn build(location: &S3Location) -> Result<Bucket<AmazonS3>> {
    Ok(Bucket::new(client(location)?, location.storage_class.as_deref()))
}

fn client(location: &S3Location) -> Result<AmazonS3> {
    let environment = Environment::read();
    let tokens_from = token_service(location, &environment);
    let endpoint = endpoint(location, &environment);
    let named = environment.first([AmazonS3ConfigKey::Region, AmazonS3ConfigKey::DefaultRegion]);
    let Asker { builder, roles, region: of_profile } = Asker::of(location, environment)?;
    let region = location.region.clone().or(named).or(of_profile);
    let region = region.unwrap_or_else(|| USUAL_REGION.to_owned());
    let mut builder = builder
        .with_bucket_name(&location.bucket)
        .with_region(&region)
        .with_virtual_hosted_style_request(!location.force_path_style)
        .with_client_options(client::options(endpoint.as_deref()))
        .with_retry(client::retry())
        .with_http_connector(Listening::default());
    if let Some(endpoint) = endpoint {
        let endpoint = match location.force_path_style {
            true => endpoint,
            false => with_bucket_in_host(&endpoint, &location.bucket),
        };
        // The one that the client looks at first.
        builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, endpoint);
    }
    builder = encrypted(builder, location)?;
    if location.object_lock {
        // A bucket with locks takes nothing without a checksum.
        builder = builder.with_checksum_algorithm(Checksum::SHA256);
    }
    if roles.is_empty() && location.acl.is_none() {
        return builder.build();
    }
    let first = builder.clone().build()?.credentials().clone();
    let credentials = match roles.is_empty() {
        true => first,
        false => roles.taken_on(first, tokens_from, region.clone())?,
    };
    builder = builder.with_credentials(credentials.clone());
    if let Some(acl) = &location.acl {
        let signer = Signer::Aws { credentials, region };
        builder = builder.with_http_connector(Stamping::new("x-amz-acl", acl, signer)?);
    }
    builder.build()
}

/// The server, without the bucket; `None` for Amazon's of the region.
fn endpoint(location: &S3Location, environment: &Environment) -> Option<String> {
    if location.accelerate {
        return Some("https://s3-accelerate.amazonaws.com".to_owned());
    }
    let named = || environment.first([AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]);
    location.endpoint.clone().or_else(|| client::endpoint_of(named()))
}

/// Who hands out roles; `None` for Amazon's of the region. A server that is not Amazon's has its own roles.
fn token_service(location: &S3Location, environment: &Environment) -> Option<String> {
    let named = environment.first([AmazonS3ConfigKey::StsEndpoint, AmazonS3ConfigKey::Endpoint]);
    let own = location.endpoint.clone().filter(|endpoint| !endpoint.contains(".amazonaws.com"));
    client::endpoint_of(named).or(own)
}

fn encrypted(mut builder: AmazonS3Builder, location: &S3Location) -> Result<AmazonS3Builder> {
    for (key, value) in
        [("aws_server_side_encryption", &location.encryption), ("aws_sse_kms_key_id", &location.kms_key_id)]
    {
        if let Some(value) = value {
            builder = builder.with_config(key.parse::<AmazonS3ConfigKey>()?, value);
        }
    }
    Ok(builder)
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
    use super::{build, client, with_bucket_in_host};
    use crate::store::location::{S3Credentials, S3Role};
    use crate::store::{Location, S3Location, Secret};
    use object_store::path::Path;
    use object_store::signer::Signer;
    use std::time::Duration;

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
            storage_class: Some("STANDARD_IA".to_owned()),
            encryption: Some("aws:kms".to_owned()),
            kms_key_id: Some("a-key".to_owned()),
            profile: None,
            role: Some(S3Role {
                arn: "arn:aws:iam::1:role/r".to_owned(),
                external_id: Some(Secret::new("the-external-id")),
            }),
            acl: Some("private".to_owned()),
            accelerate: false,
            object_lock: true,
        }
    }

    #[tokio::test]
    async fn an_accelerated_bucket_is_asked_at_the_edge() {
        let location = S3Location {
            endpoint: None,
            force_path_style: false,
            accelerate: true,
            role: None,
            ..location()
        };
        let store = client(&location).expect("a client");
        let url = store.signed_url(reqwest::Method::GET, &Path::from("k"), Duration::from_secs(60)).await;
        assert_eq!(url.expect("a URL").host_str(), Some("bucket.s3-accelerate.amazonaws.com"));
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
            for secret in ["the-secret-key", "the-token", "the-external-id"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
        assert!(!format!("{whole:?}").contains("the-"));
    }
}
