//! One transaction's rows of one table.

use crate::{CommitTs, Rows, TableSchema};
use std::sync::Arc;

/// The rows one transaction changed in one table: never split, so a transaction stays whole in one file.
#[derive(Clone, Debug)]
pub struct RowEvent {
    /// The table, at the version these rows have.
    pub table: Arc<TableSchema>,
    /// When the transaction committed.
    pub commit_ts: CommitTs,
    /// The rows, in the order they changed.
    pub rows: Rows,
}
