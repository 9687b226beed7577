//! One login: with TLS or without, as the URL asks and as the server can.

use super::address::Server;
use super::tls::{Mode, Tls};
use super::tls_trouble;
use super::trouble::Trouble;
use crate::Error;
use mysql_async::{Conn, DriverError, Error as ClientError};

/// MySQL has an error of its own for the second, MariaDB has not.
const DEMANDED: &str =
    "the account demands TLS (REQUIRE SSL) or the server does (require_secure_transport=ON)";

/// Connects with what the URL asks for. Where TLS is only preferred and does not come about, once more without.
pub(super) async fn connect(server: &Server) -> Result<Conn, Trouble> {
    let Server { shown, tls, .. } = server;
    let error = match Conn::new(server.opts.clone()).await {
        Ok(conn) => return Ok(conn),
        Err(error) => error,
    };
    let Some(plain) = &server.plain else {
        return Err(judge(error, server, &refused_over(server)));
    };
    let why = if is_without_tls(&error) {
        "the server has no TLS".to_owned()
    } else if let Some(reason) = tls_trouble::of_handshake(&error, tls) {
        server.warned.call_once(|| {
            tracing::warn!(server = %shown, %reason, "TLS does not come about; going on without");
        });
        format!("TLS did not come about: {reason}")
    } else {
        return Err(judge(error, server, &refused_over(server)));
    };
    let demand = format!("{DEMANDED}, and {why}");
    Conn::new(plain.clone()).await.map_err(|error| judge(error, server, &demand))
}

fn judge(error: ClientError, server: &Server, demand: &str) -> Trouble {
    let Server { shown, tls, .. } = server;
    if is_without_tls(&error) {
        return Trouble::Fatal(Error::Server(format!(
            "{shown} has no TLS, which ssl-mode={} demands; set up its TLS, or allow to do without by \
             ssl-mode=preferred",
            tls.mode_name()
        )));
    }
    match tls_trouble::of(&error, shown, tls) {
        Some(error) => Trouble::Fatal(error),
        None => Trouble::of_login(error, shown, demand),
    }
}

fn is_without_tls(error: &ClientError) -> bool {
    matches!(error, ClientError::Driver(DriverError::NoClientSslFlagFromServer))
}

/// What an account may have demanded beside the password if it refuses us. Servers do not say which it was.
fn refused_over(Server { opts, tls, .. }: &Server) -> String {
    match tls {
        _ if opts.socket().is_some() => {
            "the account demands TLS (REQUIRE SSL), which is not spoken over a socket".to_owned()
        }
        Tls { mode: Mode::Disabled, .. } => {
            format!("{DEMANDED}, which ssl-mode=disabled leaves out")
        }
        tls if tls.has_certificate() => {
            "the account demands another client certificate than ssl-cert".to_owned()
        }
        _ => "the account demands a client certificate (REQUIRE X509), to be given as ssl-cert and ssl-key"
            .to_owned(),
    }
}
