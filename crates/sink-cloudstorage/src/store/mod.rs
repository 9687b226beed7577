//! The object store behind a sink URI.
//!
//! | room | what lives there |
//! |---|---|
//! | [`location`] | where a store is: plain data, made from a URI |
//! | [`secret`] | text that is never shown |
//! | [`mod@open`] | from a location to an [`ObjectStore`](object_store::ObjectStore) |
//! | `s3` (a feature) | S3 and what speaks like it |
//! | [`memory`] | a store in this process, for tests and trials |
//! | [`noop`] | a store that keeps nothing, for measurements |
//!
//! A local directory is [`stage_writer::DurableLocal`]. Another backend is a variant of [`Location`] and one arm in [`open()`](fn@open).

pub mod location;
pub mod memory;
pub mod noop;
pub mod open;
#[cfg(feature = "s3")]
mod s3;
pub mod secret;

pub use location::{Location, S3Location};
pub use noop::NoopStore;
pub use open::{OpenError, open};
pub use secret::Secret;
