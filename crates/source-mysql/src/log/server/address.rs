//! How to reach a server, from its URL.

use super::parameters::Parameters;
use super::password;
use super::tls::{Mode, Tls};
use crate::{Error, Result};
use mysql_async::{Opts, OptsBuilder};
use percent_encoding::percent_decode_str;
use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Once};
use std::time::Duration;
use url::Url;

/// A server and who we are to it. Its `Debug` form shows no password.
#[derive(Clone)]
pub(crate) struct Server {
    pub(super) opts: Opts,
    /// The same without TLS, if that is good enough.
    pub(super) plain: Option<Opts>,
    pub(super) tls: Tls,
    /// Host and port, or the socket, for messages.
    pub(crate) shown: String,
    /// Our number among the server's replicas: each needs its own.
    pub(crate) server_id: u32,
    /// What the log may hold besides whole rows is parked.
    pub(super) parks: bool,
    /// Done when it was said that it may: once, and not at every login.
    pub(super) parks_told: Arc<Once>,
    /// Done when the server let us in: from then on it can be lost.
    pub(super) reached: Arc<Once>,
    /// Done when it was said that TLS does not come about: once, and not at every login.
    pub(super) warned: Arc<Once>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("shown", &self.shown)
            .field("server_id", &self.server_id)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Reads `mysql://user[:password]@host[:port][?…]`; [`Parameters`] has what may follow.
    pub(crate) fn from_url(url: &Url) -> Result<Self> {
        Self::from_url_and_password(url, env::var(password::VARIABLE).ok())
    }

    fn from_url_and_password(url: &Url, in_environment: Option<String>) -> Result<Self> {
        let config = |text: String| Error::Config(text);
        if url.scheme() != "mysql" {
            return Err(config(format!("the source's scheme is {}, expected mysql", url.scheme())));
        }
        if !matches!(url.path(), "" | "/") {
            return Err(config(
                "the source's URL names a database; leave it out, the log holds all of them".into(),
            ));
        }
        let parameters = Parameters::of(url)?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = Some(url.username()).filter(|u| !u.is_empty()).map(decoded);
        let password = password::find(url.password().map(decoded), &parameters, in_environment)?;
        let (place, shown) = place(url, parameters.get("socket"))?;
        let tls = Tls::of(&parameters)?;
        let plain: Opts = place.user(user).pass(password).prefer_socket(false).into();
        let opts = OptsBuilder::from_opts(plain.clone()).ssl_opts(tls.settings()).into();
        Ok(Self {
            opts,
            plain: (tls.mode == Mode::Preferred).then_some(plain),
            tls,
            shown,
            server_id: server_id(&parameters)?.unwrap_or_else(random_server_id),
            parks: false,
            parks_told: Arc::new(Once::new()),
            reached: Arc::new(Once::new()),
            warned: Arc::new(Once::new()),
        })
    }

    /// The same, of whose settings less is asked if what is no whole row is parked.
    pub(crate) fn parking(self, parks: bool) -> Self {
        Self { parks, ..self }
    }

    /// Takes note that the server let us in.
    pub(super) fn note_reached(&self) {
        self.reached.call_once(|| ());
    }

    /// Why it is given up: it is away, and for how long, with the error that came first.
    pub(crate) fn away(&self, away: Duration, first: String) -> Error {
        let (server, seconds) = (self.shown.clone(), away.as_secs());
        match self.reached.is_completed() {
            true => Error::Unreachable { server, seconds, first },
            false => Error::Unreached { server, seconds, first },
        }
    }

    /// The same server to another reader: with a number of its own.
    pub(crate) fn beside(&self) -> Self {
        Self { server_id: random_server_id(), ..self.clone() }
    }
}

/// Where the server listens, and how messages name it.
fn place(url: &Url, socket: Option<&str>) -> Result<(OptsBuilder, String)> {
    let config = |text: String| Error::Config(text);
    let host = url.host_str().filter(|host| !host.is_empty());
    let opts = OptsBuilder::default();
    if let Some(socket) = socket {
        return match (host, url.port()) {
            (None | Some("localhost"), None) => Ok((opts.socket(Some(socket)), socket.to_owned())),
            _ => Err(config(format!(
                "the source's URL has the socket {socket} and a host or port; a socket is on this machine: write \
                 localhost, without a port"
            ))),
        };
    }
    let host = host.ok_or_else(|| config("the source's URL has no host".into()))?;
    let port = url.port().unwrap_or(3306);
    // Both, whatever the system's table of hosts says: some servers listen on one of them alone.
    let loopback = host.eq_ignore_ascii_case("localhost");
    let addresses = loopback.then(|| vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    let opts = opts.ip_or_hostname(host.trim_matches(['[', ']'])).tcp_port(port).resolved_ips(addresses);
    Ok((opts, format!("{host}:{port}")))
}

fn server_id(parameters: &Parameters) -> Result<Option<u32>> {
    let Some(given) = parameters.get("server-id") else { return Ok(None) };
    match given.parse() {
        Ok(id) if id > 0 => Ok(Some(id)),
        _ => Err(Error::Config(format!("server-id is {given}, expected 1 to {}", u32::MAX))),
    }
}

/// From the upper half, where nobody numbers servers by hand.
fn random_server_id() -> u32 {
    RandomState::new().hash_one(0) as u32 | 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str, password: Option<&str>) -> Result<Server> {
        Server::from_url_and_password(&Url::parse(url).unwrap(), password.map(Into::into))
    }

    #[test]
    fn the_url_gives_login_and_server_id() {
        let s = server("mysql://me:p%40ss@db.example?server-id=77", Some("other")).unwrap();
        assert_eq!((s.shown.as_str(), s.server_id), ("db.example:3306", 77));
        assert_eq!((s.opts.user(), s.opts.pass()), (Some("me"), Some("p@ss")));
        assert!(!s.opts.prefer_socket());
    }

    #[test]
    fn the_password_may_come_from_the_environment_and_is_never_shown() {
        let s = server("mysql://me@db:3307", Some("s3cret")).unwrap();
        assert_eq!(s.opts.pass(), Some("s3cret"));
        assert!(s.server_id >= 1 << 31);
        assert!(!format!("{s:?}").contains("s3cret"));
    }

    #[test]
    fn the_password_of_the_url_comes_before_the_one_of_the_file_and_that_before_the_environment() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from file \r\nnot this\n").unwrap();
        let file = file.path().display();
        let password =
            |url: String| server(&url, Some("from environment")).unwrap().opts.pass().map(str::to_owned);
        assert_eq!(password(format!("mysql://me:p@db?password-file={file}")).as_deref(), Some("p"));
        assert_eq!(password(format!("mysql://me@db?password-file={file}")).as_deref(), Some("from file "));
        assert_eq!(password("mysql://me@db".into()).as_deref(), Some("from environment"));
        for (file, text) in
            [("/no/such", "cannot read the password-file /no/such"), ("/dev/null", "is empty")]
        {
            let error = server(&format!("mysql://me@db?password-file={file}"), None).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_server_that_was_never_there_is_not_told_as_lost() {
        let server = server("mysql://db", None).unwrap();
        let told = |seconds| server.away(Duration::from_secs(seconds), "it is closed".into()).to_string();
        let advice =
            "see that it runs, that it listens there and takes connections, or let --wait-for-source wait";
        assert_eq!(told(0), format!("cannot reach db:3306: it is closed; {advice} for it"));
        assert_eq!(told(9), format!("cannot reach db:3306 within 9 s: it is closed; {advice} longer"));
        server.beside().note_reached();
        assert_eq!(told(9), "lost db:3306 and gave up after 9 s: it is closed");
    }

    #[test]
    fn a_socket_needs_no_host_and_is_shown() {
        for url in ["mysql:///?socket=/run/s", "mysql://?socket=/run/s", "mysql://me@localhost?socket=/run/s"]
        {
            let s = server(url, None).unwrap();
            assert_eq!((s.opts.socket(), s.shown.as_str()), (Some("/run/s"), "/run/s"), "{url}");
            assert!(s.opts.ssl_opts().is_none() && s.plain.is_none());
        }
    }

    #[test]
    fn only_preferred_does_without_tls_if_need_be() {
        for (query, with, without) in
            [("", true, true), ("?ssl-mode=required", true, false), ("?ssl-mode=disabled", false, false)]
        {
            let s = server(&format!("mysql://db{query}"), None).unwrap();
            assert_eq!((s.opts.ssl_opts().is_some(), s.plain.is_some()), (with, without), "{query}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (url, word) in [
            ("postgres://db", "postgres"),
            ("mysql://db/shop", "database"),
            ("mysql://db?x=1", "unknown parameter x"),
            ("mysql://db?server-id=0", "server-id is 0"),
            ("mysql:///?server-id=1", "no host"),
            ("mysql://db?socket=/run/s", "write localhost"),
            ("mysql://localhost:3307?socket=/run/s", "without a port"),
        ] {
            let text = server(url, None).unwrap_err().to_string();
            assert!(text.contains(word), "{text}");
        }
    }
}
