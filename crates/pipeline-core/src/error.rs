//! What a caller of a pipeline can be told.

use crate::RouteId;
use crate::stage::StageName;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// An error of any stage, boxed at the seam.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a pipeline did not do what was asked. Cheap to clone: every waiter gets the same first error.
#[derive(Clone)]
pub struct Error {
    kind: ErrorKind,
    detail: Option<Arc<Detail>>,
}

/// Where it happened, and why.
#[derive(Default)]
struct Detail {
    stage: Option<StageName>,
    route: Option<RouteId>,
    reason: Option<&'static str>,
    source: Option<BoxError>,
}

/// What the caller of a failed operation does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The pipeline was closed: start a new one, and send everything again that was not flushed.
    Closed,
    /// A stage failed and took the pipeline with it: look at the source, mend its cause, start a new pipeline, and
    /// send everything again that was not flushed.
    Failed,
    /// A stage dropped an element without settling its receipt, which is a defect of that stage, and took the pipeline
    /// with it: mend the stage, start a new pipeline, and send everything again that was not flushed.
    Lost,
    /// A stage left this one element out on purpose ([`Owed::discard`](crate::Owed::discard)): it is in no store, and
    /// sending it again changes nothing. The pipeline goes on; count it as dealt with.
    Discarded,
}

impl Error {
    /// The pipeline is closed.
    pub fn closed() -> Self {
        Self { kind: ErrorKind::Closed, detail: None }
    }

    /// A stage failed.
    pub fn failed(source: impl Into<BoxError>) -> Self {
        Self::with(ErrorKind::Failed, Detail { source: Some(source.into()), ..Detail::default() })
    }

    /// A receipt or marker was dropped unfulfilled.
    pub fn lost() -> Self {
        Self { kind: ErrorKind::Lost, detail: None }
    }

    /// This stage failed. What is an error of the pipeline already stays what it is: it was told where it arose.
    pub(crate) fn of_stage(stage: &StageName, source: BoxError) -> Self {
        match source.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => {
                let (stage, source) = (Some(stage.clone()), Some(source));
                Self::with(ErrorKind::Failed, Detail { stage, source, ..Detail::default() })
            }
        }
    }

    /// This stage dropped an element, or a marker, of this route.
    pub(crate) fn lost_in(stage: StageName, route: Option<RouteId>) -> Self {
        Self::with(ErrorKind::Lost, Detail { stage: Some(stage), route, ..Detail::default() })
    }

    pub(crate) fn discarded(reason: &'static str) -> Self {
        Self::with(ErrorKind::Discarded, Detail { reason: Some(reason), ..Detail::default() })
    }

    fn with(kind: ErrorKind, detail: Detail) -> Self {
        Self { kind, detail: Some(Arc::new(detail)) }
    }

    /// What to do next.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The name of the stage it happened in, if that is known and has one.
    pub fn stage(&self) -> Option<&str> {
        self.detail.as_ref()?.stage.as_ref()?.name()
    }

    /// The route of the element that was lost.
    pub fn route(&self) -> Option<RouteId> {
        self.detail.as_ref()?.route
    }

    /// Why the element was discarded.
    pub fn reason(&self) -> Option<&'static str> {
        self.detail.as_ref()?.reason
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = Detail::default();
        let Detail { stage, route, reason, source: _ } = self.detail.as_deref().unwrap_or(&none);
        match self.kind {
            ErrorKind::Closed => f.write_str("the pipeline is closed"),
            ErrorKind::Discarded => write!(f, "left out on purpose: {}", reason.unwrap_or("no reason given")),
            ErrorKind::Failed => match stage {
                Some(stage) => write!(f, "{stage} failed"),
                None => f.write_str("the pipeline failed"),
            },
            ErrorKind::Lost => {
                match stage {
                    Some(stage) if stage.is_front_door() => {
                        f.write_str("a stage ended before its input did, and left an element")?;
                    }
                    Some(stage) => write!(f, "{stage} dropped an element")?,
                    None => f.write_str("a stage dropped an element")?,
                }
                if let Some(route) = route {
                    write!(f, " of {route}")?;
                }
                f.write_str(" before it was durable")
            }
        }
    }
}

/// With every cause, as `unwrap` and a `main` that returns it print it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.kind)?;
        let mut cause = self.source();
        while let Some(now) = cause {
            write!(f, ": {now}")?;
            cause = now.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.detail.as_ref()?.source.as_deref()?;
        Some(source)
    }
}
