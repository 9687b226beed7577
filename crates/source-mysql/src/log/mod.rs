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
//! | [`packed`] | those of a file, read in parts where they are long |
//! | [`refused`] | events of which nothing can be made |
//! | [`search`] | places in a log: behind a set of GTIDs, or at a moment |
//! | `server` | a server's log, across reconnects (feature `server`) |

mod event;
mod file;
mod format;
mod kind;
mod packed;
mod payload;
pub(crate) mod refused;
pub(crate) mod search;
#[cfg(feature = "server")]
pub(crate) mod server;

pub(crate) use event::{LogEvent, LogName, Place};
pub(crate) use file::FileLog;
pub(crate) use format::format_of;
pub(crate) use kind::Kind;
#[cfg(feature = "server")]
pub(crate) use server::{LiveLog, Next, Opened};
