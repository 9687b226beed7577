//! The storage sink: the stages composed, and everything a bucket looks like.
//!
//! | room | what lives there |
//! |---|---|
//! | [`storage`] | the stages composed: from a configuration to a running sink |
//! | [`sink`] | the sink as dispatchers see it: front door, drains, DDLs, checkpoints |
//! | [`files`] | the writer's view of a table |
//! | [`written_with`] | the settings a target keeps from its first start on |
//! | [`parked_events`] | what a source passed over, kept beside the data |
//! | [`source_state`] | where the source stood, kept beside the data |
//! | [`expiry`] | files that are older than somebody wants to keep them |
//! | `admission` | which databases and tables a target can hold |
//! | `checkpoint_file` | `metadata`, for consumers |
//! | [`layout`] | what every file is called, and back |
//! | [`schema_file`] | what a table looks like at one version |
//! | [`store`] | the object store behind a sink URI |
//! | [`config`] | what the sink is told |
//!
//! # Types of others
//!
//! | crate | version | where |
//! |---|---|---|
//! | [`object_store`] | 0.14 | stores and paths; also as [`stage_writer::object_store`] |
//! | [`jiff`] | 0.2 | the time zone of dates |
//! | [`opentelemetry`] | 0.33 | the meter in a [`Telemetry`](pipeline_core::Telemetry) |

mod admission;
mod checkpoint_file;
pub mod config;
pub mod expiry;
pub mod files;
pub mod known_versions;
pub mod layout;
mod memory_plan;
pub mod metrics;
mod open_error;
pub mod parked_events;
pub mod schema_file;
pub mod sink;
pub mod source_state;
pub mod storage;
pub mod store;
pub mod written_with;

pub use open_error::OpenSinkError;
pub use parked_events::ParkedEvents;
pub use sink::{CloudStorageSink, Counts};
pub use source_state::{SourceState, StateError};
pub use stage_writer::{Error as WriterError, wall_millis};
pub use storage::CloudStorage;
