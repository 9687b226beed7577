//! What a failed connection means: wait and try again, or tell the operator.

use super::password::VARIABLE as PASSWORD_VARIABLE;
use crate::Error;
use mysql_async::{DriverError, Error as ClientError, ServerError};

/// Why a step with the server failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The connection broke or the server is on its way down or up: the next attempt may work.
    Lost(String),
    /// The server cannot read its log at that place: it is no event, or it is not there any more.
    Unreadable(String),
    /// The server does not have yet what it must have; if it stays so, this is the error.
    Behind(Error),
    /// It fails the next time too.
    Fatal(Error),
}

/// Whether a server's error says that it, or the connection, is about to go or to come: too many connections, shutdown,
/// network errors, a killed connection.
pub(super) fn is_loss(code: u16) -> bool {
    matches!(code, 1040 | 1053 | 1077..=1079 | 1152 | 1153..=1161 | 1184 | 1203 | 1317 | 1927)
}

/// Whether a server's error says that somebody else's statement holds what was asked for: it was waited for in vain, or the
/// server ended a circle of those who wait for each other.
pub(crate) fn is_held(code: u16) -> bool {
    matches!(code, 1205 | 1213)
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

    /// Judges the error of a login. `demand` is what the account may have asked for beside the password, as far as the
    /// connection did not give it: servers have one error for both.
    pub(crate) fn of_login(error: ClientError, server: &str, demand: &str) -> Self {
        match error {
            ClientError::Server(ServerError { code: 1044 | 1045 | 1698, message, .. }) => {
                Self::Fatal(Error::Server(format!(
                    "{server} refuses the login: user or password are wrong (in the URL, its password-file or \
                     {PASSWORD_VARIABLE}), or {demand}: {message}"
                )))
            }
            // Both say so only where TLS is demanded of everybody; for one account it is 1045.
            ClientError::Server(ServerError { code: 3159 | 4031, message, .. }) => {
                Self::Fatal(Error::Server(format!(
                    "{server} demands TLS of every login (require_secure_transport=ON); use ssl-mode=required: {message}"
                )))
            }
            other => Self::of(other, server),
        }
    }

    fn of_server(error: &ServerError, server: &str) -> Self {
        let text = &error.message;
        match error.code {
            code if is_loss(code) => Self::Lost(text.clone()),
            1044 | 1045 | 1698 => Self::Fatal(Error::Server(format!("{server} refuses the login: {text}"))),
            1227 => Self::Fatal(Error::Server(format!(
                "{server} denies the log; GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* to the user: {text}"
            ))),
            1236 => Self::of_log(text, server),
            1381 => {
                Self::Fatal(Error::Server(format!("{server} has no binary log; start it with --log-bin")))
            }
            _ => Self::Fatal(Error::Server(format!("{server} says: {text}"))),
        }
    }
}

impl Trouble {
    /// Whether it says that no event begins where one was asked for.
    pub(crate) fn is_no_event(&self) -> bool {
        match self {
            Self::Unreadable(_) | Self::Fatal(Error::Corrupt { .. }) => true,
            Self::Lost(_) | Self::Behind(_) | Self::Fatal(_) => false,
        }
    }

    /// What a server says when it cannot go on to send its log: it has one number for all reasons.
    fn of_log(text: &str, server: &str) -> Self {
        const UNREADABLE: [&str; 12] = [
            // An offset beyond the end, or in the file's first four bytes.
            "impossible position",
            "position > file size",
            "position < 4",
            // Bytes that are no event: read from an offset within one, or damaged. The advice that some give (a larger
            // max_allowed_packet, a full disk) is for other causes.
            "exceeded max_allowed_packet",
            "bogus data in log event",
            "truncated in the middle of event",
            "did not pass",
            // A file that was taken away under the reader.
            "I/O error reading log event",
            "error reading log event",
            "could not find first log file",
            "could not find next log",
            "could not open log file",
        ];
        let lower = text.to_lowercase();
        if UNREADABLE.iter().any(|known| lower.contains(&known.to_lowercase())) {
            return Self::Unreadable(text.to_owned());
        }
        let advice = if lower.contains("server_uuid/server_id") || lower.contains("same server_id") {
            "another reader of its log has our server-id; give the source's URL ?server-id=N with a number of its own"
        } else if lower.contains("server id was not set") {
            "its server_id is 0, and so it sends its log to nobody; SET GLOBAL server_id to a number of its own"
        } else if lower.contains("binary log is not open") {
            "it has no binary log; start it with --log-bin"
        } else {
            "it does not send its log"
        };
        Self::Fatal(Error::Server(format!("{server}: {advice}: {text}")))
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

    #[test]
    fn a_deadlock_is_a_wait_in_vain_too() {
        assert_eq!([1205, 1213, 1206, 1146].map(is_held), [true, true, false, false]);
    }

    fn of_log(text: &str) -> Trouble {
        let error = ServerError { code: 1236, message: text.into(), state: "HY000".into() };
        Trouble::of(ClientError::Server(error), "db:3306")
    }

    /// What MariaDB 10.11, MySQL 8.0.15 and MySQL 5.7.22 said.
    #[test]
    fn an_offset_without_an_event_is_told_as_what_it_is() {
        for text in [
            "binlog truncated in the middle of event; consider out of disk space on master; the first event",
            "Client requested master to start replication from impossible position; the first event",
            "Client requested master to start replication from position > file size",
            "Client requested master to start replication from position < 4",
            "Could not find first log file name in binary log index file",
            "bogus data in log event; the first event 'binlog.000001' at 5",
            "log event entry exceeded max_allowed_packet; Increase max_allowed_packet on master; the first event",
            "I/O error reading log event; the first event 'binlog.000001' at 155",
            "unknown error reading log event on the master; the first event 'binlog.000001' at 154",
        ] {
            assert!(matches!(of_log(text), Trouble::Unreadable(_)), "{text}");
        }
    }

    #[test]
    fn other_reasons_to_send_no_log_come_with_what_helps() {
        for (text, advice) in [
            (
                "A slave with the same server_uuid/server_id as this slave has connected to the master",
                "?server-id=N",
            ),
            ("Misconfigured master - server id was not set", "SET GLOBAL server_id"),
            ("Binary log is not open", "--log-bin"),
            ("something new", "something new"),
        ] {
            let Trouble::Fatal(error) = of_log(text) else { panic!("{text}") };
            assert!(error.to_string().contains(advice), "{error}");
        }
    }

    #[test]
    fn a_refused_login_names_both_causes_and_a_demand_for_tls_its_own() {
        let text = |code| {
            let error = ServerError { code, message: "m".into(), state: "28000".into() };
            match Trouble::of_login(ClientError::Server(error), "db:3306", "the moon is full") {
                Trouble::Fatal(error) => error.to_string(),
                other => panic!("{other:?}"),
            }
        };
        assert!(text(1045).contains("password") && text(1045).contains("or the moon is full: m"));
        assert!(text(3159).contains("ssl-mode=required") && !text(3159).contains("password"));
    }
}
