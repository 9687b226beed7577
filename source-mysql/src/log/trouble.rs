//! What a failed connection means: wait and try again, or tell the operator.

use crate::Error;
use mysql_async::{DriverError, Error as ClientError, ServerError};

/// Why a step with the server failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The connection broke or the server is on its way down or up: the next attempt may work.
    Lost(String),
    /// It fails the next time too.
    Fatal(Error),
}

impl Trouble {
    /// Judges a client error. `server` is host and port, for the text.
    pub(crate) fn of(error: ClientError, server: &str) -> Self {
        match error {
            ClientError::Io(e) => Self::Lost(e.to_string()),
            ClientError::Driver(
                e @ (DriverError::ConnectionClosed
                | DriverError::PoolDisconnected
                | DriverError::PacketOutOfOrder
                | DriverError::UnexpectedPacket { .. }),
            ) => Self::Lost(e.to_string()),
            ClientError::Server(e) => Self::of_server(&e, server),
            other @ (ClientError::Driver(_) | ClientError::Other(_) | ClientError::Url(_)) => {
                Self::Fatal(Error::Server(format!("cannot talk to {server}: {other}")))
            }
        }
    }

    fn of_server(error: &ServerError, server: &str) -> Self {
        let text = &error.message;
        match error.code {
            // Too many connections, shutdown, network errors, a killed connection.
            1040 | 1053 | 1077..=1079 | 1152 | 1153..=1161 | 1184 | 1203 | 1317 | 1927 => {
                Self::Lost(text.clone())
            }
            1044 | 1045 | 1698 => Self::Fatal(Error::Server(format!(
                "{server} refuses the login; check user and password in the URL or SPILLWAY_SOURCE_PASSWORD: {text}"
            ))),
            1227 => Self::Fatal(Error::Server(format!(
                "{server} denies the log; GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* to the user: {text}"
            ))),
            1381 => {
                Self::Fatal(Error::Server(format!("{server} has no binary log; start it with --log-bin")))
            }
            _ => Self::Fatal(Error::Server(format!("{server} says: {text}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_error(code: u16) -> Trouble {
        let error = ServerError { code, message: "m".into(), state: "HY000".into() };
        Trouble::of(ClientError::Server(error), "db:3306")
    }

    #[test]
    fn a_shutdown_is_waited_out_and_a_missing_grant_is_not() {
        assert!(matches!(server_error(1053), Trouble::Lost(_)));
        let Trouble::Fatal(error) = server_error(1227) else {
            panic!("a missing grant stays missing");
        };
        assert!(error.to_string().contains("GRANT REPLICATION SLAVE"));
    }
}
