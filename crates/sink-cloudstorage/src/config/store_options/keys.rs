//! Every key that is about some kinds of store, which stands in their URIs alone.

use crate::config::ConfigError;

/// The kinds of store that have options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum StoreKind {
    S3,
    Gcs,
    Azure,
}

use StoreKind::{Azure, Gcs, S3};

const KEYS: &[(&str, &[StoreKind])] = &[
    ("endpoint", &[S3, Gcs, Azure]),
    ("region", &[S3]),
    ("storage-class", &[S3, Gcs]),
    ("sse", &[S3]),
    ("sse-kms-key-id", &[S3]),
    ("acl", &[S3]),
    ("access-key", &[S3]),
    ("secret-access-key", &[S3]),
    ("session-token", &[S3]),
    ("provider", &[S3]),
    ("force-path-style", &[S3]),
    ("use-accelerate-endpoint", &[S3]),
    ("role-arn", &[S3]),
    ("external-id", &[S3]),
    ("profile", &[S3]),
    ("object-lock-enabled", &[S3]),
    ("credentials-file", &[Gcs]),
    ("predefined-acl", &[Gcs]),
    ("account-name", &[Azure]),
    ("account-key", &[Azure]),
    ("sas-token", &[Azure]),
    ("access-tier", &[Azure]),
    ("encryption-scope", &[Azure]),
    ("encryption-key", &[Azure]),
];

/// Finds a key, and the kinds of store that it is about.
pub(in crate::config) fn find(key: &str) -> Option<(&'static str, &'static [StoreKind])> {
    KEYS.iter().copied().find(|(name, _)| *name == key)
}

/// Every key.
pub(in crate::config) fn names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(name, _)| *name)
}

/// That a key about some kinds of store stands in the URI of another.
pub(in crate::config) fn misplaced(key: &'static str, kinds: &[StoreKind]) -> ConfigError {
    ConfigError::Misplaced { key, place: "this sink URI", right_place: right_place(kinds) }
}

/// Where a key about some kinds of store belongs.
pub(in crate::config) fn right_place(kinds: &[StoreKind]) -> &'static str {
    match kinds {
        [S3, ..] | [] => "the sink URI of an s3 bucket",
        [Gcs, ..] => "the sink URI of a gcs bucket",
        [Azure, ..] => "the sink URI of an azure container",
    }
}

impl StoreKind {
    /// The kind of store that a scheme names, if it is one with options.
    pub(in crate::config) fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme {
            "s3" => Some(S3),
            "gcs" | "gs" => Some(Gcs),
            "azure" | "azblob" => Some(Azure),
            _ => None,
        }
    }

    /// How a URI of it is written, with what stands for its place.
    pub(super) fn example(self) -> &'static str {
        match self {
            S3 => "s3://bucket/prefix",
            Gcs => "gcs://bucket/prefix",
            Azure => "azure://container/prefix",
        }
    }
}
