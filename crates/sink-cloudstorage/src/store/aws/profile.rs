//! A profile of AWS's shared files, followed to its keys and roles.

use super::ini::{Section, sections};
use super::role::Role;
use crate::store::Secret;
use crate::store::location::S3Credentials;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};
use thiserror::Error;

/// Who a profile is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// Who asks for the first role, or for the bucket if there is none.
    pub(super) base: Base,
    /// Roles to take on, each with the credentials of the one before.
    pub(super) roles: Vec<Role>,
    /// The region that it names.
    pub(super) region: Option<String>,
}

/// Where a profile's first credentials come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// They stand in the files.
    Keys(S3Credentials),
    /// `credential_source`: the environment's keys.
    Environment,
    /// `credential_source`: the container's role.
    Container,
    /// `credential_source`: the machine's role.
    Instance,
    /// A token in a file, for a role.
    WebIdentity { token_file: String, role: Role },
}

/// A profile that cannot be used: correct it, or choose another.
#[derive(Debug, Error)]
pub(super) enum ProfileError {
    #[error("there is no profile {0:?} in {1}")]
    Missing(String, String),
    #[error("the profile {0:?} has no credentials: it has neither keys nor a role with a source")]
    Empty(String),
    #[error("the profile {0:?} has one of aws_access_key_id and aws_secret_access_key, and needs both")]
    HalfKeys(String),
    #[error("the profile {0:?} is its own source, by way of others")]
    Circle(String),
    #[error("the profile {0:?} sets {1}, which is not supported; use one with keys, or with a role")]
    NotSupported(String, &'static str),
    #[error(
        "the profile {0:?} sets credential_source to {1:?}; it can be Environment, Ec2InstanceMetadata or EcsContainer"
    )]
    CredentialSource(String, String),
    #[error("cannot read {0}: {1}")]
    Unreadable(String, io::Error),
}

/// Both files, as one.
#[derive(Debug)]
pub(super) struct Files {
    profiles: BTreeMap<String, Section>,
    /// What errors call them.
    names: String,
}

/// Ways to credentials that nobody takes here.
const NOT_SUPPORTED: [&str; 4] = ["credential_process", "sso_session", "sso_start_url", "mfa_serial"];

impl Files {
    /// Reads the files that the environment names, or those of the user.
    ///
    /// # Errors
    /// A file that is there and cannot be read. One that is not there is empty.
    pub(super) fn read() -> Result<Self, ProfileError> {
        let home = env::var_os("HOME").map(PathBuf::from);
        let file = |variable, name: &str| {
            let named = env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
            named.or_else(|| Some(home.as_ref()?.join(".aws").join(name)))
        };
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        let config = file("AWS_CONFIG_FILE", "config");
        let mut names = Vec::new();
        let mut text = |path: &Option<PathBuf>| {
            let Some(path) = path else { return Ok(String::new()) };
            names.push(path.display().to_string());
            text_of(path)
        };
        let texts = (text(&credentials)?, text(&config)?);
        Ok(Self::new(&texts.0, &texts.1, &names.join(" or ")))
    }

    fn new(credentials: &str, config: &str, names: &str) -> Self {
        let mut profiles = BTreeMap::<String, Section>::new();
        let config = sections(config).into_iter().filter_map(|(name, section)| {
            let profile = name.strip_prefix("profile ").or((name == "default").then_some("default"))?;
            Some((profile.to_owned(), section))
        });
        // Of what stands in both, that in the file of the credentials counts.
        for (name, section) in config.chain(sections(credentials)) {
            profiles.entry(name).or_default().extend(section);
        }
        Self { profiles, names: names.to_owned() }
    }

    /// Whether there is such a profile, with anything that leads to credentials.
    pub(super) fn has_credentials(&self, name: &str) -> bool {
        let leads = ["aws_access_key_id", "aws_secret_access_key", "role_arn"];
        let leads = leads.iter().chain(&NOT_SUPPORTED);
        self.profiles.get(name).is_some_and(|profile| leads.into_iter().any(|key| profile.contains_key(*key)))
    }

    /// Follows a profile to its keys and roles.
    ///
    /// # Errors
    /// A profile that is not there, or leads nowhere.
    pub(super) fn profile(&self, name: &str) -> Result<Profile, ProfileError> {
        let region = self.section(name)?.get("region").filter(|region| !region.is_empty()).cloned();
        let mut roles = Vec::new();
        let mut seen = vec![name];
        let mut at = name;
        let base = loop {
            let section = self.section(at)?;
            let get = |key: &str| section.get(key).filter(|value| !value.is_empty());
            if let Some(key) = NOT_SUPPORTED.into_iter().find(|key| get(key).is_some()) {
                return Err(ProfileError::NotSupported(at.to_owned(), key));
            }
            // A profile may be its own source: its role is taken on with its keys.
            let came_back = seen.iter().filter(|seen| **seen == at).count() > 1;
            let arn = get("role_arn").filter(|_| !came_back);
            let Some(arn) = arn else { break Base::Keys(keys(at, section)?) };
            let role = Role {
                arn: arn.clone(),
                external_id: get("external_id").map(Secret::new),
                session: get("role_session_name").cloned(),
            };
            if let Some(token_file) = get("web_identity_token_file") {
                break Base::WebIdentity { token_file: token_file.clone(), role };
            }
            roles.push(role);
            match (get("source_profile"), get("credential_source").map(String::as_str)) {
                (Some(source), _) => {
                    if seen.contains(&source.as_str()) && source != at {
                        return Err(ProfileError::Circle(name.to_owned()));
                    }
                    seen.push(source);
                    at = source;
                }
                (None, Some("Environment")) => break Base::Environment,
                (None, Some("EcsContainer")) => break Base::Container,
                (None, Some("Ec2InstanceMetadata")) => break Base::Instance,
                (None, Some(other)) => {
                    return Err(ProfileError::CredentialSource(at.to_owned(), other.to_owned()));
                }
                (None, None) => return Err(ProfileError::Empty(at.to_owned())),
            }
        };
        roles.reverse();
        Ok(Profile { base, roles, region })
    }

    fn section(&self, name: &str) -> Result<&Section, ProfileError> {
        let missing = || ProfileError::Missing(name.to_owned(), self.names.clone());
        self.profiles.get(name).ok_or_else(missing)
    }
}

fn keys(name: &str, section: &Section) -> Result<S3Credentials, ProfileError> {
    let get = |key: &str| section.get(key).filter(|value| !value.is_empty()).map(Secret::new);
    match (get("aws_access_key_id"), get("aws_secret_access_key")) {
        (Some(access_key), Some(secret_access_key)) => {
            Ok(S3Credentials { access_key, secret_access_key, session_token: get("aws_session_token") })
        }
        (None, None) => Err(ProfileError::Empty(name.to_owned())),
        _ => Err(ProfileError::HalfKeys(name.to_owned())),
    }
}

fn text_of(path: &Path) -> Result<String, ProfileError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(ProfileError::Unreadable(path.display().to_string(), error))
        }
        read => Ok(read.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Base, Files, Profile};

    const CREDENTIALS: &str = "\
[default]
aws_access_key_id = default-key
aws_secret_access_key = shown
[temporary]
aws_access_key_id = temporary-key
aws_secret_access_key = shown
aws_session_token = shown
[half]
aws_access_key_id = half-key
[itself]
aws_access_key_id = itself-key
aws_secret_access_key = shown
";
    const CONFIG: &str = "\
[default]
region = eu-north-1
[profile far]
role_arn = arn:far
source_profile = near
external_id = shown
region = eu-west-3
[profile near]
role_arn = arn:near
source_profile = default
role_session_name = me
[profile itself]
role_arn = arn:itself
source_profile = itself
[profile machine]
role_arn = arn:machine
credential_source = Ec2InstanceMetadata
[profile somewhere]
role_arn = arn:somewhere
credential_source = Somewhere
[profile pod]
role_arn = arn:pod
web_identity_token_file = /token
[profile one]
role_arn = arn:one
source_profile = two
[profile two]
role_arn = arn:two
source_profile = one
[profile nowhere]
role_arn = arn:nowhere
[profile astray]
role_arn = arn:astray
source_profile = gone
[profile person]
sso_session = company
[profile quiet]
region = eu-west-3
[other]
aws_access_key_id = no-profile
";

    fn files() -> Files {
        Files::new(CREDENTIALS, CONFIG, "the files")
    }

    fn profile(name: &str) -> Profile {
        files().profile(name).expect(name)
    }

    fn arns(profile: &Profile) -> Vec<&str> {
        profile.roles.iter().map(|role| role.arn.as_str()).collect()
    }

    fn key(profile: &Profile) -> &str {
        match &profile.base {
            Base::Keys(keys) => keys.access_key.reveal(),
            other => panic!("no keys: {other:?}"),
        }
    }

    #[test]
    fn keys_come_from_one_file_and_the_region_from_the_other() {
        let default = profile("default");
        assert_eq!((key(&default), default.region.as_deref()), ("default-key", Some("eu-north-1")));
        assert!(default.roles.is_empty());
        let Base::Keys(keys) = profile("temporary").base else { panic!("no keys") };
        assert!(keys.session_token.is_some());
    }

    #[test]
    fn roles_are_taken_on_from_the_source_outwards() {
        let far = profile("far");
        assert_eq!((key(&far), arns(&far)), ("default-key", vec!["arn:near", "arn:far"]));
        assert_eq!(far.region.as_deref(), Some("eu-west-3"));
        assert_eq!(far.roles[0].session.as_deref(), Some("me"));
        assert_eq!(far.roles[1].external_id.as_ref().map(|id| id.reveal()), Some("shown"));
        let itself = profile("itself");
        assert_eq!((key(&itself), arns(&itself)), ("itself-key", vec!["arn:itself"]));
    }

    #[test]
    fn a_machine_and_a_token_can_be_the_source() {
        let machine = profile("machine");
        assert_eq!((&machine.base, arns(&machine)), (&Base::Instance, vec!["arn:machine"]));
        let Base::WebIdentity { token_file, role } = profile("pod").base else { panic!("no token") };
        assert_eq!((token_file.as_str(), role.arn.as_str()), ("/token", "arn:pod"));
    }

    #[test]
    fn what_leads_nowhere_is_told_and_no_secret_shown() {
        for (name, says) in [
            ("gone", "there is no profile \"gone\" in the files"),
            ("other", "there is no profile \"other\""),
            ("astray", "there is no profile \"gone\""),
            ("half", "needs both"),
            ("quiet", "has no credentials"),
            ("nowhere", "neither keys nor a role with a source"),
            ("one", "is its own source"),
            ("person", "sets sso_session, which is not supported"),
            ("somewhere", "can be Environment, Ec2InstanceMetadata or EcsContainer"),
        ] {
            let error = files().profile(name).expect_err(name).to_string();
            assert!(error.contains(says) && !error.contains("shown"), "{name}: {error}");
        }
        let shown = format!("{:?}", ["default", "temporary", "far"].map(profile));
        assert!(!shown.contains("shown"), "{shown}");
    }

    #[test]
    fn a_profile_without_credentials_is_not_where_they_are_looked_for() {
        let found = ["default", "person", "quiet", "gone"].map(|name| files().has_credentials(name));
        assert_eq!(found, [true, true, false, false]);
    }
}
