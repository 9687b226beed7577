//! How the rows of one table are read: every column in the log, and which of them are columns of the table.

use super::hidden::Hidden;
use super::value::Wire;
use change_event::{Column, ColumnKind};

/// The columns of a table map as its rows have them.
#[derive(Debug)]
pub(crate) struct RowLayout {
    /// Of every column in the log, how its values are stored.
    pub(super) wires: Vec<Wire>,
    /// Most tables have nothing hidden, and are read without looking for it.
    pub(super) hidden: Option<Box<Hidden>>,
    shown: usize,
}

impl RowLayout {
    pub(crate) fn new(wires: Vec<Wire>, hidden: Option<Hidden>) -> Self {
        let shown = hidden.as_ref().map_or(wires.len(), |h| h.shown.iter().filter(|shown| **shown).count());
        Self { wires, hidden: hidden.map(Box::new), shown }
    }

    /// How many columns the table has.
    pub(crate) fn len(&self) -> usize {
        self.shown
    }

    /// Reads the table's columns as they are tracked: MariaDB's JSON is text in the log; only the DDL knows better.
    pub(crate) fn follow(&mut self, columns: &[Column]) {
        let shown = self.hidden.as_ref().map(|hidden| &hidden.shown);
        let wires = self.wires.iter_mut().enumerate().filter(|(i, _)| shown.is_none_or(|shown| shown[*i]));
        for ((_, wire), column) in wires.zip(columns) {
            if let (Wire::Text { prefix, charset }, ColumnKind::Json) = (*wire, column.kind) {
                *wire = Wire::JsonText { prefix, charset };
            }
        }
    }
}
