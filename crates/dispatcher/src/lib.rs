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
//! # A source of one's own
//!
//! A source is whoever calls [`Dispatchers::handle`], in the order of a log. After each transaction it says that no more
//! comes at or below its commit-ts, and that is all: what it sends is held up while the sink is behind, and the first
//! error of anything ends its next call. (One whose log may be silent for long waits for [`Dispatchers::failed`] beside
//! it.)
//!
//! ```
//! use change_event::{ChangeEvent, Column, ColumnKind, CommitTs, Op, RowEvent, RowsBuilder, TableName, TableSchema, Value};
//! use dispatcher::{BlackholeSink, Dispatchers};
//! use std::sync::Arc;
//! use tokio_stream::StreamExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut log = tokio_stream::iter(["10 apple pear", "20 plum"]); // a commit-ts, and what was inserted then
//! let table = Arc::new(TableSchema {
//!     name: TableName::new("shop", "fruits"),
//!     table_id: 1,
//!     partition: None,
//!     version: 1,
//!     columns: vec![Column::new("name", ColumnKind::VarChar)],
//! });
//! let (sink, pipeline) = BlackholeSink::spawn();
//! let dispatchers = Dispatchers::builder(sink.clone()).spawn()?;
//! while let Some(transaction) = log.next().await {
//!     let (commit_ts, names) = transaction.split_once(' ').ok_or("a transaction without rows")?;
//!     let (table, commit_ts) = (table.clone(), CommitTs(commit_ts.parse()?));
//!     let mut rows = RowsBuilder::new(1);
//!     for name in names.split(' ') {
//!         rows.push(Op::Insert, [Value::Text(name.as_bytes())])?;
//!     }
//!     dispatchers.handle(ChangeEvent::Rows(RowEvent { table, commit_ts, rows: rows.build() })).await?;
//!     dispatchers.handle(ChangeEvent::Resolved(commit_ts)).await?;
//! }
//! let checkpoint = dispatchers.finish().await?;
//! assert_eq!(checkpoint, CommitTs(20)); // another run goes on behind it
//! assert_eq!(sink.rows(), 3);
//! pipeline.close().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A sink of one's own is a [`Sink`].
//!
//! # Types of others
//!
//! | crate | version | where |
//! |---|---|---|
//! | [`tower`] | 0.5 | a sink's door is a `Service` |
//! | [`tokio_stream`] | 0.1 | the `Stream` of checkpoints |

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
