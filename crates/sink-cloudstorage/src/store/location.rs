//! Where a store is: plain data, made from a URI.

use super::Secret;
use object_store::path::Path;
use std::{fmt, path::PathBuf};

/// Where a store is. Shows itself as a URI without options, and so without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A directory of this machine, created when missing.
    File(PathBuf),
    /// A bucket of S3.
    S3(S3Location),
    /// A bucket of Google Cloud Storage.
    Gcs(GcsLocation),
    /// A container of Azure Blob Storage.
    Azure(AzureLocation),
    /// A store in this process, found again by its name.
    Memory {
        /// Its name: the host of the URI.
        name: String,
        /// Where in it the sink's root is.
        prefix: Path,
    },
    /// A store that keeps nothing.
    Noop,
}

/// A bucket of S3, or of something that speaks like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Location {
    /// The bucket.
    pub bucket: String,
    /// Where in it the sink's root is.
    pub prefix: Path,
    /// The server; `None` for Amazon's of the region.
    pub endpoint: Option<String>,
    /// The region; `None` for the environment's, or `us-east-1`.
    pub region: Option<String>,
    /// Who asks; `None` for what the `AWS_*` environment or the machine's role says.
    pub credentials: Option<S3Credentials>,
    /// The bucket is in the path of a request and not in its host.
    pub force_path_style: bool,
    /// The class of objects, such as `STANDARD_IA`; `None` for the bucket's.
    pub storage_class: Option<String>,
    /// How objects are encrypted at rest: `AES256` or `aws:kms`.
    pub encryption: Option<String>,
    /// The key for `aws:kms`.
    pub kms_key_id: Option<String>,
    /// The profile of AWS's shared files that asks, if there are no `credentials`.
    pub profile: Option<String>,
    /// The role that whoever asks takes on.
    pub role: Option<S3Role>,
    /// Who may do what with objects, such as `bucket-owner-full-control`; `None` for the bucket's rules.
    pub acl: Option<String>,
    /// Requests go by way of the nearest of Amazon's edge locations.
    pub accelerate: bool,
    /// The bucket keeps versions under lock, and wants checksums.
    pub object_lock: bool,
}

/// A role of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Role {
    /// Its name: `arn:aws:iam::ACCOUNT:role/NAME`.
    pub arn: String,
    /// What its trust policy asks for, if it does.
    pub external_id: Option<Secret>,
}

/// Who asks S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Credentials {
    /// The access key.
    pub access_key: Secret,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token of temporary credentials.
    pub session_token: Option<Secret>,
}

/// A bucket of Google Cloud Storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GcsLocation {
    /// The bucket.
    pub bucket: String,
    /// Where in it the sink's root is.
    pub prefix: Path,
    /// The server; `None` for Google's.
    pub endpoint: Option<String>,
    /// A file with who asks; `None` for what the `GOOGLE_*` environment, gcloud's own file or the machine says.
    pub credentials_file: Option<PathBuf>,
    /// The class of objects, such as `NEARLINE`; `None` for the bucket's.
    pub storage_class: Option<String>,
    /// Who may do what with objects, such as `project-private`; `None` for the bucket's rules.
    pub acl: Option<&'static str>,
}

/// A container of Azure Blob Storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureLocation {
    /// The container.
    pub container: String,
    /// Where in it the sink's root is.
    pub prefix: Path,
    /// The server with the account in it; `None` for Azure's of the account.
    pub endpoint: Option<String>,
    /// The account; `None` for the environment's.
    pub account: Option<String>,
    /// Who asks; `None` for what the `AZURE_*` environment or the machine's identity says.
    pub credentials: Option<AzureCredentials>,
    /// The tier of objects, such as `Cool`; `None` for the account's.
    pub access_tier: Option<String>,
    /// How objects are encrypted at rest; `None` as the container says.
    pub encryption: Option<AzureEncryption>,
}

/// How Azure encrypts objects at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AzureEncryption {
    /// As a scope of the account says.
    Scope(String),
    /// With this key of 32 bytes, in base64. Readers must bring it too.
    Key(Secret),
}

/// Who asks Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AzureCredentials {
    /// Whoever has the key of the account.
    AccountKey(Secret),
    /// Whoever has a shared access signature.
    SasToken(Secret),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bucket = |scheme: &str, name: &str, prefix: &Path| {
            let slash = if prefix.is_root() { "" } else { "/" };
            write!(f, "{scheme}://{name}{slash}{prefix}")
        };
        match self {
            Self::S3(s3) => bucket("s3", &s3.bucket, &s3.prefix),
            Self::Gcs(gcs) => bucket("gcs", &gcs.bucket, &gcs.prefix),
            Self::Azure(azure) => bucket("azure", &azure.container, &azure.prefix),
            Self::Memory { name, prefix } => bucket("memory", name, prefix),
            Self::File(directory) => write!(f, "file://{}", directory.display()),
            Self::Noop => f.write_str("noop://"),
        }
    }
}
