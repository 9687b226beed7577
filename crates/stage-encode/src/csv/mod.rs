//! CSV as TiCDC's storage sink writes it (`output-format` 3.1).
//!
//! ```text
//! op , table , schema [, commit-ts] [, is-update] , column , … , column  terminator
//! ```
//!
//! Strings are set off in one of two ways. With a quote character they are *quoted*: the quote around them,
//! doubled inside, nothing else changed. Without one they are *escaped*: a backslash before the delimiter's bytes
//! and before itself, `\n` and `\r` for line breaks. Numbers and NULL are bare in both.
//!
//! | room | what lives there |
//! |---|---|
//! | [`config`] | the options, their defaults, and what is refused |
//! | [`encoder`] | the format: lines and headers |
//! | `value` | one column's value |
//! | `quoting`, `escaping` | the two ways to set a string off |
//! | `binary` | base64 and hexadecimal |

mod binary;
pub mod config;
pub mod encoder;
mod escaping;
mod quoting;
mod value;

pub use config::{BinaryEncoding, CsvConfig, CsvConfigError};
pub use encoder::Csv;
