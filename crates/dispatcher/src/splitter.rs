//! Which rows of a table go to which of its dispatchers.

use change_event::{RowEvent, TableName};

/// Splits hot tables over several dispatchers.
///
/// Rows that must keep their order (those of one key) must always go to the same span.
pub trait Splitter: Send + Sync + 'static {
    /// How many spans a table has. Asked when the table's dispatchers are registered, all at once; 0 counts as 1.
    fn spans(&self, table: &TableName) -> u32;

    /// The pieces of an event, each with the index of its span. Not asked for tables of one span.
    ///
    /// Every row must be in exactly one piece; a piece keeps the event's commit-ts.
    fn split(&self, event: RowEvent) -> Vec<(u32, RowEvent)>;
}

/// Gives every table one dispatcher.
#[derive(Clone, Copy, Debug, Default)]
pub struct WholeTables;

impl Splitter for WholeTables {
    fn spans(&self, _table: &TableName) -> u32 {
        1
    }

    fn split(&self, event: RowEvent) -> Vec<(u32, RowEvent)> {
        vec![(0, event)]
    }
}
