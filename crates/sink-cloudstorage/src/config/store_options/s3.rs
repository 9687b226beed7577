//! The parameters of the sink URI that are about S3.

use super::{Options, invalid, take, take_endpoint, take_flag};
use crate::config::ConfigError;
use crate::store::location::{S3Credentials, S3Role};
use crate::store::{S3Location, Secret};
use object_store::path::Path;

pub(super) fn location(bucket: &str, prefix: Path, mut options: Options) -> Result<S3Location, ConfigError> {
    let endpoint = take_endpoint(&mut options)?;
    let force_path_style = take_flag(&mut options, "force-path-style")?;
    let accelerate = take_flag(&mut options, "use-accelerate-endpoint")?.unwrap_or(false);
    let object_lock = take_flag(&mut options, "object-lock-enabled")?.unwrap_or(false);
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
        force_path_style: force_path_style.unwrap_or(!accelerate),
        storage_class: take("storage-class"),
        encryption: take("sse"),
        kms_key_id: take("sse-kms-key-id"),
        profile: take("profile"),
        role: role(&mut take)?,
        acl: take("acl"),
        accelerate,
        object_lock,
    };
    check_encryption(&location)?;
    check_who_asks(&location)?;
    check_acl(&location)?;
    check_accelerate(&location)?;
    Ok(location)
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

fn role(take: &mut impl FnMut(&str) -> Option<String>) -> Result<Option<S3Role>, ConfigError> {
    match (take("role-arn"), take("external-id")) {
        (Some(arn), external_id) => Ok(Some(S3Role { arn, external_id: external_id.map(Secret::new) })),
        (None, None) => Ok(None),
        (None, Some(_)) => {
            Err(ConfigError::Contradiction("external-id needs role-arn, whose policy asks for it"))
        }
    }
}

fn check_encryption(location: &S3Location) -> Result<(), ConfigError> {
    match (location.encryption.as_deref(), &location.kms_key_id) {
        (None | Some("AES256"), None) | (Some("aws:kms"), _) => Ok(()),
        (None | Some("AES256"), Some(_)) => {
            Err(ConfigError::Contradiction("sse-kms-key-id needs sse to be aws:kms"))
        }
        (Some(other), _) => Err(invalid("sse", other, "AES256 or aws:kms")),
    }
}

fn check_who_asks(location: &S3Location) -> Result<(), ConfigError> {
    if location.profile.is_some() && location.credentials.is_some() {
        return Err(ConfigError::Contradiction("profile and access-key both say who asks: set one of them"));
    }
    match &location.role {
        Some(role) if !role.arn.starts_with("arn:") => Err(invalid(
            "role-arn",
            &role.arn,
            "the name of a role, such as arn:aws:iam::123456789012:role/NAME",
        )),
        _ => Ok(()),
    }
}

/// The canned lists that S3 has for objects.
const ACLS: [&str; 7] = [
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

fn check_acl(location: &S3Location) -> Result<(), ConfigError> {
    match &location.acl {
        Some(acl) if !ACLS.contains(&acl.as_str()) => Err(invalid(
            "acl",
            acl,
            "private, public-read, public-read-write, authenticated-read, aws-exec-read, bucket-owner-read or \
             bucket-owner-full-control",
        )),
        _ => Ok(()),
    }
}

fn check_accelerate(location: &S3Location) -> Result<(), ConfigError> {
    if !location.accelerate {
        return Ok(());
    }
    let why = match location {
        S3Location { endpoint: Some(_), .. } => {
            "use-accelerate-endpoint is Amazon's own endpoint: leave out endpoint, or it"
        }
        S3Location { force_path_style: true, .. } => {
            "use-accelerate-endpoint has the bucket in the host: leave out force-path-style, or it"
        }
        S3Location { bucket, .. } if bucket.contains('.') => {
            "use-accelerate-endpoint takes no bucket with a dot in its name: leave it out, or choose another bucket"
        }
        _ => return Ok(()),
    };
    Err(ConfigError::Contradiction(why))
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
        let s3 = location("acl=&object-lock-enabled=false&profile=&role-arn=");
        assert!(s3.force_path_style && s3.credentials.is_none() && s3.endpoint.is_none());
        assert!(
            !s3.object_lock
                && !s3.accelerate
                && s3.acl.is_none()
                && s3.profile.is_none()
                && s3.role.is_none()
        );
    }

    #[test]
    fn roles_profiles_and_what_objects_are_written_with_are_read() {
        let s3 = location(
            "role-arn=arn:aws:iam::1:role/r&external_id=shown&profile=work&acl=bucket-owner-full-control\
             &use-accelerate-endpoint=true&object-lock-enabled=1",
        );
        let role = s3.role.as_ref().expect("a role");
        assert_eq!(role.arn, "arn:aws:iam::1:role/r");
        assert_eq!(role.external_id.as_ref().map(|id| id.reveal()), Some("shown"));
        assert_eq!(s3.profile.as_deref(), Some("work"));
        assert_eq!(s3.acl.as_deref(), Some("bucket-owner-full-control"));
        assert!(s3.accelerate && s3.object_lock && !s3.force_path_style);
        assert!(!format!("{s3:?}").contains("shown"));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for (query, why) in [
            ("acl=everyone", "bucket-owner-full-control"),
            ("role-arn=x", "the name of a role, such as arn:"),
            ("external-id=x", "external-id needs role-arn"),
            ("profile=x&access-key=k&secret-access-key=s", "profile and access-key both say who asks"),
            ("object-lock-enabled=maybe", "true or false"),
            ("use-accelerate-endpoint=true&endpoint=http://h", "leave out endpoint, or it"),
            ("use-accelerate-endpoint=true&force-path-style=true", "leave out force-path-style, or it"),
            ("sse=rot13", "AES256 or aws:kms"),
            ("sse-kms-key-id=k", "needs sse to be aws:kms"),
            ("endpoint=127.0.0.1", "http://"),
            ("force-path-style=maybe", "true or false"),
        ] {
            let error = refusal(query);
            assert!(error.contains(why), "{query}: {error}");
        }
        let dotted =
            SinkUri::parse("s3://a.b/p?use-accelerate-endpoint=true").expect_err("a dot").to_string();
        assert!(dotted.contains("a dot in its name"), "{dotted}");
    }

    #[test]
    fn half_of_the_credentials_is_refused_and_not_shown() {
        for query in ["access-key=shown", "secret-access-key=shown", "session-token=shown"] {
            let error = refusal(query);
            assert!(error.contains("belong together") && !error.contains("shown"), "{error}");
        }
    }
}
