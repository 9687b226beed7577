//! An independent reader of a bucket: the judge of what the sink wrote.
//!
//! It knows the layout from its description alone (`output-format` sections 2, 3 and 10) and shares no code with the
//! sink. [`Bucket::read`] lists everything, reads everything that is published and checks every file;
//! [`Bucket::replay`] applies it all in the order in which a consumer would and rebuilds the tables;
//! [`live`] compares those with the tables of a server.
//!
//! | room | what lives there |
//! |---|---|
//! | [`options`] | what a reader must be told, because no file says it |
//! | [`compression`] | bytes from compressed bytes |
//! | [`violation`] | the promises a bucket can break, by name |
//! | [`names`] | paths and file names, read and made |
//! | [`schema_file`] | a table's columns at one version, and their checksum |
//! | `go_json` | JSON as the schema files spell it |
//! | [`row`] | one row of a data file |
//! | `csv`, `canal` | rows from bytes |
//! | [`bucket`] | everything that is in a bucket |
//! | `scan` | one pass over a store |
//! | [`duplicates`] | rows that a restarted sink wrote twice |
//! | `ddl_text` | the names in a statement |
//! | [`table`] | a table, rebuilt |
//! | [`replay`] | all tables, rebuilt in a consumer's order |
//! | [`stepwise`] | all tables, rebuilt commit by commit |
//! | [`live`] | rebuilt tables against a server's |
//! | `text_form` | the textual form of a value on both sides |
//! | [`difference`] | what differs |
//! | [`journal`] | a store that notes in which order objects are written |
//! | `write_order` | whether that order was right |

pub mod bucket;
mod canal;
pub mod compression;
mod csv;
mod ddl_text;
pub mod difference;
pub mod duplicates;
mod go_json;
pub mod journal;
pub mod live;
pub mod names;
pub mod options;
pub mod replay;
pub mod row;
mod scan;
pub mod schema_file;
pub mod stepwise;
pub mod table;
mod text_form;
pub mod violation;
mod write_order;

pub use bucket::{Bucket, DataFile};
pub use compression::Compression;
pub use difference::Difference;
pub use journal::Journal;
pub use live::{compare_databases, compare_table};
pub use names::{DirKey, TableKey};
pub use options::{BinaryText, CsvOptions, DateSeparator, Format, Options};
pub use replay::Replayed;
pub use row::{Op, Row};
pub use schema_file::{ColumnDef, SchemaFile};
pub use stepwise::Stepwise;
pub use table::{Table, TableRows};
pub use violation::Violation;
