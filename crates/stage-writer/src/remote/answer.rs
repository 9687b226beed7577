//! What a server answered, out of an error and its causes.
//!
//! Clients keep the types of these errors to themselves, so their words have to do. Should these change, a listing that is
//! refused is not told at once any more, and `what_keeps_a_bucket_from_being_written_is_named` fails, of each cloud.

use object_store::Error;
use std::error::Error as StdError;

/// An error and its causes.
pub(super) fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |&error| error.source())
}

/// A server's answer. Empty where there was none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status, such as 403.
    pub(super) status: Option<u16>,
    /// What S3, Azure and their like call the failure, such as `AccessDenied`.
    pub(super) code: Option<String>,
    /// Whether it was a listing that was asked for.
    pub(super) is_to_list: bool,
}

impl Answer {
    /// The answer that an error is about.
    pub(super) fn of(error: &Error) -> Self {
        let mut answer = Self::default();
        for cause in causes(error).map(ToString::to_string) {
            answer.is_to_list |= cause.starts_with("Error performing list request");
            if let Some(rest) = cause.strip_prefix("Server returned non-2xx status code: ") {
                answer.status = rest.get(..3).and_then(|status| status.parse().ok());
            }
            answer.code = answer.code.or_else(|| code_in(&cause));
        }
        // In a deletion of many, Azure has a status where others have a code.
        answer.status = answer.status.or_else(|| answer.code.as_ref().and_then(|code| code.parse().ok()));
        answer
    }

    /// Whether there is no room left.
    pub(super) fn is_full(&self) -> bool {
        self.status == Some(507) || self.code.as_deref().is_some_and(|code| FULL.contains(&code))
    }

    /// Whether who asks may not, or is not known.
    pub(super) fn is_forbidden(&self) -> bool {
        matches!(self.status, Some(401 | 403)) || self.code.as_deref() == Some("AccessDenied")
    }
}

const FULL: [&str; 4] =
    ["QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"];

/// The code in the body of an answer, or of one object in a deletion of many.
fn code_in(cause: &str) -> Option<String> {
    let of_one = || cause.strip_suffix(')').and_then(|cause| cause.rsplit_once("(code: "));
    let code = match cause.split_once("<Code>") {
        Some((_, rest)) => rest.split_once("</Code>")?.0,
        None => of_one()?.1,
    };
    Some(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use object_store::Error;

    fn answer(text: &str) -> Answer {
        Answer::of(&Error::Generic { store: "S3", source: text.to_owned().into() })
    }

    #[test]
    fn status_and_code_are_found_in_the_words_of_clients() {
        let text =
            "Server returned non-2xx status code: 403 Forbidden: <Error><Code>QuotaExceeded</Code></Error>";
        let found = answer(text);
        assert_eq!((found.status, found.code.as_deref()), (Some(403), Some("QuotaExceeded")));
        assert!(found.is_full());
        let found = answer("Server returned non-2xx status code: 507 Insufficient Storage: ");
        assert!(found.is_full() && !found.is_forbidden());
        for (text, code) in [
            ("DeleteObjects request failed for key a: Access Denied (code: AccessDenied)", "AccessDenied"),
            ("Bulk delete request failed for key a: Forbidden (code: 403)", "403"),
        ] {
            let found = answer(text);
            assert_eq!(found.code.as_deref(), Some(code));
            assert!(found.is_forbidden(), "{text}");
        }
        assert_eq!(answer("connection reset"), Answer::default());
    }
}
