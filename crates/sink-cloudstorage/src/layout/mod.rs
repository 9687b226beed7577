//! What everything in the bucket is called (`output-format` section 2). Pure: no store, no clock.
//!
//! ```text
//! <schema>/<table>/<version>[/<partition>][/<date>]/CDC[_<dispatcher>_]<index>.<ext>    data files
//!                                                  /meta/CDC[_<dispatcher>].index       how far they count
//! <schema>/<table>/meta/schema_<version>_<checksum>.json                                a table's schema files
//! <schema>/meta/schema_<version>_<checksum>.json                                        a database's schema files
//! metadata                                                                              the checkpoint
//! ```
//! Compressed data files have `.gz` or `.zst` behind `<ext>`, in index files too.
//! In table-id mode `<schema>/<table>` is one number, the table's id.
//!
//! | room | what lives there |
//! |---|---|
//! | [`name`] | schema and table names as they stand in keys |
//! | [`date`] | the date level |
//! | [`table_dir`], [`data_dir`] | directories, made and parsed |
//! | [`data_file`], [`index_file`], [`schema_key`], [`checkpoint`] | files, made and parsed |
//! | [`replay_order`] | the order a consumer replays directories in |
//! | [`rules`] | the [`Layout`]: the settings that choose among all this |
//!
//! # Keys are verbatim
//!
//! A name stands in its key byte for byte: spaces, `#`, `%`, `?`, quotes and any script stay what they are. Keys
//! are therefore made with [`Path::parse`](object_store::path::Path::parse), which keeps text as it is, and never
//! with `Path::from`, `child` or `join`, which percent-encode a dozen characters. A local directory and a bucket
//! then show the same names.
//!
//! The few names that cannot stand there verbatim are [escaped](name), and read back: `.`, `..`, those with `/` or a
//! control character, and databases called `.spillway` or `metadata`.

pub mod checkpoint;
pub mod data_dir;
pub mod data_file;
pub mod date;
mod error;
pub mod index_file;
pub mod name;
pub mod replay_order;
pub mod rules;
pub mod schema_key;
pub mod table_dir;

pub use checkpoint::{METADATA_KEY, checkpoint_content, parse_checkpoint};
pub use data_dir::DataDir;
pub use data_file::DataFileName;
pub use date::DateLevel;
pub use error::LayoutError;
pub use index_file::IndexKey;
pub use replay_order::ReplayKey;
pub use rules::Layout;
pub use schema_key::{SchemaKey, is_schema_file};
pub use table_dir::TableDir;
