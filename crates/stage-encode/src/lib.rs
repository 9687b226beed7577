//! Rows to bytes: the [`Encoder`] trait and one room per format.
//!
//! An encoder is synchronous and pure: a table's rows go in, bytes are appended to a buffer that the caller owns
//! and may use again. It allocates nothing per row or per column. What depends on the configuration is worked
//! out once, when the encoder is made; what depends on the event is rendered once, into the output itself, and
//! copied from there for every further row.
//!
//! | room | what lives there |
//! |---|---|
//! | [`encoder`] | the trait, and why rows could not be encoded |
//! | [`csv`] | CSV: one line per row image |
//! | [`canal`] | canal-json: one JSON object per changed row |
//! | [`selected`] | any of them, for some of the columns |
//! | [`stage`] | an encoder as a tower service over envelopes |
//! | `temporal`, `float` | dates, times and floating-point numbers as both formats print them |
//!
//! The bytes are those of TiCDC's storage sink (`output-format` section 3); where this crate departs from them,
//! the item's documentation says so and why. Both formats leave *virtual* generated columns out. A format of one's own
//! is an [`Encoder`].
//!
//! ```
//! use change_event::{Column, ColumnKind, CommitTs, Op, RowEvent, RowsBuilder, TableName, TableSchema, Value};
//! use stage_encode::{Csv, Encoder};
//! use std::sync::Arc;
//!
//! let table = TableSchema {
//!     name: TableName::new("shop", "orders"),
//!     table_id: 1,
//!     partition: None,
//!     version: 1,
//!     columns: vec![Column::new("id", ColumnKind::Int), Column::new("note", ColumnKind::VarChar)],
//! };
//! let mut rows = RowsBuilder::new(2);
//! rows.push(Op::Insert, [Value::Int(7), Value::Text(b"two, \"please\"")])?;
//! let event = RowEvent { table: Arc::new(table), commit_ts: CommitTs(1), rows: rows.build() };
//!
//! let mut out = Vec::new();
//! Csv::default().encode(&event, &mut out)?;
//! assert_eq!(out, b"\"I\",\"orders\",\"shop\",7,\"two, \"\"please\"\"\"\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Types of others
//!
//! | crate | version | where |
//! |---|---|---|
//! | [`bytes`] | 1 | the body of a piece |
//! | [`tower`] | 0.5 | the stage is a `Service` |

pub mod canal;
pub mod csv;
pub mod encoder;
mod float;
pub mod metrics;
pub mod selected;
pub mod stage;
mod temporal;

pub use canal::{CanalConfig, CanalJson};
pub use csv::{BinaryEncoding, Csv, CsvConfig, CsvConfigError};
pub use encoder::{EncodeError, Encoder, Reason};
pub use selected::Selected;
pub use stage::Encode;
