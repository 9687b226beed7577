//! Headers that clients have no words for, on the requests that make objects.
//!
//! They are put on below the client, where the request has its signature already. Servers want them signed, so whoever
//! signs is asked again.

use super::listening::Listening;
use async_trait::async_trait;
#[cfg(feature = "s3")]
use object_store::aws::{AwsAuthorizer, AwsCredentialProvider};
#[cfg(feature = "azure")]
use object_store::azure::{AzureAuthorizer, AzureCredential, AzureCredentialProvider};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{ClientOptions, Error, Result};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use std::sync::Arc;

/// Makes HTTP clients that put a header on the requests that make objects.
#[derive(Clone, Debug)]
pub(super) struct Stamping(Arc<Stamp>);

#[derive(Debug)]
struct Stamp {
    name: HeaderName,
    value: HeaderValue,
    signer: Signer,
}

/// Who signs a request again.
#[derive(Debug)]
pub(super) enum Signer {
    /// Nobody: a token says who asks, whatever else a request says.
    #[cfg(feature = "gcs")]
    Nobody,
    #[cfg(feature = "s3")]
    Aws { credentials: AwsCredentialProvider, region: String },
    #[cfg(feature = "azure")]
    Azure { credentials: AzureCredentialProvider, account: String },
}

#[derive(Debug)]
struct Stamped {
    client: HttpClient,
    stamp: Arc<Stamp>,
}

impl Stamping {
    /// # Errors
    /// A value that no header can have.
    pub(super) fn new(name: &'static str, value: &str, signer: Signer) -> Result<Self> {
        let unfit =
            |_| Error::Generic { store: "a header", source: format!("{name} cannot be {value:?}").into() };
        let value = HeaderValue::from_str(value).map_err(unfit)?;
        Ok(Self(Arc::new(Stamp { name: HeaderName::from_static(name), value, signer })))
    }
}

impl HttpConnector for Stamping {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        let client = Listening::default().connect(options)?;
        Ok(HttpClient::new(Stamped { client, stamp: self.0.clone() }))
    }
}

#[async_trait]
impl HttpService for Stamped {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if self.stamp.signer.is_of_what_makes_an_object(&request) {
            request.headers_mut().insert(self.stamp.name.clone(), self.stamp.value.clone());
            if request.headers().contains_key(AUTHORIZATION) {
                let signed = self.stamp.signer.sign(&mut request).await;
                signed.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
            }
        }
        self.client.execute(request).await
    }
}

impl Signer {
    /// Whether a request makes an object, or begins or ends one in parts.
    fn is_of_what_makes_an_object(&self, request: &HttpRequest) -> bool {
        let query = request.uri().query().unwrap_or_default();
        let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        let whole = request.method() == Method::PUT && !has("partNumber");
        match self {
            // Here each part says it too, as does the list of them: both are `PUT`.
            #[cfg(feature = "azure")]
            Self::Azure { .. } => whole,
            #[cfg(feature = "gcs")]
            Self::Nobody => whole || request.method() == Method::POST && has("uploads"),
            #[cfg(feature = "s3")]
            Self::Aws { .. } => whole || request.method() == Method::POST && has("uploads"),
        }
    }

    #[cfg_attr(
        not(any(feature = "azure", feature = "s3")),
        expect(unused_variables, reason = "where a token says who asks, nothing is signed")
    )]
    async fn sign(&self, request: &mut HttpRequest) -> Result<()> {
        match self {
            #[cfg(feature = "gcs")]
            Self::Nobody => Ok(()),
            #[cfg(feature = "s3")]
            Self::Aws { credentials, region } => {
                let credential = credentials.get_credential().await?;
                let digest = request.headers().get("x-amz-content-sha256").and_then(digest);
                let authorizer = AwsAuthorizer::new(&credential, "s3", region);
                let authorizer = authorizer.with_sign_payload(digest.is_some());
                authorizer.try_authorize(request, digest.as_deref())
            }
            #[cfg(feature = "azure")]
            Self::Azure { credentials, account } => {
                let credential = credentials.get_credential().await?;
                if let AzureCredential::AccessKey(_) = &*credential {
                    request.headers_mut().remove(AUTHORIZATION);
                    AzureAuthorizer::new(&credential, account).try_authorize(request)?;
                }
                Ok(())
            }
        }
    }
}

/// The digest of the body that a request was signed with; `None` if its body is not signed.
#[cfg(feature = "s3")]
fn digest(header: &HeaderValue) -> Option<Vec<u8>> {
    let hex = header.to_str().ok().filter(|hex| hex.len() == 64)?;
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(all(test, feature = "s3"))]
mod tests {
    use super::{Signer, Stamp, Stamped, digest};
    use async_trait::async_trait;
    use bytes::Bytes;
    use object_store::StaticCredentialProvider;
    use object_store::aws::{AwsAuthorizer, AwsCredential};
    use object_store::client::{
        HttpClient, HttpError, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
    };
    use parking_lot::Mutex;
    use reqwest::Method;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use std::sync::Arc;

    /// Keeps the headers of the last request.
    #[derive(Debug, Default)]
    struct Kept(Mutex<HeaderMap>);

    #[derive(Debug)]
    struct Keeping(Arc<Kept>);

    #[async_trait]
    impl HttpService for Keeping {
        async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
            *self.0.0.lock() = request.headers().clone();
            Ok(HttpResponse::new(HttpResponseBody::from(Bytes::new())))
        }
    }

    fn credential() -> AwsCredential {
        AwsCredential {
            key_id: "key".to_owned(),
            secret_key: "secret".to_owned(),
            token: Some("token".to_owned()),
        }
    }

    /// What a request comes to, that was signed before.
    async fn sent(method: Method, url: &str, signs_body: bool) -> (HeaderMap, HeaderMap) {
        let kept = Arc::new(Kept::default());
        let credentials = Arc::new(StaticCredentialProvider::new(credential()));
        let stamp = Stamp {
            name: HeaderName::from_static("x-amz-acl"),
            value: HeaderValue::from_static("private"),
            signer: Signer::Aws { credentials, region: "eu-north-1".to_owned() },
        };
        let service = Stamped { client: HttpClient::new(Keeping(kept.clone())), stamp: Arc::new(stamp) };
        let mut request = HttpRequest::new(Bytes::from_static(b"row").into());
        (*request.method_mut(), *request.uri_mut()) = (method, url.parse().expect("a URL"));
        let credential = credential();
        let authorizer = AwsAuthorizer::new(&credential, "s3", "eu-north-1").with_sign_payload(signs_body);
        authorizer.try_authorize(&mut request, None).expect("a signature");
        let before = request.headers().clone();
        service.call(request).await.expect("an answer");
        (before, kept.0.lock().clone())
    }

    #[tokio::test]
    async fn what_makes_an_object_is_stamped_and_signed_again() {
        for (method, url) in
            [(Method::PUT, "http://h/bucket/key"), (Method::POST, "http://h/bucket/key?uploads=")]
        {
            for signs_body in [true, false] {
                let (before, after) = sent(method.clone(), url, signs_body).await;
                assert_eq!(after["x-amz-acl"], "private");
                assert_eq!(after.get_all("authorization").iter().count(), 1);
                let signature = after["authorization"].to_str().expect("text");
                assert!(
                    signature.contains("x-amz-acl;") && signature.contains("/eu-north-1/s3/"),
                    "{signature}"
                );
                assert_ne!(before["authorization"], after["authorization"]);
                assert_eq!(before["x-amz-content-sha256"], after["x-amz-content-sha256"]);
                assert_eq!(after["x-amz-security-token"], "token");
            }
        }
    }

    #[tokio::test]
    async fn what_makes_none_is_left_alone() {
        for (method, url) in [
            (Method::GET, "http://h/bucket/key"),
            (Method::DELETE, "http://h/bucket/key"),
            (Method::PUT, "http://h/bucket/key?partNumber=1&uploadId=x"),
            (Method::POST, "http://h/bucket/key?uploadId=x"),
            (Method::POST, "http://h/bucket?delete"),
        ] {
            let (before, after) = sent(method.clone(), url, true).await;
            assert_eq!(before, after, "{method} {url}");
        }
    }

    #[test]
    fn a_body_that_is_not_signed_has_no_digest() {
        assert_eq!(digest(&HeaderValue::from_static("UNSIGNED-PAYLOAD")), None);
        let hex = "00ff".repeat(16);
        assert_eq!(digest(&HeaderValue::from_str(&hex).expect("hex")), Some([0, 255].repeat(16)));
    }
}
