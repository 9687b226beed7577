//! How much TLS a server's URL asks for, and with which certificates.

use super::parameters::Parameters;
use crate::{Error, Result};
use mysql_async::{ClientIdentity, SslOpts};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;

/// What is demanded of a connection. In the order of MySQL's own clients: each demands more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Disabled,
    /// TLS if the server has it.
    Preferred,
    /// TLS with whoever answers.
    Required,
    /// The server's certificate is from a CA we trust.
    VerifyCa,
    /// And it is for the name we connect to.
    VerifyIdentity,
}

const MODES: [(&str, Mode); 5] = [
    ("disabled", Mode::Disabled),
    ("preferred", Mode::Preferred),
    ("required", Mode::Required),
    ("verify-ca", Mode::VerifyCa),
    ("verify-identity", Mode::VerifyIdentity),
];

/// What a URL says of TLS. The files are read once, so that what is wrong with them is said before anything else.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) mode: Mode,
    /// The CAs we trust; without, those that everybody does.
    ca: Option<Pem>,
    client: Option<Client>,
}

/// Who we are to the server.
#[derive(Clone)]
struct Client {
    certificate: Pem,
    key: Pem,
}

#[derive(Clone)]
struct Pem {
    file: String,
    text: Vec<u8>,
}

impl Tls {
    pub(super) fn of(parameters: &Parameters) -> Result<Self> {
        let mode = mode(parameters)?;
        refuse_contradictions(mode, parameters)?;
        let client = match (parameters.get("ssl-cert"), parameters.get("ssl-key")) {
            (Some(certificate), Some(key)) => {
                Some(Client { certificate: certificates("ssl-cert", certificate)?, key: private_key(key)? })
            }
            _ => None,
        };
        let ca = parameters.get("ssl-ca").map(|file| certificates("ssl-ca", file)).transpose()?;
        Ok(Self { mode, ca, client })
    }

    /// The client's settings; `None` for a plain connection.
    pub(super) fn settings(&self) -> Option<SslOpts> {
        if self.mode == Mode::Disabled {
            return None;
        }
        if CryptoProvider::get_default().is_none() {
            // Fails only if somebody else was faster, and then there is one.
            ring::default_provider().install_default().ok();
        }
        let settings = SslOpts::default()
            .with_danger_accept_invalid_certs(!self.verifies())
            .with_disable_built_in_roots(self.ca.is_some())
            .with_root_certs(self.ca.iter().map(|ca| ca.text.clone().into()).collect())
            .with_client_identity(self.client.as_ref().map(Client::identity));
        Some(if self.mode == Mode::VerifyCa { under_any_name(settings) } else { settings })
    }

    /// Whether the server's certificate is verified.
    pub(super) fn verifies(&self) -> bool {
        matches!(self.mode, Mode::VerifyCa | Mode::VerifyIdentity)
    }

    /// Whether the server is shown a certificate.
    pub(super) fn has_certificate(&self) -> bool {
        self.client.is_some()
    }

    /// The file with the CAs we trust, if it is not those that everybody does.
    pub(super) fn ca_file(&self) -> Option<&str> {
        self.ca.as_ref().map(|ca| ca.file.as_str())
    }

    pub(super) fn mode_name(&self) -> &'static str {
        MODES.iter().find(|(_, mode)| *mode == self.mode).map_or("", |(name, _)| name)
    }
}

impl Client {
    fn identity(&self) -> ClientIdentity {
        ClientIdentity::new(self.certificate.text.clone().into(), self.key.text.clone().into())
    }
}

/// Verifies the chain and no name.
///
/// The client (mysql_async 0.37) finds out that only the name was wrong by looking for `NotValidForName` in the error's
/// text, where rustls no longer has it. But the text quotes the name that was expected: so this is the name that we
/// expect. No certificate is for it, and a client that looked at the error itself would skip it all the same.
fn under_any_name(settings: SslOpts) -> SslOpts {
    settings
        .with_danger_skip_domain_validation(true)
        .with_danger_tls_hostname_override(Some("NotValidForName.invalid"))
}

fn mode(parameters: &Parameters) -> Result<Mode> {
    let over_socket = parameters.get("socket").is_some();
    let Some(given) = parameters.get("ssl-mode") else {
        return Ok(if over_socket { Mode::Disabled } else { Mode::Preferred });
    };
    let known = MODES.iter().find(|(name, _)| name.eq_ignore_ascii_case(given));
    let Some(&(name, mode)) = known else {
        let names = MODES.map(|(name, _)| name).join(", ");
        return Err(Error::Config(format!("ssl-mode is {given}, expected one of {names}")));
    };
    match mode {
        Mode::Preferred if over_socket => Ok(Mode::Disabled),
        Mode::Required | Mode::VerifyCa | Mode::VerifyIdentity if over_socket => Err(Error::Config(format!(
            "ssl-mode={name} demands TLS, which is not spoken over a socket; leave out ssl-mode, or socket"
        ))),
        _ => Ok(mode),
    }
}

fn refuse_contradictions(mode: Mode, parameters: &Parameters) -> Result<()> {
    let refused = |text: String| Err(Error::Config(text));
    let given = |name: &&str| parameters.get(name).is_some();
    let files = ["ssl-ca", "ssl-cert", "ssl-key"];
    match mode {
        Mode::Disabled => {
            if let Some(file) = files.iter().find(|file| given(file)) {
                let why = match parameters.get("socket") {
                    Some(_) => "over a socket no TLS is spoken",
                    None => "with ssl-mode=disabled no TLS is spoken",
                };
                return refused(format!("{file} is given, but {why}; leave one of them out"));
            }
        }
        Mode::Preferred | Mode::Required if given(&"ssl-ca") => {
            return refused(
                "ssl-ca is given, but no certificate is verified; add ssl-mode=verify-ca or ssl-mode=verify-identity, \
                 or leave ssl-ca out"
                    .to_owned(),
            );
        }
        Mode::Preferred | Mode::Required | Mode::VerifyCa | Mode::VerifyIdentity => {}
    }
    match (given(&"ssl-cert"), given(&"ssl-key")) {
        (true, false) => refused("ssl-cert is given without ssl-key; it needs both".to_owned()),
        (false, true) => refused("ssl-key is given without ssl-cert; it needs both".to_owned()),
        _ => Ok(()),
    }
}

fn certificates(name: &str, file: &str) -> Result<Pem> {
    let pem = read(name, file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem.text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(pem),
        _ => Err(Error::Config(format!("{name} {file} holds no certificate in PEM"))),
    }
}

fn private_key(file: &str) -> Result<Pem> {
    let pem = read("ssl-key", file)?;
    match PrivateKeyDer::from_pem_slice(&pem.text) {
        Ok(_) => Ok(pem),
        Err(_) => {
            Err(Error::Config(format!("ssl-key {file} holds no private key in PEM without a passphrase")))
        }
    }
}

fn read(name: &str, file: &str) -> Result<Pem> {
    match fs::read(file) {
        Ok(text) => Ok(Pem { file: file.to_owned(), text }),
        Err(error) => Err(Error::Config(format!("cannot read {name} {file}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn tls(query: &str) -> Result<Tls> {
        Tls::of(&Parameters::of(&Url::parse(&format!("mysql://db?{query}")).unwrap())?)
    }

    #[test]
    fn tls_is_preferred_unless_said_otherwise_and_not_spoken_over_a_socket() {
        assert_eq!(tls("").unwrap().mode, Mode::Preferred);
        assert_eq!(tls("ssl-mode=VERIFY-CA").unwrap().mode, Mode::VerifyCa);
        for query in ["ssl-mode=disabled", "socket=/s", "socket=/s&ssl-mode=preferred"] {
            assert!(tls(query).unwrap().settings().is_none(), "{query}");
        }
    }

    #[test]
    fn contradictions_are_one_sentence() {
        for (query, text) in [
            (
                "ssl-mode=on",
                "ssl-mode is on, expected one of disabled, preferred, required, verify-ca, verify-identity",
            ),
            ("ssl-cert=/c", "ssl-cert is given without ssl-key"),
            ("ssl-key=/k", "ssl-key is given without ssl-cert"),
            ("ssl-mode=disabled&ssl-ca=/ca", "ssl-ca is given, but with ssl-mode=disabled"),
            ("ssl-mode=disabled&ssl-cert=/c&ssl-key=/k", "ssl-cert is given, but with ssl-mode=disabled"),
            ("ssl-ca=/ca", "add ssl-mode=verify-ca"),
            ("ssl-mode=required&ssl-ca=/ca", "add ssl-mode=verify-ca"),
            (
                "socket=/s&ssl-mode=required",
                "ssl-mode=required demands TLS, which is not spoken over a socket",
            ),
            ("socket=/s&ssl-cert=/c&ssl-key=/k", "over a socket no TLS"),
            ("ssl-mode=verify-ca&ssl-ca=/no/such", "cannot read ssl-ca /no/such"),
            ("ssl-mode=verify-ca&ssl-ca=/dev/null", "ssl-ca /dev/null holds no certificate"),
        ] {
            let error = tls(query).err().unwrap().to_string();
            assert!(error.contains(text) && !error.contains('\n'), "{error}");
        }
    }
}
