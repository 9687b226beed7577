//! The parameters of the sink URI that are about S3.

use super::{Options, invalid, refuse, take, take_endpoint};
use crate::config::ConfigError;
use crate::store::location::S3Credentials;
use crate::store::{S3Location, Secret};
use object_store::path::Path;

/// Options that ask for something this build does not do.
const NOT_SUPPORTED: [&str; 6] =
    ["acl", "use-accelerate-endpoint", "role-arn", "external-id", "profile", "object-lock-enabled"];

pub(super) fn location(bucket: &str, prefix: Path, mut options: Options) -> Result<S3Location, ConfigError> {
    refuse(&options, &NOT_SUPPORTED)?;
    let endpoint = take_endpoint(&mut options)?;
    let mut take = |key: &str| take(&mut options, key);
    if let Some(provider) = take("provider") {
        tracing::debug!(provider, "the provider has no effect: every S3 server is spoken to alike");
    }
    let location = S3Location {
        bucket: bucket.to_owned(),
        prefix,
        endpoint,
        region: take("region"),
        credentials: credentials(&mut take)?,
        force_path_style: match take("force-path-style").as_deref() {
            None | Some("true" | "1") => true,
            Some("false" | "0") => false,
            Some(other) => return Err(invalid("force-path-style", other, "true or false")),
        },
        storage_class: take("storage-class"),
        encryption: take("sse"),
        kms_key_id: take("sse-kms-key-id"),
    };
    check_encryption(location)
}

fn credentials(take: &mut impl FnMut(&str) -> Option<String>) -> Result<Option<S3Credentials>, ConfigError> {
    let token = take("session-token");
    match (take("access-key"), take("secret-access-key")) {
        (Some(access_key), Some(secret_access_key)) => Ok(Some(S3Credentials {
            access_key: Secret::new(access_key),
            secret_access_key: Secret::new(secret_access_key),
            session_token: token.map(Secret::new),
        })),
        (None, None) if token.is_none() => Ok(None),
        _ => Err(ConfigError::Contradiction(
            "access-key and secret-access-key belong together, and session-token needs both: set all of them, \
             or none to use the AWS_* environment",
        )),
    }
}

fn check_encryption(location: S3Location) -> Result<S3Location, ConfigError> {
    match (location.encryption.as_deref(), &location.kms_key_id) {
        (None | Some("AES256"), None) | (Some("aws:kms"), _) => Ok(location),
        (None | Some("AES256"), Some(_)) => {
            Err(ConfigError::Contradiction("sse-kms-key-id needs sse to be aws:kms"))
        }
        (Some(other), _) => Err(invalid("sse", other, "AES256 or aws:kms")),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::SinkUri;
    use crate::store::{Location, S3Location};

    fn location(query: &str) -> S3Location {
        match SinkUri::parse(&format!("s3://bucket/p?{query}")).expect(query).location() {
            Location::S3(s3) => s3.clone(),
            other => panic!("not S3: {other}"),
        }
    }

    fn refusal(query: &str) -> String {
        SinkUri::parse(&format!("s3://bucket/p?{query}")).expect_err(query).to_string()
    }

    #[test]
    fn options_are_read() {
        let s3 = location(
            "endpoint=http://127.0.0.1:9000/&region=eu-north-1&access_key=ak&secret-access-key=s/e+c%3Dret\
             &session-token=tok&force-path-style=false&sse=aws:kms&sse-kms-key-id=k&provider=minio&storage-class=STANDARD_IA",
        );
        let credentials = s3.credentials.as_ref().expect("credentials");
        assert_eq!(credentials.access_key.reveal(), "ak");
        assert_eq!(credentials.secret_access_key.reveal(), "s/e+c=ret");
        assert_eq!(credentials.session_token.as_ref().map(|token| token.reveal()), Some("tok"));
        assert_eq!(s3.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!((s3.region.as_deref(), s3.force_path_style), (Some("eu-north-1"), false));
        assert_eq!(s3.storage_class.as_deref(), Some("STANDARD_IA"));
        assert_eq!((s3.encryption.as_deref(), s3.kms_key_id.as_deref()), (Some("aws:kms"), Some("k")));
    }

    #[test]
    fn nothing_said_means_the_environment_and_the_path_style() {
        let s3 = location("acl=&object-lock-enabled=false");
        assert!(s3.force_path_style && s3.credentials.is_none() && s3.endpoint.is_none());
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for (query, why) in [
            ("acl=private", "acl is not supported yet"),
            ("role-arn=x", "role-arn is not supported yet"),
            ("sse=rot13", "AES256 or aws:kms"),
            ("sse-kms-key-id=k", "needs sse to be aws:kms"),
            ("endpoint=127.0.0.1", "http://"),
            ("force-path-style=maybe", "true or false"),
        ] {
            let error = refusal(query);
            assert!(error.contains(why), "{query}: {error}");
        }
    }

    #[test]
    fn half_of_the_credentials_is_refused_and_not_shown() {
        for query in ["access-key=shown", "secret-access-key=shown", "session-token=shown"] {
            let error = refusal(query);
            assert!(error.contains("belong together") && !error.contains("shown"), "{error}");
        }
    }
}
