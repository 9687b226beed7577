//! The glue between a source and a sink: dispatchers, table progress, block events.
//!
//! ```text
//!            handle                       a turn at a time               front door
//!  source ──────────► router ─► inboxes ───────────────────► driver ──────────────────► sink
//!                        │        (one per dispatcher)          │ pass_block_event        │
//!                        │ add                                  ▼ report, verdict         │ flush ack
//!                        ▼                                  maintainer                    │
//!                  table progress ◄──────────────────────────────────────────────────────┘
//!                        │ every second: the checkpoint ─► persist ─► sink.add_checkpoint_ts
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`sink`] | the [`Sink`] trait, and [`DispatchedRows`]: what goes through its front door |
//! | [`span`] | what a dispatcher stands for, and its [`DispatcherId`] |
//! | [`splitter`] | which rows of a table go to which of its dispatchers |
//! | [`dispatchers`] | the way in for a source: [`Dispatchers`] |
//! | `router` | which dispatchers an event touches; registers and retires them |
//! | `registry`, `inbox` | every dispatcher's passive state; those with work stand in a queue |
//! | `driver`, `turn` | what an active dispatcher does: rows, then their wake; a block event, alone |
//! | [`progress`], `pending`, `in_flight`, `ledger` | what is not durable yet, per table and over all: the checkpoint |
//! | [`block`], [`maintainer`], [`in_process`] | the protocol of a statement that touches several dispatchers |
//! | [`checkpoint`] | saves a checkpoint, then tells the sink |
//! | [`blackhole`] | a sink that counts and forgets |
//!
//! # Laws
//!
//! - A dispatcher waits for the wake of its rows before it sends the next ones; a wake never moves the checkpoint.
//! - An event counts as not durable from the moment `handle` has taken it until its flush ack: there is no moment
//!   in between at which nobody knows of it.
//! - `pass_block_event` comes before a dispatcher's report to the maintainer, and before `write_block_event`.
//! - The first error ends everything, and everyone who waits gets it.
//!
//! # Example
//!
//! ```
//! use change_event::{ChangeEvent, CommitTs};
//! use dispatcher::{BlackholeSink, Dispatchers};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (sink, pipeline) = BlackholeSink::spawn();
//! let dispatchers = Dispatchers::builder(sink).spawn()?;
//! dispatchers.handle(ChangeEvent::Resolved(CommitTs(42))).await?;
//! assert_eq!(dispatchers.finish().await?, CommitTs(42));
//! pipeline.close().await?;
//! # Ok(())
//! # }
//! ```

pub mod blackhole;
pub mod block;
mod builder;
pub mod checkpoint;
pub mod dispatchers;
mod driver;
mod error;
mod fate;
mod in_flight;
pub mod in_process;
mod inbox;
mod ledger;
pub mod maintainer;
mod options;
mod pending;
pub mod progress;
mod registry;
mod router;
pub mod sink;
pub mod span;
pub mod splitter;
mod turn;
mod work;

pub use blackhole::BlackholeSink;
pub use block::{BlockEvent, BlockId};
pub use builder::Builder;
pub use checkpoint::CheckpointStore;
pub use dispatchers::Dispatchers;
pub use error::{Error, SharedError, SinkError};
pub use in_process::InProcessMaintainer;
pub use maintainer::{Maintainer, Verdict};
pub use options::Options;
pub use progress::TableProgress;
pub use sink::{DispatchedRows, Sink};
pub use span::{DispatcherId, Span};
pub use splitter::{Splitter, WholeTables};
pub use work::Work;
