//! The object store behind a sink URI.
//!
//! | room | what lives there |
//! |---|---|
//! | [`location`] | where a store is: plain data, made from a URI |
//! | [`secret`] | text that is never shown |
//! | [`mod@open`] | from a location to an [`ObjectStore`](object_store::ObjectStore) |
//! | `s3`, `gcs`, `azure` (features) | the clients of the clouds |
//! | `aws` | who asks S3, where its client's own chain does not go: profiles, and roles that are taken on |
//! | `stamp` | headers that clients have no words for, on the requests that make objects |
//! | `client` | what these clients have in common |
//! | `listening` | their connections, from which a store's load is learnt |
//! | `bucket` | a cloud's client as the sink uses it: it shows no secrets, and writes objects of the class that is wanted |
//! | [`memory`] | a store in this process, for tests and trials |
//! | [`noop`] | a store that keeps nothing, for measurements |
//!
//! A local directory is [`stage_writer::DurableLocal`]. Another backend is a variant of [`Location`] and one arm in [`open()`](fn@open).

#[cfg(feature = "s3")]
mod aws;
#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "cloud")]
mod bucket;
#[cfg(feature = "cloud")]
mod client;
#[cfg(feature = "gcs")]
mod gcs;
#[cfg(feature = "cloud")]
mod listening;
pub mod location;
pub mod memory;
pub mod noop;
pub mod open;
#[cfg(feature = "s3")]
mod s3;
pub mod secret;
#[cfg(feature = "cloud")]
mod stamp;

pub use location::{AzureLocation, GcsLocation, Location, S3Location};
pub use noop::NoopStore;
pub use open::{OpenError, open};
pub use secret::Secret;
