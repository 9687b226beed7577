//! What the sink is told: a sink URI and a TOML file become one checked [`Config`].
//!
//! ```text
//! s3://bucket/prefix?protocol=csv&flush-interval=10s      the sink URI: where to, and what is set there
//! [sink]  [sink.csv]  [sink.cloud-storage-config]         the file: everything else
//! [scheduler]  [filter]                                   and what has no effect here
//! ```
//! The URI wins over the file, always. (The ancestor lets a `false`, a 0 or an empty text in the URI lose against
//! the file; here what is written counts.) A key that is not known, or stands where it does not belong, is an
//! error that names it: a misspelt key must not silently be a default.
//!
//! A file of the ancestor's is taken as it is. What it tells of TiDB, of the ancestor's servers or of other targets has
//! no effect here, is not read, and is [named](WithoutEffect) in one line. What would write other data than it asks for
//! is refused: routes to other names, and filters that are not built.
//!
//! # What is ours
//! * `memory://name/prefix` is a store in this process, `noop://` one that keeps nothing but counts.
//! * The keys of `[sink.csv]` and `enable-table-across-nodes` may stand in the URI too.
//! * `min-file-size`, `max-file-age`, `compression`, `spool-memory-quota`, `request-limit`, `retry-timeout` and
//!   `time-zone`, in the URI or in `[sink.cloud-storage-config]`, are explained at [`Config`].
//! * An empty `terminator` is the default, CRLF, as the ancestor's manual has it.
//! * Tables without a key are always taken, whatever `force-replicate` says.
//!
//! | room | what lives there |
//! |---|---|
//! | [`settings`] | the [`Config`]: its defaults, and the one place that checks it |
//! | [`encoding`] | the format of data files and its options |
//! | [`sink_uri`] | the URI: where the store is, and parameters |
//! | `store_options` | the parameters of the URI that are about one kind of store |
//! | `toml_file` | the file |
//! | `rules` | the lists of tables in the file: event filters, column selectors |
//! | `keys`, `nearest` | every key that has an effect, where it may stand, and what a misspelt one may have meant |
//! | `without_effect`, `refused` | the ancestor's other keys and tables, and what may not be passed over |
//! | `amounts` | what the numbers count, as errors say it |
//! | `given` | a key's value as written, and read as what it should be |
//! | [`go_duration`] | durations as Go writes them |

mod amounts;
pub mod encoding;
mod error;
mod given;
pub mod go_duration;
mod keys;
#[cfg(test)]
mod misspelt;
mod nearest;
mod read;
mod refused;
mod rules;
pub mod settings;
pub mod sink_uri;
mod store_options;
mod toml_file;
mod without_effect;

#[cfg(test)]
pub(crate) use keys::every_key;

pub use encoding::Encoding;
pub use error::ConfigError;
pub use settings::{Atomicity, Config};
pub use sink_uri::SinkUri;
pub use stage_writer::Compression;
pub use without_effect::WithoutEffect;
