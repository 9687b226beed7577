//! What a caller of a pipeline can be told.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// An error of any stage, boxed at the seam.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a pipeline did not do what was asked. Cheap to clone: every waiter gets the same first error.
#[derive(Clone)]
pub struct Error {
    kind: ErrorKind,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What the caller of a failed operation does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The pipeline was closed: start a new one, and send everything again that was not flushed.
    Closed,
    /// A stage failed and took the pipeline with it: look at the source, mend its cause, start a new pipeline, and
    /// send everything again that was not flushed.
    Failed,
    /// A stage dropped the element without settling its receipt: a defect of that stage. Send it again.
    Lost,
}

impl Error {
    /// The pipeline is closed.
    pub fn closed() -> Self {
        Self { kind: ErrorKind::Closed, source: None }
    }

    /// A stage failed.
    pub fn failed(source: impl Into<BoxError>) -> Self {
        Self { kind: ErrorKind::Failed, source: Some(Arc::from(source.into())) }
    }

    /// A receipt or marker was dropped unfulfilled.
    pub fn lost() -> Self {
        Self { kind: ErrorKind::Lost, source: None }
    }

    /// What to do next.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Closed => "the pipeline is closed",
            ErrorKind::Failed => "a stage of the pipeline failed",
            ErrorKind::Lost => "a stage dropped the element before it was durable",
        })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind).field("source", &self.source).finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}
