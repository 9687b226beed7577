//! What an operator can do about an error of a store.
//!
//! Clients tell errors apart by what a program does next; a person needs more: "not found" may be a bucket that was
//! never made, and "forbidden" a wrong key, an expired token, a wrong clock or a missing permission. What tells them
//! apart is in the causes: the code of a server's answer, or the operating system's own error.

use super::answer::{Answer, causes};
use object_store::Error;
use std::io::{self, ErrorKind};

/// What can be done about an error: one clause, for the end of a sentence that says what failed.
pub fn advice(error: &Error) -> &'static str {
    let said = causes(error).map(|cause| cause.to_string()).collect::<Vec<_>>().join(" ");
    if ASKS_THE_MACHINE.iter().any(|part| said.contains(part)) {
        return no_credentials(error);
    }
    let system = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).find_map(of_system);
    let answer = Answer::of(error);
    system.or_else(|| of_server(&said, &answer)).unwrap_or(match error {
        Error::NotFound { .. } => NO_SUCH_PLACE,
        Error::Unauthenticated { .. } => NOT_KNOWN,
        Error::PermissionDenied { .. } => NOT_ALLOWED,
        // `Error` is not ours and grows: whatever else it says is in its own words. Some clients say of a listing no more
        // than that it failed.
        _ => match answer.status {
            Some(404) if answer.is_to_list => NO_SUCH_PLACE,
            Some(401) => NOT_KNOWN,
            Some(403) => NOT_ALLOWED,
            _ => "check the endpoint, the network and the credentials",
        },
    })
}

/// Where clients ask for the credentials of the machine that they run on, when nobody has given any.
const ASKS_THE_MACHINE: [&str; 4] =
    ["169.254.169.254", "/computeMetadata/", "/metadata/identity/", "MissingCredentials"];

/// What to set, in each cloud's words. An error of this kind says whose client it comes from, and how it failed does not
/// matter: on a machine of no cloud nobody is there.
fn no_credentials(error: &Error) -> &'static str {
    match error {
        Error::Generic { store: "GCS", .. } => {
            "nobody has given credentials; set credentials-file, or GOOGLE_APPLICATION_CREDENTIALS"
        }
        Error::Generic { store: "MicrosoftAzure", .. } => {
            "nobody has given credentials; set account-key or sas-token, or AZURE_STORAGE_ACCOUNT_KEY"
        }
        _ => {
            "nobody has given credentials; set access-key and secret-access-key, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY"
        }
    }
}

const NO_SUCH_PLACE: &str = "there is no such bucket or directory; create it, or correct the sink URI";

const NOT_KNOWN: &str = "it does not know these credentials; correct them, or get new ones";

const NOT_ALLOWED: &str = "these credentials may not; allow them to put, get, list and delete objects there";

/// By the operating system's error.
fn of_system(error: &io::Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::PermissionDenied => {
            "this process may not; let its user read and write the directory and everything in it"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "the directory's file system is read-only; make it writable, or choose another directory"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the directory's disk is full; make room on it",
        ErrorKind::NotADirectory => {
            "a part of the path is a file, where a directory is needed; move that file away"
        }
        ErrorKind::IsADirectory => {
            "a directory has the name of the file; move that directory away, or choose another directory"
        }
        ErrorKind::InvalidFilename => "a name in the path is too long for the directory's file system",
        ErrorKind::ConnectionRefused => "nothing listens there; check the endpoint's host and port",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::TimedOut => {
            "the endpoint cannot be reached; check its host and the network"
        }
        _ => return None,
    })
}

/// By the words of a server or a client.
fn of_server(said: &str, answer: &Answer) -> Option<&'static str> {
    let by_code = match answer.code.as_deref().unwrap_or_default() {
        _ if answer.is_full() => "its storage is full; make room in it",
        "AccessDenied" if said.contains("cannot assume the role") => {
            "the role is not given to these credentials; correct role-arn and external-id, or let the role trust them"
        }
        "NoSuchBucket" => "there is no such bucket; create it, or correct the sink URI",
        "ContainerNotFound" => "there is no such container; create it, or correct the sink URI",
        "InvalidBucketName" => "no bucket can have this name; correct the sink URI",
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "Redirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => OTHER_REGION,
        "InvalidAccessKeyId" | "InvalidClientTokenId" => {
            "it does not know the access key; correct access-key, or AWS_ACCESS_KEY_ID"
        }
        "SignatureDoesNotMatch" => {
            "the secret key is not that of the access key; correct secret-access-key, or AWS_SECRET_ACCESS_KEY"
        }
        "AuthenticationFailed" | "AuthorizationFailure" if said.contains("Server failed to authenticate") => {
            "the account's key or the token is not right, or has expired; correct account-key or sas-token, or AZURE_*"
        }
        "ExpiredToken" | "TokenRefreshRequired" | "RequestExpired" => {
            "the credentials have expired; start again with new ones"
        }
        "InvalidToken" => {
            "the session token is not that of the access key; correct session-token, or AWS_SESSION_TOKEN"
        }
        "RequestTimeTooSkewed" => "this machine's clock is wrong; correct it",
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "AuthorizationFailure" => NOT_ALLOWED,
        _ => "",
    };
    let parts: [(&str, &str); 3] = [
        ("redirect without LOCATION", OTHER_REGION),
        ("dns error", "the endpoint's host is not known; check its name and the network"),
        (
            "certificate",
            "the endpoint's certificate is not trusted; check its host, and this machine's certificates",
        ),
    ];
    let by_part = || parts.into_iter().find(|(part, _)| said.contains(part)).map(|(_, advice)| advice);
    Some(by_code).filter(|advice| !advice.is_empty()).or_else(by_part)
}

const OTHER_REGION: &str =
    "the bucket is in another region or at another endpoint; set region and endpoint to its own";

#[cfg(test)]
mod tests {
    use super::advice;
    use object_store::Error;
    use std::io;

    fn said(text: &str) -> &'static str {
        advice(&Error::Generic { store: "S3", source: text.to_owned().into() })
    }

    #[test]
    fn the_servers_code_counts_whatever_the_status() {
        for (code, says) in [
            ("NoSuchBucket", "no such bucket; create it"),
            ("PermanentRedirect", "another region"),
            ("AuthorizationHeaderMalformed", "another region"),
            ("InvalidAccessKeyId", "does not know the access key"),
            ("SignatureDoesNotMatch", "secret-access-key"),
            ("ExpiredToken", "have expired"),
            ("RequestTimeTooSkewed", "clock"),
            ("AccessDenied", "allow them to put, get, list and delete"),
            ("ContainerNotFound", "no such container; create it"),
            ("AuthorizationFailure", "allow them to put, get, list and delete"),
        ] {
            let body = format!("403: <Error><Code>{code}</Code></Error>");
            let denied = Error::PermissionDenied { path: "x".to_owned(), source: body.clone().into() };
            for advice in [said(&body), advice(&denied)] {
                assert!(advice.contains(says), "{code}: {advice}");
            }
        }
    }

    #[test]
    fn a_role_that_is_not_given_is_no_missing_right_on_the_bucket() {
        let said = said(
            "cannot assume the role arn:x: http://sts answers 403: <Error><Code>AccessDenied</Code></Error>",
        );
        assert!(said.contains("correct role-arn and external-id"), "{said}");
    }

    #[test]
    fn azure_says_in_words_whether_it_knows_who_asks() {
        for code in ["AuthenticationFailed", "AuthorizationFailure"] {
            let message = "Server failed to authenticate the request.";
            let said = said(&format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"));
            assert!(said.contains("correct account-key or sas-token"), "{code}: {said}");
        }
    }

    #[test]
    fn the_systems_error_counts_whatever_wraps_it() {
        for (kind, says) in [
            (io::ErrorKind::PermissionDenied, "let its user"),
            (io::ErrorKind::ReadOnlyFilesystem, "read-only"),
            (io::ErrorKind::StorageFull, "disk is full"),
            (io::ErrorKind::NotADirectory, "is a file"),
            (io::ErrorKind::IsADirectory, "a directory has the name"),
            (io::ErrorKind::ConnectionRefused, "nothing listens there"),
        ] {
            let wrapped = Error::Generic { store: "y", source: io::Error::from(kind).into() };
            let error = Error::Generic { store: "x", source: wrapped.into() };
            assert!(advice(&error).contains(says), "{kind:?}: {}", advice(&error));
        }
    }

    #[test]
    fn nothing_known_sends_to_where_it_may_be() {
        assert_eq!(said("?"), "check the endpoint, the network and the credentials");
        assert!(said("client error: dns error: no such host").contains("host is not known"));
    }

    #[test]
    fn who_has_given_no_credentials_is_told_what_to_set_whatever_the_machine_answers() {
        let asked = [
            ("S3", "PUT http://169.254.169.254/latest/api/token", "or AWS_ACCESS_KEY_ID"),
            ("GCS", "GET http://h/computeMetadata/v1/instance", "or GOOGLE_APPLICATION_CREDENTIALS"),
            (
                "MicrosoftAzure",
                "GET http://169.254.169.254/metadata/identity/oauth2/token",
                "or AZURE_STORAGE_",
            ),
        ];
        for (store, text, says) in asked {
            let unreachable = io::Error::new(io::ErrorKind::HostUnreachable, text);
            for source in [text.into(), unreachable.into()] {
                let advice = advice(&Error::Generic { store, source });
                assert!(advice.contains(says), "{store}: {advice}");
            }
        }
    }
}
