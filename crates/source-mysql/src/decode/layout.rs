//! How the rows of one table are read: every column in the log, and which of them are columns of the table.

use super::Fault;
use super::hidden::{Hidden, lacks_columns};
use super::value::Wire;
use change_event::{Column, ColumnKind, Generated};

/// The columns of a table map as its rows have them.
#[derive(Debug)]
pub(crate) struct RowLayout {
    /// Of every column in the log, how its values are stored.
    pub(super) wires: Vec<Wire>,
    /// Most tables have nothing hidden, and are read without looking for it.
    pub(super) hidden: Option<Box<Hidden>>,
    shown: usize,
    /// The generated columns by their places in the log. Newer servers leave them out of some rows.
    generated: Vec<(usize, Generated, String)>,
}

impl RowLayout {
    pub(crate) fn new(wires: Vec<Wire>, hidden: Option<Hidden>) -> Self {
        let shown = hidden.as_ref().map_or(wires.len(), |h| h.shown.iter().filter(|shown| **shown).count());
        Self { wires, hidden: hidden.map(Box::new), shown, generated: Vec::new() }
    }

    /// How many columns the table has.
    pub(crate) fn len(&self) -> usize {
        self.shown
    }

    /// Reads the table's columns as they are tracked: MariaDB's JSON is text in the log and its VECTOR bytes, and which
    /// columns are generated, or how many members there are, the log does not say; only the DDL knows better.
    pub(crate) fn follow(&mut self, columns: &[Column]) {
        let shown = self.hidden.as_ref().map(|hidden| &hidden.shown);
        let wires = self.wires.iter_mut().enumerate().filter(|(i, _)| shown.is_none_or(|shown| shown[*i]));
        self.generated.clear();
        for ((i, wire), column) in wires.zip(columns) {
            if column.generated != Generated::No {
                self.generated.push((i, column.generated, column.name.clone()));
            }
            match (*wire, column.kind) {
                (Wire::Text { prefix, charset }, ColumnKind::Json) => {
                    *wire = Wire::JsonText { prefix, charset };
                }
                (Wire::Bytes(prefix), ColumnKind::Vector) => *wire = Wire::Vector(prefix),
                (Wire::Enum { bytes, .. }, ColumnKind::Enum) if !column.members.is_empty() => {
                    *wire =
                        Wire::Enum { bytes, members: column.members.len().try_into().unwrap_or(u16::MAX) };
                }
                (Wire::Set { bytes, .. }, ColumnKind::Set) if !column.members.is_empty() => {
                    *wire = Wire::Set { bytes, members: column.members.len().try_into().unwrap_or(64) };
                }
                _ => {}
            }
        }
    }

    /// Whether rows may leave out a column of the log that they should have: the value of a VIRTUAL one is not part of a
    /// row anyway.
    pub(super) fn may_lack(&self, column: usize) -> Result<(), Fault> {
        if let Some(hidden) = &self.hidden {
            if hidden.row_end == Some(column) {
                // Nothing else tells which rows are the current ones.
                return Err(lacks_columns());
            }
            if !hidden.shown[column] {
                return Ok(());
            }
        }
        match self.generated.iter().find(|(i, ..)| *i == column) {
            Some((_, Generated::Virtual, _)) => Ok(()),
            Some((_, Generated::Stored, name)) => Err(Fault::unsupported(format!(
                "the server leaves the STORED column {name} out of what it logs of an UPDATE or DELETE; make it VIRTUAL, \
                 or leave the table out with a filter"
            ))),
            Some((_, Generated::No, _)) | None => Err(lacks_columns()),
        }
    }
}
