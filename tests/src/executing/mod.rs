//! An independent reader of a bucket that *executes* it: the judge of the DDL texts in schema files.
//!
//! [`consumer`](crate::consumer) rebuilds tables from their columns and so never reads a `Query` as SQL. This reader
//! does with a bucket what TiCDC's storage consumer does (`output-format` 10.2 and 10.4): it runs every `Query` on an
//! empty server of its own, writes the rows between them, and refuses what that consumer refuses. What is right then
//! shows on two real servers: every table is the same on both.
//!
//! ```text
//! Bucket ─► Replay: schema files and data directories, version by version ─► Target ─► compare ◄─ the source
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`replay`] | the order of a consumer, its watermarks, what it ignores |
//! | `shape` | the parts of a statement that a consumer parses |
//! | `refusal` | the texts a consumer cannot take |
//! | `rows` | rows as statements |
//! | `literal` | a value's text as SQL, by the type of its column |
//! | `target` | the sessions on the server that is replayed onto |
//! | [`compare`] | two servers, table by table |
//! | [`failure`] | why a bucket cannot be replayed |

pub mod compare;
pub mod failure;
mod literal;
mod refusal;
pub mod replay;
mod rows;
mod shape;
mod target;

pub use compare::{Compared, compare_servers};
pub use failure::Failure;
pub use replay::{Counts, replay_onto};
