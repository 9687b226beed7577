//! Statements as servers log them, and what becomes of the tables.

mod alter;
mod barriers;
mod create;
mod rename_and_drop;
mod seen;
mod snapshot;
mod texts;
mod types;
mod views;

use super::{Applied, Schemas};
use crate::sql::Dialect;
use change_event::{Column, CommitTs, DdlChange, DdlEvent, DdlKind, Influence, TableName, TableSchema};
use std::sync::Arc;

/// A tracker whose statements commit at 1, 2, 3…
#[derive(Default)]
struct Log {
    schemas: Schemas,
    at: u64,
}

impl Log {
    /// A log that begins with these statements, each of which must be followed.
    fn of(statements: &[&str]) -> Self {
        let mut log = Self::default();
        statements.iter().for_each(|sql| {
            log.ddl(sql);
        });
        log
    }

    fn apply(&mut self, sql: &str) -> Applied {
        self.at += 1;
        self.schemas.apply(sql, "d", Dialect::default(), CommitTs(self.at))
    }

    /// What a statement does, at rising commit-ts.
    fn ddls(&mut self, sql: &str) -> Vec<DdlEvent> {
        match self.apply(sql) {
            Applied::Ddl(events) => {
                let found: Vec<u64> = events.iter().map(|event| event.commit_ts.0).collect();
                let expected: Vec<u64> = (self.at..).take(events.len()).collect();
                assert_eq!(found, expected, "{sql}");
                self.at += events.len() as u64 - 1;
                events
            }
            other => panic!("{sql}: {other:?}"),
        }
    }

    /// What a statement does that does one thing.
    fn ddl(&mut self, sql: &str) -> DdlEvent {
        let mut events = self.ddls(sql);
        assert_eq!(events.len(), 1, "{sql}: {events:?}");
        events.remove(0)
    }

    /// The only change of a statement.
    fn change(&mut self, sql: &str) -> DdlChange {
        let mut changes = self.ddl(sql).changes;
        assert_eq!(changes.len(), 1, "{sql}");
        changes.remove(0)
    }

    fn kind(&mut self, sql: &str) -> DdlKind {
        self.change(sql).kind
    }

    fn unparsed(&mut self, sql: &str) -> (String, Influence) {
        match self.apply(sql) {
            Applied::Unparsed { reason, event, .. } => {
                assert_eq!(event.changes, Vec::new(), "{sql}");
                (reason, event.influence)
            }
            other => panic!("{sql}: {other:?}"),
        }
    }

    fn table(&self, name: &str) -> Arc<TableSchema> {
        self.schemas.get(&named(name)).unwrap_or_else(|| panic!("{name} is not tracked"))
    }

    fn column(&self, table: &str, column: &str) -> Column {
        let columns = &self.table(table).columns;
        columns
            .iter()
            .find(|c| c.name == column)
            .cloned()
            .unwrap_or_else(|| panic!("{table} has no {column}"))
    }

    /// The table's columns in short: `id* a+ b` for a primary, a unique and a plain one.
    fn shape(&self, table: &str) -> String {
        let table = self.table(table);
        let columns = table.columns.iter().map(|column| {
            let mark = if column.primary_key {
                "*"
            } else if column.unique_key {
                "+"
            } else {
                ""
            };
            format!("{}{mark}", column.name)
        });
        columns.collect::<Vec<_>>().join(" ")
    }
}

/// `t` in the default database, or `x.t`.
fn named(name: &str) -> TableName {
    match name.split_once('.') {
        Some((schema, table)) => TableName::new(schema, table),
        None => TableName::new("d", name),
    }
}

fn tables(names: &[&str]) -> Influence {
    Influence::Tables(names.iter().map(|name| named(name)).collect())
}
