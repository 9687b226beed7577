//! What the statements of the log say about a table, for those who read its rows.

use super::tracked::Tracked;
use change_event::Column;

/// A table as its statements made it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'s> {
    /// The declared columns in order.
    pub(crate) columns: &'s [Column],
    pub(crate) versioning: Versioning<'s>,
    /// How many unique keys there are besides the primary one: MariaDB has a hidden column for some of them.
    pub(crate) unique_keys: usize,
}

/// Whether a table keeps its history: MariaDB's `WITH SYSTEM VERSIONING`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versioning<'s> {
    /// No statement made the table; it was learned from its rows.
    Unsaid,
    No,
    /// With `row_start` and `row_end`, which nobody declared, behind the last column.
    Implicit,
    /// This column is declared `GENERATED ALWAYS AS ROW END`.
    Until(&'s str),
}

impl Tracked {
    /// What its readers ask about it.
    pub(crate) fn shape(&self) -> Shape<'_> {
        let versioning = match (self.versioned, self.row_end()) {
            (None, _) => Versioning::Unsaid,
            (Some(false), _) => Versioning::No,
            (Some(true), None) => Versioning::Implicit,
            (Some(true), Some(column)) => Versioning::Until(&column.name),
        };
        Shape { columns: &self.schema.columns, versioning, unique_keys: self.unique_keys() }
    }
}
