//! What a database change is: plain data, no I/O.
//!
//! A source turns its log into [`ChangeEvent`]s; encoders and sinks read them.
//!
//! | room | what lives there |
//! |---|---|
//! | [`commit_ts`] | the timestamp that orders everything |
//! | [`mod@column`] | one column: type, length, charset, members, default |
//! | [`schema`] | a table's columns at one version |
//! | [`temporal`] | dates, times and their packed form |
//! | [`value`] | one cell, borrowed |
//! | [`rows`] | the changed rows of one transaction, laid out for speed |
//! | [`row_event`] | those rows, their table and their commit-ts |
//! | [`table_filter`] | which tables are taken |
//! | [`event_filter`] | which of their changes are left out |
//! | [`column_selectors`] | which of their columns are written |
//! | [`ddl`] | a statement that changes tables or databases |
//!
//! # The layout of rows
//!
//! A [`Rows`] holds three flat buffers, whatever the number of rows: one list of changes, one list of
//! fixed-size cells (column after column, image after image) and one arena for the bytes of strings.
//! Reading a row walks the cells in order and borrows from the arena, so an encoder allocates nothing
//! per row or per column.

pub mod column;
pub mod column_selectors;
pub mod commit_ts;
pub mod ddl;
pub mod event_filter;
pub mod row_event;
pub mod rows;
pub mod schema;
pub mod table_filter;
pub mod temporal;
pub mod value;

pub use column::{Column, ColumnKind, DefaultValue, Generated};
pub use column_selectors::{ColumnSelector, ColumnSelectors};
pub use commit_ts::CommitTs;
pub use ddl::{DdlChange, DdlEvent, DdlKind, Influence};
pub use event_filter::{EventFilter, EventRule, EventRuleError, IgnoredRows, UnknownEvent};
pub use row_event::RowEvent;
pub use rows::{Image, Op, RowRef, RowWriter, Rows, RowsBuilder, RowsError, RowsMark, UpdateForm};
pub use schema::{TableName, TableSchema};
pub use table_filter::{RuleError, TableFilter};
pub use temporal::{Date, DateTime, Time};
pub use value::Value;

use std::sync::Arc;

/// One thing that happened in the source, in log order.
#[derive(Clone, Debug)]
pub enum ChangeEvent {
    /// The rows that one transaction changed in one table.
    Rows(RowEvent),
    /// A statement that changed a table or a database.
    Ddl(Arc<DdlEvent>),
    /// Every event at or below this commit-ts has been handed over.
    Resolved(CommitTs),
}
