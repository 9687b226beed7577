//! Where events come from: a file, or a server.
//!
//! Both give the same [`LogEvent`]s, checksums verified and compressed transactions unpacked.
//!
//! | room | what lives there |
//! |---|---|
//! | [`event`] | an event's header and body |
//! | [`kind`] | what an event is |
//! | [`format`](self::format) | the first event of a file |
//! | [`file`] | a binlog file |
//! | [`payload`] | MySQL's compressed transactions |
//! | [`server`] | how to reach a server, from its URL |
//! | [`checks`] | whether a server is set up for us, and which logs it has |
//! | [`names`] | what a server says of the names in its log |
//! | [`trouble`] | what a failed connection means |
//! | [`connection`] | one connection to a server, its events made ours |
//! | [`watch`] | whether the log that a silent connection follows is still there |
//! | [`live`] | a server's log, across reconnects |

mod checks;
mod connection;
mod event;
mod file;
mod format;
mod kind;
mod live;
mod names;
mod payload;
mod server;
mod trouble;
mod watch;

pub(crate) use connection::Next;
pub(crate) use event::LogEvent;
pub(crate) use file::FileLog;
pub(crate) use format::format_of;
pub(crate) use kind::Kind;
pub(crate) use live::{LiveLog, Opened};
