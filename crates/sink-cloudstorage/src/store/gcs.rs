//! Google Cloud Storage.

use super::stamp::{Signer, Stamping};
use super::{GcsLocation, bucket::Bucket, client, listening::Listening};
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{Error, Result};
use serde::Deserialize;
use std::path::Path;

/// Builds the client of a bucket; sends nothing yet.
pub(super) fn build(location: &GcsLocation) -> Result<Bucket<GoogleCloudStorage>> {
    let mut builder = builder(location)?;
    if let Some(acl) = location.acl {
        builder = builder.with_http_connector(Stamping::new("x-goog-acl", acl, Signer::Nobody)?);
    }
    Ok(Bucket::new(builder.build()?, location.storage_class.as_deref()))
}

/// Who asks is said by the location's file, or else by the `GOOGLE_*` environment, gcloud's own file or the machine.
fn builder(location: &GcsLocation) -> Result<GoogleCloudStorageBuilder> {
    let environment = GoogleCloudStorageBuilder::from_env();
    let named = || client::endpoint_of(environment.get_config_value(&GoogleConfigKey::BaseUrl));
    let endpoint = location.endpoint.clone().or_else(named);
    let mut builder = match &location.credentials_file {
        Some(file) => who_asks(file)?,
        None => environment,
    };
    builder = builder
        .with_bucket_name(&location.bucket)
        .with_client_options(client::options(endpoint.as_deref()))
        .with_retry(client::retry())
        .with_http_connector(Listening::default());
    if let Some(endpoint) = endpoint {
        builder = builder.with_base_url(&endpoint);
    }
    Ok(builder)
}

/// What a file of credentials says that it is.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Starts from a file of credentials: a service account's key, or what `gcloud auth application-default login` has left.
fn who_asks(file: &Path) -> Result<GoogleCloudStorageBuilder> {
    let (new, path) = (GoogleCloudStorageBuilder::new(), file.to_string_lossy());
    // What cannot be read, or is none of it, the client tells.
    let text = std::fs::read_to_string(file).unwrap_or_default();
    match serde_json::from_str::<Kind>(&text).ok().and_then(|kind| kind.kind).as_deref() {
        None | Some("service_account") => Ok(new.with_service_account_path(path)),
        Some("authorized_user") => Ok(new.with_application_credentials(path)),
        Some(other) => Err(Error::Generic {
            store: "GCS",
            source: format!(
                "{path} is of the type {other:?}, which is not supported; use the key of a service account, or the file \
                 of `gcloud auth application-default login`"
            )
            .into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{build, builder};
    use crate::store::GcsLocation;
    use async_trait::async_trait;
    use bytes::Bytes;
    use object_store::client::{
        HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
    };
    use object_store::path::Path;
    use object_store::{ClientOptions, ObjectStoreExt, Result};
    use parking_lot::Mutex;
    use std::sync::Arc;
    use tempfile::NamedTempFile;

    fn location(file: &NamedTempFile) -> GcsLocation {
        GcsLocation {
            bucket: "bucket".to_owned(),
            prefix: Path::default(),
            endpoint: Some("http://store".to_owned()),
            credentials_file: Some(file.path().to_owned()),
            storage_class: None,
            acl: None,
        }
    }

    fn file(text: &str) -> NamedTempFile {
        let file = NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("room");
        file
    }

    /// Google's token service and a store, which remember what they were asked.
    #[derive(Clone, Debug, Default)]
    struct Google(Arc<Mutex<Vec<String>>>);

    impl HttpConnector for Google {
        fn connect(&self, _: &ClientOptions) -> Result<HttpClient> {
            Ok(HttpClient::new(self.clone()))
        }
    }

    #[async_trait]
    impl HttpService for Google {
        async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
            let body = request.body().as_bytes().cloned().unwrap_or_default();
            let bearer = request.headers().get("authorization").and_then(|header| header.to_str().ok());
            let asked = format!("{} {}", request.uri(), bearer.unwrap_or(&String::from_utf8_lossy(&body)));
            let mut log = self.0.lock();
            log.push(asked);
            let token = format!(r#"{{"access_token": "token-{}", "expires_in": 0}}"#, log.len());
            let is_token = request.uri().host() == Some("accounts.google.com");
            let body = if is_token { Bytes::from(token) } else { Bytes::new() };
            Ok(HttpResponse::new(HttpResponseBody::from(body)))
        }
    }

    #[tokio::test]
    async fn a_persons_own_credentials_are_exchanged_for_tokens_until_they_end() {
        let file = file(
            r#"{"type": "authorized_user", "client_id": "id", "client_secret": "cs", "refresh_token": "refresh"}"#,
        );
        let google = Google::default();
        let store = builder(&location(&file)).expect("a builder").with_http_connector(google.clone());
        let store = store.build().expect("a client");
        for _ in 0..2 {
            store.delete(&Path::from("key")).await.expect("deleted");
        }
        let log = google.0.lock().clone();
        assert_eq!(log.len(), 4, "{log:#?}");
        assert!(
            log[0].starts_with("https://accounts.google.com/") && log[0].contains("refresh_token=refresh")
        );
        assert_eq!(log[1], "http://store/bucket/key Bearer token-1");
        // A token that ended is not used again.
        assert_eq!(log[3], "http://store/bucket/key Bearer token-3");
    }

    #[test]
    fn credentials_that_cannot_be_used_are_named_and_not_shown() {
        let other = file(r#"{"type": "external_account", "secret": "shown"}"#);
        let error = build(&location(&other)).expect_err("another type").to_string();
        assert!(error.contains("\"external_account\", which is not supported"), "{error}");
        assert!(!error.contains("shown"), "{error}");
        assert!(build(&location(&file("{}"))).is_err());
    }
}
