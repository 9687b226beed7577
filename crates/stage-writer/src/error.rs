//! What can go wrong between a batch and a visible file.

use object_store::path::Path;
use std::error::Error as StdError;
use std::fmt;

/// An error of the writer.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The store did not answer or failed, longer than retries last: mend it, then start again from the checkpoint.
    Unavailable,
    /// The store refuses: fix credentials, permissions or the configuration.
    Refused,
    /// The name is taken by somebody else's file: make sure that only one writer owns the directory.
    Conflict,
    /// What stands in the store is not what it should be: look at the named object.
    Corrupt,
    /// The bytes to write could not be read back from where they were kept.
    Unreadable,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), source: None }
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An object that is not what it should be; for a [`Layout`](crate::Layout)'s parsers.
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, what)
    }

    pub(crate) fn conflict(path: &Path) -> Self {
        Self::new(
            ErrorKind::Conflict,
            format!("{path} exists and is not ours; make sure that only one writer owns this directory"),
        )
    }

    pub(crate) fn gone(path: &Path) -> Self {
        Self::new(
            ErrorKind::Conflict,
            format!(
                "{path} is gone, which this run wrote: the target changed meanwhile, it was emptied or replaced"
            ),
        )
    }

    /// What the caller does next.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
