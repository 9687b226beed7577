//! S3 and what speaks like it.

use super::location::S3Credentials;
use super::{S3Location, bucket::Bucket, client, listening::Listening};
use object_store::Result;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};

/// Builds the client of a bucket; sends nothing yet.
pub(super) fn build(location: &S3Location) -> Result<Bucket<AmazonS3>> {
    let environment = AmazonS3Builder::from_env();
    let set = |keys: [AmazonS3ConfigKey; 2]| {
        let mut values = keys.iter().filter_map(|key| environment.get_config_value(key));
        values.find(|value| !value.is_empty())
    };
    let endpoint = location
        .endpoint
        .clone()
        .or_else(|| client::endpoint_of(set([AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint])));
    let region = location
        .region
        .clone()
        .or_else(|| set([AmazonS3ConfigKey::Region, AmazonS3ConfigKey::DefaultRegion]));
    let mut builder = who_asks(location.credentials.as_ref(), environment)
        .with_bucket_name(&location.bucket)
        .with_virtual_hosted_style_request(!location.force_path_style)
        .with_client_options(client::options(endpoint.as_deref()))
        .with_retry(client::retry())
        .with_http_connector(Listening::default());
    if let Some(region) = region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = endpoint {
        let endpoint = match location.force_path_style {
            true => endpoint,
            false => with_bucket_in_host(&endpoint, &location.bucket),
        };
        // The one that the client looks at first.
        builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, endpoint);
    }
    for (key, value) in
        [("aws_server_side_encryption", &location.encryption), ("aws_sse_kms_key_id", &location.kms_key_id)]
    {
        if let Some(value) = value {
            builder = builder.with_config(key.parse::<AmazonS3ConfigKey>()?, value);
        }
    }
    Ok(Bucket::new(builder.build()?, location.storage_class.as_deref()))
}

/// Starts from the given credentials, or else from the `AWS_*` environment.
///
/// Never from both: a session token left in the environment would be sent along with the keys of the URI.
fn who_asks(credentials: Option<&S3Credentials>, environment: AmazonS3Builder) -> AmazonS3Builder {
    let Some(credentials) = credentials else { return environment };
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
            storage_class: Some("STANDARD_IA".to_owned()),
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
