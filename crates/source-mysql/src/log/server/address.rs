//! How to reach a server, from its URL.

use crate::{Error, Result};
use mysql_async::{Opts, OptsBuilder};
use percent_encoding::percent_decode_str;
use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher;
use url::Url;

/// The password, for those who keep it out of command lines.
const PASSWORD_VARIABLE: &str = "SPILLWAY_SOURCE_PASSWORD";

/// A server and who we are to it. Its `Debug` form shows no password.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) opts: Opts,
    /// Host and port, for messages.
    pub(crate) shown: String,
    /// Our number among the server's replicas: each needs its own.
    pub(crate) server_id: u32,
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
    /// Reads `mysql://user[:password]@host[:port][?server-id=N]`.
    pub(crate) fn from_url(url: &Url) -> Result<Self> {
        Self::from_url_and_password(url, env::var(PASSWORD_VARIABLE).ok())
    }

    fn from_url_and_password(url: &Url, password: Option<String>) -> Result<Self> {
        let config = |text: String| Error::Config(text);
        if url.scheme() != "mysql" {
            return Err(config(format!("the source's scheme is {}, expected mysql", url.scheme())));
        }
        let host = url.host_str().ok_or_else(|| config("the source's URL has no host".into()))?;
        if !matches!(url.path(), "" | "/") {
            return Err(config(
                "the source's URL names a database; leave it out, the log holds all of them".into(),
            ));
        }
        let port = url.port().unwrap_or(3306);
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = Some(url.username()).filter(|u| !u.is_empty()).map(decoded);
        let opts = OptsBuilder::default()
            .ip_or_hostname(host.trim_matches(['[', ']']))
            .tcp_port(port)
            .user(user)
            .pass(url.password().map(decoded).or(password))
            .prefer_socket(false);
        Ok(Self {
            opts: opts.into(),
            shown: format!("{host}:{port}"),
            server_id: server_id(url)?.unwrap_or_else(random_server_id),
        })
    }

    /// The same server to another reader: with a number of its own.
    pub(crate) fn beside(&self) -> Self {
        Self { server_id: random_server_id(), ..self.clone() }
    }
}

fn server_id(url: &Url) -> Result<Option<u32>> {
    let mut id = None;
    for (key, value) in url.query_pairs() {
        if key != "server-id" {
            return Err(Error::Config(format!(
                "the source's URL has the unknown parameter {key}; it takes server-id"
            )));
        }
        let number = value.parse().ok().filter(|&n: &u32| n > 0);
        id = Some(
            number
                .ok_or_else(|| Error::Config(format!("server-id is {value}, expected 1 to {}", u32::MAX)))?,
        );
    }
    Ok(id)
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
    fn what_does_not_fit_is_named() {
        for (url, word) in [
            ("postgres://db", "postgres"),
            ("mysql://db/shop", "database"),
            ("mysql://db?x=1", "unknown parameter x"),
            ("mysql://db?server-id=0", "server-id is 0"),
        ] {
            let text = server(url, None).unwrap_err().to_string();
            assert!(text.contains(word), "{text}");
        }
    }
}
