//! A statement's text as it stands alone: in any database, in the default `sql_mode`, for one table.
//!
//! Consumers run the text as it is. So names are written with their databases, quotes and backslashes as the default
//! mode has them, and clauses that are statements of their own here (`OR REPLACE`, an ALTER's RENAME) are left out.
//! Everything else stays as it was written.

use super::cursor::quoted;
use crate::sql::Edits;
use change_event::TableName;

/// A statement's text, and what is written differently.
pub(super) struct Text<'a> {
    sql: &'a str,
    edits: Edits,
    renames: Edits,
}

impl<'a> Text<'a> {
    /// The text `sql` with these changes; `renames` takes out the clauses that rename the table.
    pub(super) fn new(sql: &'a str, edits: Edits, renames: Edits) -> Self {
        Self { sql, edits, renames }
    }

    /// The statement without a clause that renames the table.
    pub(super) fn alone(&self) -> String {
        self.edits.clone().and(&self.renames).apply(self.sql).trim().to_owned()
    }

    /// An ALTER without a clause that renames the table. One of a system-versioned table needs the leave to change its
    /// history, which its session had.
    pub(super) fn of_alter(&self, versioned: bool) -> String {
        let leave = if versioned { "SET STATEMENT system_versioning_alter_history = KEEP FOR " } else { "" };
        format!("{leave}{}", self.alone())
    }
}

/// The one form in which consumers understand a rename.
pub(super) fn rename(from: &TableName, to: &TableName) -> String {
    format!("RENAME TABLE {} TO {}", quoted(from), quoted(to))
}

pub(super) fn drop_table(table: &TableName) -> String {
    format!("DROP TABLE {}", quoted(table))
}

/// Of a view that was there before the log nobody was told.
pub(super) fn drop_view(view: &TableName) -> String {
    format!("DROP VIEW IF EXISTS {}", quoted(view))
}

/// Of one that is not known.
pub(super) fn drop_table_if_exists(table: &TableName) -> String {
    format!("DROP TABLE IF EXISTS {}", quoted(table))
}

pub(super) fn truncate(table: &TableName) -> String {
    format!("TRUNCATE TABLE {}", quoted(table))
}
