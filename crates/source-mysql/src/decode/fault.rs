//! Why bytes could not be decoded, before anyone says where they are.

use crate::Error;
use std::borrow::Cow;

/// What is wrong with some bytes; [`Fault::at`] adds the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// They contradict themselves.
    Corrupt(Cow<'static, str>),
    /// They are fine, but nothing we can turn into a change event.
    Unsupported(Cow<'static, str>),
    /// One of those, in an event of another place than that of the one which brought it to light.
    Elsewhere(Box<Elsewhere>),
}

/// A fault and its own place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) fault: Fault,
    pub(crate) file: String,
    pub(crate) offset: u64,
}

impl Fault {
    pub(crate) fn corrupt(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Corrupt(reason.into())
    }

    pub(crate) fn unsupported(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported(what.into())
    }

    /// What is wrong, without a place.
    #[cfg(feature = "server")]
    pub(crate) fn what(&self) -> &str {
        match self {
            Self::Corrupt(what) | Self::Unsupported(what) => what,
            Self::Elsewhere(elsewhere) => elsewhere.fault.what(),
        }
    }

    /// The same with its own place, unless it has one.
    pub(crate) fn placed(self, file: &str, offset: u64) -> Self {
        match self {
            Self::Elsewhere(_) => self,
            fault => Self::Elsewhere(Box::new(Elsewhere { fault, file: file.to_owned(), offset })),
        }
    }

    /// The public error: this fault in the event or transaction at that place.
    pub(crate) fn at(self, file: &str, offset: u64) -> Error {
        let file = file.to_owned();
        match self {
            Self::Elsewhere(elsewhere) => elsewhere.fault.at(&elsewhere.file, elsewhere.offset),
            Self::Corrupt(reason) => Error::Corrupt { file, offset, reason: reason.into_owned() },
            Self::Unsupported(what) => Error::Unsupported { file, offset, what: what.into_owned() },
        }
    }
}

impl From<change_event::RowsError> for Fault {
    fn from(error: change_event::RowsError) -> Self {
        match error {
            change_event::RowsError::Width { .. } => Self::corrupt(error.to_string()),
            change_event::RowsError::ArenaFull => {
                Self::unsupported(format!("{error}; write the rows of one table in smaller transactions"))
            }
        }
    }
}
