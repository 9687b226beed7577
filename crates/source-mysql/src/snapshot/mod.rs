//! A server's tables, copied at one point of its log.
//!
//! ```text
//!  readers ──START TRANSACTION WITH CONSISTENT SNAPSHOT──┐ all at one point
//!                                                        ▼
//!  log ──────────────────────────────────────────────── point ───────────────► end
//!                                                        │   tables are copied, chunk by chunk, while others write
//!                                                        └── from here the log goes on, once all of them are there
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`options`] | how many readers, and whether a lock may be taken |
//! | [`attempt`] | what one attempt writes, to be taken back if it is never finished |
//! | [`progress`] | how far it is |
//! | [`copy`] | the copy from outside: what is handed over, in which order |
//! | `point` | readers that all see the tables as they are at one point of the log |
//! | `unlocked` | the same where no lock may be taken |
//! | `catalog` | which tables there are, and the statements that make them |
//! | `proof` | whether a statement came between the point and the reading |
//! | `key`, `select` | how a table is cut into chunks, and what is asked for one |
//! | `jobs`, `reader` | who reads which chunk |
//! | `cell`, `json_again` | a value of an answer as the log has it |
//!
//! # The point
//! A MariaDB (and a Percona Server) tells with each such transaction which place of the log it belongs to: no lock is
//! taken. A MySQL does not, so all transactions are begun under `FLUSH TABLES WITH READ LOCK`, which is held for as long as
//! it takes to begin them and to read where the log ends. The server is never made to wait for long behind a statement that
//! holds a table: the lock is given up after two seconds, and tried again later.
//!
//! `performance_schema.log_status` is no way around the lock: it tells where the log ends while no transaction is written to
//! it, but a transaction that was written just before may not have committed in InnoDB yet. A transaction that is begun then
//! does not see it, and the log from that place does not have it.
//!
//! # Statements
//! No lock is held while tables are read, so statements may change them meanwhile. A chunk holds its table against
//! statements only for as long as it is read. When a table is through, the log up to there is searched for
//! statements that touched it: one is enough to make the copy start anew ([`Error::Moved`](crate::Error::Moved)), since
//! InnoDB does not keep what a table looked like.
//!
//! # Memory
//! Rows are streamed. A reader holds one [`RowEvent`](change_event::RowEvent) of at most 256 KiB (or one row), and the queue
//! between readers and the caller as many again.

pub mod attempt;
mod catalog;
mod cell;
pub mod copy;
mod jobs;
mod json_again;
mod key;
pub mod options;
mod point;
pub mod progress;
mod proof;
mod reader;
mod select;
mod unlocked;

pub use attempt::Attempt;
pub use copy::Snapshot;
pub use options::{SnapshotLock, SnapshotOptions};
pub use progress::{Copied, CopyProgress};
