//! What trying again may change about an error.

use super::answer::{Answer, causes};
use object_store::Error;
use std::io;

/// What trying again may change about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may pass by itself. So may unknown failures: networks and servers fail in more ways than can be named.
    MayPass,
    /// There is no room: somebody may make some.
    Full,
    /// Who asks may not, or is not known. Somebody who could write a moment ago may be let in again; for somebody who
    /// could not it is a wrong key or a missing right, and no time heals that.
    NotLetIn,
    /// Waiting changes nothing.
    Final,
}

/// The store that errors of this crate name: a new attempt is what they are made for.
pub(super) const OURS: &str = "remote";

impl Verdict {
    pub(super) fn of(error: &Error) -> Self {
        use Error::*;
        let answer = Answer::of(error);
        match error {
            Generic { store: OURS, .. } => Self::MayPass,
            _ if answer.is_full() => Self::Full,
            _ if causes(error).any(|cause| cause.downcast_ref().is_some_and(is_refusal)) => Self::Final,
            // Some clients say no more of a listing than that it failed. Where a directory may be missing, but nothing
            // is listed then, it is the bucket that is.
            Generic { .. } if answer.is_to_list && answer.status == Some(404) => Self::Final,
            Generic { .. } if answer.is_forbidden() => Self::NotLetIn,
            Generic { .. } => Self::MayPass,
            PermissionDenied { .. } | Unauthenticated { .. } => Self::NotLetIn,
            JoinError { .. } | Precondition { .. } | AlreadyExists { .. } => Self::MayPass,
            // A bucket that is gone has taken the data along: nothing is to be gone on with.
            NotFound { .. } => Self::Final,
            InvalidPath { .. } | NotSupported { .. } | NotModified { .. } | NotImplemented { .. } => {
                Self::Final
            }
            UnknownConfigurationKey { .. } => Self::Final,
            // The enum is not exhaustive: a later kind of failure is as unknown as any.
            _ => Self::MayPass,
        }
    }
}

/// Whether the operating system said no in a way that waiting does not change. A full disk may be emptied.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::*;
    matches!(
        error.kind(),
        PermissionDenied | ReadOnlyFilesystem | NotADirectory | IsADirectory | InvalidFilename
    )
}

#[cfg(test)]
mod tests {
    use super::{OURS, Verdict};
    use object_store::Error;
    use std::fmt;
    use std::io;

    /// An error with a cause, as clients have them.
    #[derive(Debug)]
    struct Because(&'static str, Cause);

    #[derive(Debug)]
    struct Cause(String);

    impl fmt::Display for Cause {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }

    impl std::error::Error for Cause {}

    impl fmt::Display for Because {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}: {}", self.0, self.1)
        }
    }

    impl std::error::Error for Because {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.1)
        }
    }

    fn answered(request: &'static str, status: &str) -> Error {
        let cause = Cause(format!("Server returned non-2xx status code: {status}: "));
        Error::Generic { store: "GCS", source: Because(request, cause).into() }
    }

    #[test]
    fn an_answer_counts_where_the_client_says_only_that_it_failed() {
        let list = "Error performing list request";
        assert_eq!(Verdict::of(&answered(list, "403 Forbidden")), Verdict::NotLetIn);
        assert_eq!(Verdict::of(&answered(list, "401 Unauthorized")), Verdict::NotLetIn);
        assert_eq!(Verdict::of(&answered(list, "404 Not Found")), Verdict::Final);
        assert_eq!(Verdict::of(&answered(list, "500 Internal Server Error")), Verdict::MayPass);
        // A machine whose role was taken away and may come back.
        assert_eq!(
            Verdict::of(&answered("Error performing token request", "404 Not Found")),
            Verdict::MayPass
        );
        assert_eq!(Verdict::of(&answered(list, "507 Insufficient Storage")), Verdict::Full);
    }

    #[test]
    fn a_full_store_is_full_whatever_its_status() {
        let body = "<Error><Code>QuotaExceeded</Code></Error>";
        let denied = Error::PermissionDenied { path: "x".to_owned(), source: body.into() };
        assert_eq!(Verdict::of(&denied), Verdict::Full);
        let denied = Error::PermissionDenied { path: "x".to_owned(), source: "no".into() };
        assert_eq!(Verdict::of(&denied), Verdict::NotLetIn);
    }

    #[test]
    fn the_operating_systems_no_is_final_and_a_full_disk_is_not() {
        let error = |kind| Error::Generic { store: "local", source: io::Error::from(kind).into() };
        assert_eq!(Verdict::of(&error(io::ErrorKind::PermissionDenied)), Verdict::Final);
        assert_eq!(Verdict::of(&error(io::ErrorKind::StorageFull)), Verdict::MayPass);
    }

    #[test]
    fn what_this_crate_made_of_an_error_is_tried_again() {
        let gone = Error::NotFound { path: "upload".to_owned(), source: "NoSuchUpload".into() };
        assert_eq!(Verdict::of(&Error::Generic { store: OURS, source: gone.into() }), Verdict::MayPass);
    }
}
