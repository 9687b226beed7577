//! Why TLS with a server does not come about, in one sentence.

use super::tls::Tls;
use crate::Error;
use jiff::Timestamp;
use mysql_async::{DriverError, Error as ClientError, IoError, TlsError};
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as RustlsError, InvalidMessage};

/// What stops TLS for good: our own files, or what the server showed or said. `None` for other errors.
pub(super) fn of(error: &ClientError, server: &str, tls: &Tls) -> Option<Error> {
    if let Some(text) = of_settings(error) {
        return Some(Error::Config(text));
    }
    let error = handshake_error(error)?;
    let text = sentence(error, tls)?;
    Some(Error::Server(format!("{server} {text}")))
}

/// Why a handshake with the server failed, if it did: all reasons, also those that may pass.
pub(super) fn of_handshake(error: &ClientError, tls: &Tls) -> Option<String> {
    /// How the client of TLS names a connection that is closed before TLS stands.
    const CLOSED: &str = "tls handshake eof";
    match error {
        ClientError::Io(IoError::Io(e)) if e.to_string() == CLOSED => {
            Some("it closed the connection".to_owned())
        }
        _ => {
            let error = handshake_error(error)?;
            Some(sentence(error, tls).map_or_else(|| error.to_string(), |text| format!("it {text}")))
        }
    }
}

fn handshake_error(error: &ClientError) -> Option<&RustlsError> {
    let ClientError::Io(IoError::Io(error)) = error else { return None };
    error.get_ref()?.downcast_ref()
}

/// What does not fit in the files that we were given.
fn of_settings(error: &ClientError) -> Option<String> {
    let ClientError::Io(IoError::Tls(error)) = error else {
        return matches!(error, ClientError::Driver(DriverError::NoKeyFound))
            .then(|| "ssl-key holds no private key".to_owned());
    };
    Some(match error {
        TlsError::Tls(RustlsError::InconsistentKeys(_)) => {
            "ssl-key is not the key of ssl-cert; give the two that were made together".to_owned()
        }
        TlsError::InvalidDnsName(_) => {
            "the host of the source's URL is no name that a certificate could be for; use its DNS name, or \
             ssl-mode=verify-ca"
                .to_owned()
        }
        other => format!("cannot use ssl-ca, ssl-cert or ssl-key: {other}"),
    })
}

fn sentence(error: &RustlsError, tls: &Tls) -> Option<String> {
    Some(match error {
        RustlsError::InvalidCertificate(error) => of_certificate(error, tls),
        // MySQL 5.7.22 speaks 1.1, and says so in it. MySQL 8.0.15 speaks 1.2, but none of its ciphers that rustls does.
        RustlsError::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        )
        | RustlsError::InvalidMessage(InvalidMessage::UnknownProtocolVersion)
        | RustlsError::PeerIncompatible(_) => format!(
            "speaks no TLS that we do, which is 1.3, and 1.2 with ECDHE; use a newer server, or allow to do without by \
             ssl-mode=preferred: {error}"
        ),
        // Of itself, not of us.
        RustlsError::AlertReceived(AlertDescription::InternalError | AlertDescription::UserCanceled) => {
            return None;
        }
        RustlsError::AlertReceived(_) if tls.has_certificate() => {
            format!(
                "does not accept the certificate of ssl-cert; take one of a CA that it trusts (its ssl_ca): {error}"
            )
        }
        RustlsError::AlertReceived(_) => format!("refuses TLS: {error}"),
        _ => return None,
    })
}

fn of_certificate(error: &CertificateError, tls: &Tls) -> String {
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => match tls.ca_file() {
            Some(file) => format!(
                "has a certificate of an unknown issuer: no CA in {file} signed it; give the one that did as ssl-ca"
            ),
            None => {
                "has a certificate of an unknown issuer: no public CA signed it; give the one that did as \
                     ssl-ca=FILE"
                    .to_owned()
            }
        },
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            let names = if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") };
            format!(
                "has a certificate for another name: it is for {names}, not for {}; connect to a name that it is for, \
                 or check its CA alone with ssl-mode=verify-ca",
                expected.to_str()
            )
        }
        CertificateError::ExpiredContext { not_after, .. } => format!(
            "has a certificate that expired on {}, or its CA has; renew it on the server",
            day(*not_after)
        ),
        CertificateError::Expired => {
            "has a certificate that expired, or its CA has; renew it on the server".to_owned()
        }
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "has a certificate that is valid from {} only, or its CA is; check the clocks, or renew it",
            day(*not_before)
        ),
        other if tls.verifies() => format!(
            "has a certificate that cannot be verified; let its CA make another one, or look at none by \
             ssl-mode=required: {other}"
        ),
        // Even where nothing is verified, its key must be found in it.
        other => format!(
            "has a certificate that cannot be read; let its CA make another one, of X.509 version 3: {other}"
        ),
    }
}

/// A certificate's name without its kind: `DnsName("db")` is `db`.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"')
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or_else(|_| format!("second {seconds}"), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn names_and_times_are_shown_as_people_write_them() {
        assert_eq!(bare("DnsName(\"db.example\")"), "db.example");
        assert_eq!(bare("IpAddress(127.0.0.1)"), "127.0.0.1");
        assert_eq!(bare("DirectoryName"), "DirectoryName");
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_600_000_000));
        assert_eq!(day(time), "2020-09-13T12:26:40Z");
    }

    #[test]
    fn an_error_of_the_network_is_none_of_tls() {
        let error = ClientError::from(io::Error::from(io::ErrorKind::ConnectionReset));
        assert!(of_settings(&error).is_none() && handshake_error(&error).is_none());
    }
}
