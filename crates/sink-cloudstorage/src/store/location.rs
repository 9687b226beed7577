//! Where a store is: plain data, made from a URI.

use super::Secret;
use object_store::path::Path;
use std::{fmt, path::PathBuf};

/// Where a store is. Shows itself as a URI without options, and so without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A directory of this machine, created when missing.
    File(PathBuf),
    /// A bucket.
    S3(S3Location),
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
    /// How objects are encrypted at rest: `AES256` or `aws:kms`.
    pub encryption: Option<String>,
    /// The key for `aws:kms`.
    pub kms_key_id: Option<String>,
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

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bucket = |scheme: &str, name: &str, prefix: &Path| {
            let slash = if prefix.is_root() { "" } else { "/" };
            write!(f, "{scheme}://{name}{slash}{prefix}")
        };
        match self {
            Self::S3(s3) => bucket("s3", &s3.bucket, &s3.prefix),
            Self::Memory { name, prefix } => bucket("memory", name, prefix),
            Self::File(directory) => write!(f, "file://{}", directory.display()),
            Self::Noop => f.write_str("noop://"),
        }
    }
}
