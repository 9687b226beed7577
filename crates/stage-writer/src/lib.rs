//! Elements to files: batch, upload, publish.
//!
//! ```text
//! pieces ─► batch ─► upload ─► publish ─► receipts flushed, markers acknowledged
//!           Stream   Service   Service
//! ```
//!
//! | room | what happens there |
//! |---|---|
//! | [`label`] | what a payload says of itself |
//! | [`layout`] | what files are called, and what surrounds their rows |
//! | [`batch`] | pieces or rows of one route gather until size, age, a marker, pressure or the end closes the batch |
//! | [`directory`] | numbers: where a directory's files go on, and what is visible of them |
//! | [`upload`] | a batch becomes a data file, created so that two owners cannot overwrite each other |
//! | [`compress`] | files that are compressed on their way |
//! | [`publish`] | the index file makes data files visible, in order |
//! | [`remote`] | the object store, with a request limit, retries, and unclear outcomes settled by reading back |
//! | [`store`] | a local directory whose writes survive a crash; what a store is found to honour |
//! | [`unpack`] | a batch of packed payloads becomes one of payloads, for sinks that are not files |
//! | [`tally`] | what became durable, counted |
//!
//! # Types of others
//!
//! | crate | version | where |
//! |---|---|---|
//! | [`object_store`] | 0.14 | stores, paths and attributes; also as [`stage_writer::object_store`](object_store) |
//! | [`bytes`] | 1 | bodies, headers and footers |
//! | [`tower`] | 0.5 | `Upload`, `Publish` and `Unpack` are its services |
//! | [`opentelemetry`] | 0.33 | the meter in a [`Telemetry`](pipeline_core::Telemetry) |
//! | [`tokio`] | 1 | the time at which a batch was closed |

pub mod batch;
mod buffers;
mod clock;
pub mod compress;
pub mod directory;
mod error;
pub mod label;
pub mod layout;
pub mod metrics;
mod payload;
mod places;
pub mod publish;
pub mod remote;
pub mod store;
pub mod tally;
pub mod unpack;
pub mod upload;

pub use batch::{Batch, BatchLimits, Batcher, FlushReason, RowBatcher};
pub use clock::wall_millis;
pub use compress::Compression;
pub use error::{Error, ErrorKind};
pub use label::Label;
pub use layout::{DataFile, IndexFile, Layout, Past};
/// The crate whose stores, paths and attributes are taken here.
pub use object_store;
pub use publish::Publish;
pub use remote::{
    Attributed, Concurrency, Conditional, Hurry, Remote, RemoteConfig, Retry, Standing, advice,
    asks_for_patience,
};
pub use store::{DurableLocal, ProbeError, probe};
pub use tally::Tally;
pub use unpack::Unpack;
pub use upload::{Upload, UploadConfig};
