//! A role that is taken on, with credentials that are renewed before they end.
//!
//! ```text
//!  handed out ──────────── half of its life, or 5 minutes before its end ── end
//!              used                 renewed; used on if that fails
//! ```

use crate::store::Secret;
use async_trait::async_trait;
use jiff::Timestamp;
use object_store::aws::{AwsAuthorizer, AwsCredential, AwsCredentialProvider};
use object_store::client::{HttpClient, HttpError, HttpRequest};
use object_store::{CredentialProvider, Error};
use serde::Deserialize;
use stage_writer::wall_millis;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error as ThisError;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::form_urlencoded;

/// How long before their end credentials are renewed, unless they live shorter than twice that.
const EARLY: Duration = Duration::from_secs(300);
/// How long after a renewal that failed the next one is tried, while the old credentials are good.
const AGAIN: Duration = Duration::from_secs(10);
/// So much of an answer is told.
const TOLD: usize = 500;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// Its name.
    pub(super) arn: String,
    /// What its trust policy may ask for.
    pub(super) external_id: Option<Secret>,
    /// What the log of AWS calls who took it on.
    pub(super) session: Option<String>,
}

/// Where roles are handed out: the security token service.
#[derive(Clone, Debug)]
pub(super) struct Sts {
    pub(super) client: HttpClient,
    pub(super) endpoint: String,
    pub(super) region: String,
}

/// A role that is taken on with the credentials of somebody else.
pub(super) struct TakenOn {
    role: Role,
    sts: Sts,
    by: AwsCredentialProvider,
    /// Held while they are renewed: who comes meanwhile waits for the new ones.
    current: Mutex<Option<Session>>,
}

/// Credentials, and until when.
struct Session {
    credential: Arc<AwsCredential>,
    renew: Instant,
    end: Instant,
}

/// Why a role could not be taken on.
#[derive(Debug, ThisError)]
enum RoleError {
    #[error("cannot assume the role {arn}: {endpoint} answers {status}: {body}")]
    Refused { arn: String, endpoint: String, status: u16, body: String },
    #[error("cannot assume the role {arn}: {endpoint} does not answer")]
    NoAnswer { arn: String, endpoint: String, source: HttpError },
    #[error("cannot assume the role {arn}: {endpoint} answers what is no answer to that")]
    Unreadable { arn: String, endpoint: String },
}

impl TakenOn {
    pub(super) fn new(role: Role, sts: Sts, by: AwsCredentialProvider) -> Self {
        Self { role, sts, by, current: Mutex::default() }
    }

    async fn ask(&self) -> Result<Session, Error> {
        let by = self.by.get_credential().await?;
        let request = self.request(&by)?;
        let (arn, endpoint) = (self.role.arn.clone(), self.sts.endpoint.clone());
        let sent = async {
            let answer = self.sts.client.execute(request).await?;
            let status = answer.status().as_u16();
            Ok((status, answer.into_body().bytes().await?))
        };
        let (status, body) = match sent.await {
            Ok(answered) => answered,
            Err(source) => return Err(generic(RoleError::NoAnswer { arn, endpoint, source })),
        };
        let body = String::from_utf8_lossy(&body);
        match status {
            200 => session(&body).ok_or_else(|| generic(RoleError::Unreadable { arn, endpoint })),
            _ => {
                let path = arn.clone();
                let body = body.chars().take(TOLD).collect();
                let source = RoleError::Refused { arn, endpoint, status, body }.into();
                Err(match status {
                    401 | 403 => Error::PermissionDenied { path, source },
                    _ => Error::Generic { store: "S3", source },
                })
            }
        }
    }

    /// As the `AssumeRole` of the service's version 2011-06-15 wants it.
    fn request(&self, by: &AwsCredential) -> Result<HttpRequest, Error> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "AssumeRole").append_pair("Version", "2011-06-15");
        form.append_pair("RoleArn", &self.role.arn);
        form.append_pair("RoleSessionName", self.role.session.as_deref().unwrap_or("spillway"));
        if let Some(id) = &self.role.external_id {
            form.append_pair("ExternalId", id.reveal());
        }
        let mut request = HttpRequest::new(form.finish().into());
        let endpoint = format!("{}/", self.sts.endpoint);
        let malformed = |_| Error::Generic {
            store: "S3",
            source: format!("{} is no URL of a security token service", self.sts.endpoint).into(),
        };
        *request.uri_mut() = endpoint.parse().map_err(malformed)?;
        *request.method_mut() = reqwest::Method::POST;
        let kind =
            reqwest::header::HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
        request.headers_mut().insert(reqwest::header::CONTENT_TYPE, kind);
        AwsAuthorizer::new(by, "sts", &self.sts.region).try_authorize(&mut request, None)?;
        Ok(request)
    }
}

#[async_trait]
impl CredentialProvider for TakenOn {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> Result<Arc<AwsCredential>, Error> {
        let mut current = self.current.lock().await;
        if let Some(session) = current.as_ref().filter(|session| Instant::now() < session.renew) {
            return Ok(session.credential.clone());
        }
        match self.ask().await {
            Ok(session) => Ok(current.insert(session).credential.clone()),
            Err(error) => match current.as_mut().filter(|session| Instant::now() < session.end) {
                Some(session) => {
                    tracing::warn!(role = self.role.arn, %error, "credentials could not be renewed; they are still good");
                    session.renew = Instant::now() + AGAIN;
                    Ok(session.credential.clone())
                }
                None => Err(error),
            },
        }
    }
}

/// Shows no credentials.
impl fmt::Debug for TakenOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakenOn").field("role", &self.role).finish_non_exhaustive()
    }
}

fn generic(error: RoleError) -> Error {
    Error::Generic { store: "S3", source: error.into() }
}

// No `Debug` on any of these: they have secrets in them, and so may a parser's error.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    assume_role_result: Given,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    credentials: Credentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

fn session(body: &str) -> Option<Session> {
    let answer: Answer = quick_xml::de::from_str(body).ok()?;
    let given = answer.assume_role_result.credentials;
    let end: Timestamp = given.expiration.parse().ok()?;
    let life = u64::try_from(end.as_millisecond()).ok()?.saturating_sub(wall_millis());
    let life = Duration::from_millis(life);
    let credential = AwsCredential {
        key_id: given.access_key_id,
        secret_key: given.secret_access_key,
        token: Some(given.session_token),
    };
    let now = Instant::now();
    Some(Session {
        credential: Arc::new(credential),
        renew: now + life - EARLY.min(life / 2),
        end: now + life,
    })
}

#[cfg(test)]
mod tests {
    use super::{EARLY, session};
    use stage_writer::wall_millis;
    use std::time::Duration;
    use tokio::time::Instant;

    fn answer(expiration: &str) -> String {
        format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
             <Arn>arn:x</Arn></AssumedRoleUser><Credentials><SessionToken>t/o+k=</SessionToken><SecretAccessKey>s\
             </SecretAccessKey><Expiration>{expiration}</Expiration><AccessKeyId>k</AccessKeyId></Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>"
        )
    }

    #[test]
    fn credentials_are_renewed_well_before_their_end() {
        let session = |life: i64| {
            let millis = i64::try_from(wall_millis()).unwrap() + life * 1000;
            let end = jiff::Timestamp::from_millisecond(millis).unwrap();
            session(&answer(&end.to_string())).expect("credentials")
        };
        let long = session(3600);
        assert_eq!(long.credential.token.as_deref(), Some("t/o+k="));
        assert_eq!(long.end - long.renew, EARLY);
        let short = session(60);
        let early = short.end - short.renew;
        assert!(!early.is_zero() && early <= Duration::from_secs(30), "{early:?}");
    }

    #[test]
    fn what_has_ended_already_or_is_none_is_seen() {
        let ended = session(&answer("2020-01-01T00:00:00Z")).expect("credentials");
        assert!(ended.end <= Instant::now());
        assert!(session(&answer("soon")).is_none());
        assert!(session("<html>").is_none());
    }
}
