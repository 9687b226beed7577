//! Why a statement is not followed.

use change_event::TableName;

/// Why a statement was not understood, or does not fit what is tracked. Its text is for the operator's log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the statement cannot be split into words: {0}")]
    Words(String),
    #[error("{expected} expected, {found} found")]
    Unexpected { expected: String, found: String },
    #[error("{0} is not followed; the next rows show the shape of the table")]
    Unfollowed(&'static str),
    #[error("the shape of {0} is not known yet; the next rows show it")]
    UnknownTable(TableName),
    #[error("{table} has no column {column}; the next rows show its shape")]
    UnknownColumn { table: TableName, column: String },
    #[error("{table} already has a column {column}; the next rows show its shape")]
    DuplicateColumn { table: TableName, column: String },
}
