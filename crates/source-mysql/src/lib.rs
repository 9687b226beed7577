//! MySQL and MariaDB binlogs, from a file or a live server, to change events.
//!
//! ```text
//!  file ──►┐                       table maps, rows, statements
//!          ├─► log ─► LogEvent ─► transaction ─► decode ─► ChangeEvent, Mark
//!  server ►┘                          │
//!                                 schemas: every table, kept up to date from the DDLs
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | `log` | where events come from: a file, or a server across reconnects |
//! | `decode` | the bytes of events to names, columns and values |
//! | `sql` | the text of statements: lexemes, kinds, rewriting |
//! | `transaction` | events to whole transactions, and those to change events |
//! | [`schemas`] | every table's current shape, from the DDL in the log |
//! | [`position`] | where a source is, and what it hands over |
//! | [`lineage`] | which log a position is of, and whether a log is still that one |
//! | [`gtids`] | which transactions a log holds |
//! | `trail` | the lineage, followed from event to event |
//! | [`options`] | how a log is read |
//! | [`parked`] | events that are passed over, and what is kept of them |
//! | [`snapshot`] | a server's tables, copied at one point of its log |
//! | [`source`] | one source over a file and a server |
//!
//! # What a server needs
//! Its log on, with `binlog_format=ROW` and `binlog_row_image=FULL`. What its tables look like comes from three places:
//!
//! * from the server, by `SHOW CREATE TABLE` at the start, and again for a table whose statement cannot be followed.
//!   It is proved that no statement touched the table between the place in the log and the reading. The user needs
//!   SELECT on the tables for that;
//! * from the CREATE and ALTER statements of the log, or those of a [script](SourceOptions::given_tables);
//! * from the log's own metadata, where it has any (`binlog_row_metadata=FULL`; MySQL since 8.0.1, MariaDB since 10.5). It
//!   is checked against the others and wins.
//!
//! Where the columns of a table and its rows contradict each other, or nothing tells the columns, that is an error.
//!
//! # What is not supported
//! MariaDB's COMPRESSED columns, encrypted log files, partial JSON updates, and text in
//! the charsets that `encoding_rs` does not know (cp850, cp852, dec8, hp8, swe7, armscii8, geostd8, keybcs2,
//! macce). Each is an error that says what to do, never wrong rows; or it is [parked], event by event. A transaction is held
//! until it commits, in memory and on disk ([`SourceOptions::transaction_memory`]), up to a limit
//! ([`SourceOptions::max_transaction_bytes`]); so are XA transactions between their phases, all of them together.
//!
//! # Features
//! `server` (on by default): servers as sources, beside files. Without it the client and some sixty crates are not
//! compiled.
//!
//! # Types of others
//!
//! | crate | version | where |
//! |---|---|---|
//! | [`futures`] | 0.3 | the `Stream` of a log |
//! | [`jiff`] | 0.2 | the time zone of TIMESTAMPs |
//! | [`url`] | 2 | where a server is |

#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "some of it serves live servers only"))]

mod decode;
pub mod error;
pub mod gtids;
pub mod lineage;
mod log;
pub mod options;
pub mod parked;
pub mod position;
pub mod schemas;
#[cfg(feature = "server")]
pub mod snapshot;
pub mod source;
mod sql;
mod trail;
mod transaction;

pub use error::{Error, Result};
pub use gtids::Gtids;
pub use lineage::Lineage;
pub use options::{LogPlace, SourceOptions, Start};
pub use parked::{OnUnsupported, Parked};
pub use position::{Mark, Position, Resume, SourceItem};
pub use schemas::{SchemaChanges, Schemas};
#[cfg(feature = "server")]
pub use snapshot::{Attempt, Snapshot, SnapshotLock, SnapshotOptions};
pub use source::Binlog;
pub use sql::Dialect;
