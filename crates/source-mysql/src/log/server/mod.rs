//! A server's log, across reconnects.
//!
//! | room | what lives there |
//! |---|---|
//! | [`address`] | how to reach a server, from its URL |
//! | [`parameters`] | what that URL says behind its `?` |
//! | [`password`] | where the password comes from |
//! | [`tls`] | how much TLS is asked for, and with which certificates |
//! | [`tls_trouble`] | why TLS does not come about |
//! | [`login`] | one login, with TLS or without |
//! | [`checks`] | whether a server is set up for us, and which logs it has |
//! | [`names`] | what a server says of the names in its log |
//! | [`asker`] | a connection that asks a server for its tables |
//! | [`shapes`] | the tables as it has them, and the proof that they were so at a place of its log |
//! | [`trouble`] | what a failed connection means |
//! | [`connection`] | one connection to a server, its events made ours |
//! | [`watch`] | whether the log that a silent connection follows is still there |
//! | [`search`] | a place in the log that is told by what happened there |
//! | [`other`] | a saved position in the log of another server, proved |
//! | [`first_contact`] | waiting for a server that is not there yet |
//! | [`begin`] | where the log is begun without a saved position |
//! | [`live`] | the log, across reconnects |

mod address;
mod asker;
mod begin;
pub(crate) mod checks;
mod connection;
mod first_contact;
mod live;
mod login;
pub(crate) mod names;
mod other;
mod parameters;
mod password;
mod search;
mod shapes;
mod tls;
mod tls_trouble;
mod trouble;
mod watch;

pub(crate) use address::Server;
pub(crate) use asker::{Asker, OF_THE_SERVER};
pub(crate) use checks::LogEnd;
pub(crate) use connection::{Connection, Next, log_in};
pub(crate) use first_contact::FirstContact;
pub(crate) use live::{LiveLog, Opened};
pub(crate) use shapes::statements_between;
pub(crate) use trouble::{Trouble, is_held};
pub(crate) use watch::is_before;
