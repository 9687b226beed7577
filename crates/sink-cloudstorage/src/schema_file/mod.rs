//! Schema files: what a table looks like at one version (`output-format` 2.8 and 2.9).
//!
//! A data directory of version V needs a schema file of version V, written first; a DDL writes one when it happens.
//! Consumers recompute the checksum in the file's name from its content, so every byte counts.
//!
//! | room | what lives there |
//! |---|---|
//! | [`mod@file`] | the [`SchemaFile`]: made from a table, a DDL or bytes; its key |
//! | [`mod@column`] | one column: its type text, precision and scale |
//! | [`checksum`] | the number in the name, over the columns alone |
//! | [`go_json`] | JSON as Go's `MarshalIndent` writes it |

pub mod checksum;
pub mod column;
pub mod file;
pub mod go_json;

pub use column::SchemaColumn;
pub use file::{SchemaFile, SchemaFileError};
