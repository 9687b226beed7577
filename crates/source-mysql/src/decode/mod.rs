//! The bytes of events to names, columns and values.
//!
//! Everything here reads bytes that someone else wrote: nothing panics on them, and nothing allocates by a length
//! that they claim. The tests in `tests/damage.rs` hold this.
//!
//! | room | what lives there |
//! |---|---|
//! | [`cursor`] | the checked reader below all of them |
//! | [`fault`] | what is wrong with bytes |
//! | [`query`] | statements |
//! | [`server_version`] | whose log it is, by flavor and version |
//! | [`table_map`] | tables: [`physical`] types joined with their [`metadata`] and what statements said of them |
//! | [`seen`] | the columns that come out of it, with help of [`signs`], [`stored`], [`fits`] and [`hidden`] |
//! | [`rows`] | rows events, straight into the buffers of [`change_event::Rows`] by their table's [`layout`] |
//! | [`unhide`] | the same for tables with hidden columns or history |
//! | [`value`] | single values, with help of [`decimal`], [`temporal`], [`charset`] and [`json`] |
//! | [`inflate`] | MariaDB's compressed events |

mod charset;
mod collation;
mod cursor;
mod decimal;
mod fault;
mod fits;
mod hidden;
mod inflate;
mod json;
mod json_text;
mod layout;
mod metadata;
mod mysql_tables;
mod physical;
mod query;
mod rows;
mod seen;
mod server_version;
mod signs;
mod stored;
mod table_map;
mod temporal;
mod unhide;
mod value;

#[cfg(feature = "server")]
pub(crate) use charset::Charset;
pub(crate) use cursor::Cursor;
pub(crate) use fault::Fault;
pub(crate) use inflate::inflate;
pub(crate) use json_text::base64;
#[cfg(feature = "server")]
pub(crate) use json_text::{number as json_number, quoted as json_string};
pub(crate) use layout::RowLayout;
pub(crate) use query::{Head, Query};
pub(crate) use rows::{RawRows, check_whole, decode, read, table_id};
pub(crate) use server_version::{Flavor, ServerVersion};
pub(crate) use table_map::{SeenTable, TableMap, split_id};
pub(crate) use temporal::Zone;
pub(crate) use value::Scratch;
#[cfg(feature = "server")]
pub(crate) use value::vector;
