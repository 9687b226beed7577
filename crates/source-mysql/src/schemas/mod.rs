//! Every table's current shape, kept up to date from the DDL statements of the log.
//!
//! ```text
//! statement text ─► lexemes ─► cursor ─► statement ─► Schemas::apply ─► DdlEvents
//! table map ───────────────────────────────────────► Schemas::reconcile ─► TableSchema
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | `cursor` | a reader over lexemes, which remembers whom the statement is about |
//! | `statement`, `harmless` | which statement it is, and which ones touch no table |
//! | `text` | its text as it stands alone |
//! | `refusal` | why a statement is not followed |
//! | `type_name`, `data_type`, `column_def`, `default_value` | a column as a statement writes it, and as it comes out |
//! | `key_def` | primary, unique and plain keys, constraints |
//! | `charset` | charsets, collations and their widths |
//! | `create`, `alter_spec`, `alter_list`, `table_option`, `database_def` | what else statements write |
//! | `view_def` | the query of a view: its tables, and the names of its columns |
//! | `follow`, `alter`, `rename`, `drop`, `partition`, `database`, `view` | what each statement does |
//! | `apply` | from a statement's text to what it amounts to |
//! | `given` | tables that stand outside of the log |
//! | `events` | what it did, one event after the other |
//! | `tracked`, `resting` | one table: schema, keys, default charset; and as text while nobody looks at it |
//! | `table_id` | a number that stays with a table |
//! | `names` | what is known of every name, at one moment after the other |
//! | `tracker` | all of them: the [`Schemas`] |
//! | `shape` | what the readers of rows ask about a table |
//! | `reconcile` | what a table map shows against what is tracked |
//! | `snapshot`, `changes` | the forms that a checkpoint stores: all of it, and what differs from an earlier moment |
//!
//! The grammar is ours. The statement trees that libraries have leave out much that servers log every day
//! (`PERSISTENT`, `LIKE` in parentheses, `WAIT 5`, partitions, inline keys, positions), and a tree that silently drops
//! a clause is worse than a refusal.

mod alter;
mod alter_list;
mod alter_spec;
mod apply;
mod changes;
mod charset;
mod column_def;
mod create;
mod cursor;
mod data_type;
mod database;
mod database_def;
mod default_value;
mod drop;
mod events;
mod follow;
mod given;
mod harmless;
mod key_def;
mod names;
mod partition;
mod reconcile;
mod refusal;
mod rename;
mod resting;
mod shape;
mod snapshot;
mod statement;
mod table_id;
mod table_option;
mod text;
mod tracked;
mod tracker;
mod type_name;
mod view;
mod view_def;

#[cfg(test)]
mod tests;

pub use apply::Applied;
pub use changes::SchemaChanges;
pub use reconcile::Reconciled;
pub(crate) use shape::{Shape, Versioning};
pub(crate) use tracked::Tracked;
pub use tracker::Schemas;
