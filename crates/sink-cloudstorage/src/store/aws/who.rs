//! From a location and the environment to a client's credentials.
//!
//! | asks | where |
//! |---|---|
//! | the keys | of the URI |
//! | the profile | of the URI |
//! | the keys, or the role of a token | of the environment |
//! | the profile | that the environment names, or `default` if it has credentials |
//! | the role | of the container or the machine |
//!
//! The first that is there. Whoever it is takes on the role of the URI then.

use super::profile::{Base, Files, Profile, ProfileError};
use super::role::{Role, Sts, TakenOn};
use crate::store::location::S3Credentials;
use crate::store::{S3Location, client};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key, AwsCredentialProvider};
use object_store::client::{HttpConnector, ReqwestConnector};
use object_store::{Error, Result};
use std::sync::Arc;
use std::time::Duration;

/// How long a token service may take: requests to the store wait meanwhile.
const STS_TIMEOUT: Duration = Duration::from_secs(30);

/// What the `AWS_*` environment says.
pub(in crate::store) struct Environment(AmazonS3Builder);

impl Environment {
    pub(in crate::store) fn read() -> Self {
        Self(AmazonS3Builder::from_env())
    }

    /// The first of these settings that is set and not empty.
    pub(in crate::store) fn first<const N: usize>(&self, keys: [Key; N]) -> Option<String> {
        let mut values = keys.iter().filter_map(|key| self.0.get_config_value(key));
        values.find(|value| !value.is_empty())
    }

    fn has(&self, key: Key) -> bool {
        self.first([key]).is_some()
    }
}

/// Who asks: a client's builder with the first credentials, and the roles to take on with them.
pub(in crate::store) struct Asker {
    /// Says who asks, and beside that no more than the environment.
    pub(in crate::store) builder: AmazonS3Builder,
    /// Taken on one after the other.
    pub(in crate::store) roles: Roles,
    /// The region of its profile.
    pub(in crate::store) region: Option<String>,
}

/// Roles, each taken on with the credentials of the one before.
pub(in crate::store) struct Roles(Vec<Role>);

impl Asker {
    /// Finds out who asks. The environment is never mixed with the keys of a URI or a profile: a session token that is left
    /// in it would be sent along with them.
    ///
    /// # Errors
    /// A profile that cannot be used.
    pub(in crate::store) fn of(location: &S3Location, environment: Environment) -> Result<Self> {
        let role = location.role.as_ref().map(|role| Role {
            arn: role.arn.clone(),
            external_id: role.external_id.clone(),
            session: environment.first([Key::RoleSessionName]),
        });
        let mut asker = match &location.credentials {
            Some(keys) => Self { builder: of_keys(keys), roles: Roles(Vec::new()), region: None },
            None => Self::by_profile(location.profile.as_deref(), environment).map_err(unusable)?,
        };
        asker.roles.0.extend(role);
        Ok(asker)
    }

    fn by_profile(named: Option<&str>, environment: Environment) -> Result<Self, ProfileError> {
        let is_pod = environment.has(Key::WebIdentityTokenFile) && environment.has(Key::RoleArn);
        let knows = environment.has(Key::AccessKeyId) || environment.has(Key::SecretAccessKey) || is_pod;
        let in_environment = || std::env::var("AWS_PROFILE").ok().filter(|profile| !profile.is_empty());
        let profile = match named {
            Some(named) => Some(Files::read()?.profile(named)?),
            None if knows => None,
            None => match in_environment() {
                Some(named) => Some(Files::read()?.profile(&named)?),
                None => {
                    let files = Files::read()?;
                    files.has_credentials("default").then(|| files.profile("default")).transpose()?
                }
            },
        };
        Ok(match profile {
            None => Self { builder: environment.0, roles: Roles(Vec::new()), region: None },
            Some(Profile { base, roles, region }) => {
                Self { builder: of_base(&base, &environment), roles: Roles(roles), region }
            }
        })
    }
}

impl Roles {
    pub(in crate::store) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who asks in the end, if `first` asks for the first role. `endpoint` hands them out; `None` is Amazon's.
    ///
    /// # Errors
    /// An HTTP client that cannot be made.
    pub(in crate::store) fn taken_on(
        self,
        first: AwsCredentialProvider,
        endpoint: Option<String>,
        region: String,
    ) -> Result<AwsCredentialProvider> {
        let endpoint = endpoint.unwrap_or_else(|| endpoint_in(&region));
        let options = client::options(Some(&endpoint)).with_timeout(STS_TIMEOUT);
        let client = ReqwestConnector::default().connect(&options)?;
        let sts = Sts { client, endpoint, region };
        Ok(self.0.into_iter().fold(first, |by, role| Arc::new(TakenOn::new(role, sts.clone(), by))))
    }
}

/// Amazon's token service of a region.
fn endpoint_in(region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://sts.{region}.{domain}")
}

fn of_keys(keys: &S3Credentials) -> AmazonS3Builder {
    let builder = AmazonS3Builder::new()
        .with_access_key_id(keys.access_key.reveal())
        .with_secret_access_key(keys.secret_access_key.reveal());
    match &keys.session_token {
        Some(token) => builder.with_token(token.reveal()),
        None => builder,
    }
}

fn of_base(base: &Base, environment: &Environment) -> AmazonS3Builder {
    let keep = |keys: &[Key]| {
        keys.iter().fold(AmazonS3Builder::new(), |builder, key| match environment.first([*key]) {
            Some(value) => builder.with_config(*key, value),
            None => builder,
        })
    };
    match base {
        Base::Keys(keys) => of_keys(keys),
        Base::Environment => keep(&[Key::AccessKeyId, Key::SecretAccessKey, Key::Token]),
        Base::Container => keep(&[
            Key::ContainerCredentialsRelativeUri,
            Key::ContainerCredentialsFullUri,
            Key::ContainerAuthorizationTokenFile,
        ]),
        Base::Instance => keep(&[Key::MetadataEndpoint, Key::ImdsV1Fallback]),
        Base::WebIdentity { token_file, role } => keep(&[Key::StsEndpoint])
            .with_config(Key::WebIdentityTokenFile, token_file)
            .with_config(Key::RoleArn, &role.arn)
            .with_config(Key::RoleSessionName, role.session.as_deref().unwrap_or("spillway")),
    }
}

fn unusable(error: ProfileError) -> Error {
    Error::Generic { store: "S3", source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::endpoint_in;

    #[test]
    fn every_part_of_the_world_has_its_own_token_service() {
        assert_eq!(endpoint_in("eu-north-1"), "https://sts.eu-north-1.amazonaws.com");
        assert_eq!(endpoint_in("cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn");
    }
}
