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
//! | [`table_map`] | tables: [`physical`] types joined with their [`metadata`] to the columns [`seen`] |
//! | [`rows`] | rows events, straight into the buffers of [`change_event::Rows`] |
//! | [`value`] | single values, with help of [`decimal`], [`temporal`], [`charset`] and [`json`] |
//! | [`inflate`] | MariaDB's compressed events |

mod charset;
mod collation;
mod cursor;
mod decimal;
mod fault;
mod inflate;
mod json;
mod json_text;
mod metadata;
mod mysql_tables;
mod physical;
mod query;
mod rows;
mod seen;
mod table_map;
mod temporal;
mod value;

pub(crate) use cursor::Cursor;
pub(crate) use fault::Fault;
pub(crate) use inflate::inflate;
pub(crate) use physical::Flavor;
pub(crate) use query::{Head, Query};
pub(crate) use rows::{RawRows, decode, read};
pub(crate) use table_map::{WireTable, split_id};
pub(crate) use temporal::Zone;
pub(crate) use value::{Scratch, Wire};
