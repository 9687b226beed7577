//! What becomes of tables that are not taken: their rows, and statements about them.

use super::assembler::Assembler;
use crate::decode::{Fault, Query};
use crate::sql::{split, targets};
use change_event::{DdlChange, DdlEvent, DdlKind, Influence, TableName};

impl Assembler {
    /// Whether a statement changes rows only in databases of which nothing is taken. In one of which something is taken,
    /// the table may be a view of it, or have triggers that change it.
    pub(super) fn is_of_others(&self, query: &Query) -> bool {
        let tables = targets(&split(&query.sql, query.dialect).0);
        tables.is_some_and(|tables| {
            tables.into_iter().all(|(database, table)| {
                let database = self.schemas.kept(database.unwrap_or_else(|| query.database.clone()));
                let name = TableName::new(database, self.schemas.kept(table));
                !self.filter.takes_database(&name.schema) && !self.schemas.is_other(&name)
            })
        })
    }

    /// Whether a statement that could not be followed concerns nothing that is taken.
    ///
    /// # Errors
    /// It is about tables within and without: what it did with their rows is not known.
    pub(super) fn is_passed_over(&self, event: &DdlEvent, whole: bool) -> Result<bool, Fault> {
        if let Influence::Tables(tables) = &event.influence
            && tables.iter().any(|table| !self.filter.takes(table))
            && let Some(table) = tables.iter().find(|table| self.filter.takes(table))
        {
            return Err(came_in(&table.schema, &table.table));
        }
        Ok(whole && !self.filter.takes_any(&event.influence))
    }

    /// What is taken of what a statement did.
    ///
    /// # Errors
    /// A table that comes in from outside with rows that nobody has seen.
    pub(super) fn taken(&self, events: Vec<DdlEvent>) -> Result<Vec<DdlEvent>, Fault> {
        let mut kept = Vec::with_capacity(events.len());
        for mut event in events {
            let (taken, left_out): (Vec<_>, Vec<_>) = event
                .changes
                .into_iter()
                .partition(|change| self.takes(change) && !self.is_strange_view(change));
            // Whatever is done to several tables at once moves rows between them, unless it only drops or renames them.
            let stays = |change: &DdlChange| {
                matches!(change.kind, DdlKind::DropTable | DdlKind::DropView | DdlKind::RenameTable)
            };
            let trades = !left_out.is_empty() && !taken.iter().chain(&left_out).all(stays);
            if let Some(change) = taken.iter().find(|change| trades || self.comes_in(change)) {
                return Err(came_in(&change.schema, &change.table));
            }
            event.changes = taken;
            if !event.changes.is_empty() {
                kept.push(event);
            }
        }
        Ok(kept)
    }

    /// What is left of statements when those that the event filter is about are left out.
    ///
    /// One that is left out made a new version of its tables all the same, whose rows must not overtake those of the one
    /// before: a barrier stays, with its commit-ts. So it does for a view, though that has no rows.
    pub(super) fn heeded(&self, mut events: Vec<DdlEvent>) -> Vec<DdlEvent> {
        for event in &mut events {
            let stands_alone = event.changes.iter().find(|change| !change.query.is_empty());
            let sql = stands_alone.map(|change| change.query.clone()).unwrap_or_default();
            let is_ignored = self.events.ignores_transaction(event.commit_ts);
            event.changes.retain(|change| {
                let sql = if change.query.is_empty() { &sql } else { &change.query };
                !is_ignored && !self.ignores(change, sql)
            });
        }
        events
    }

    /// Whom nobody tells of new views, nobody tells of new names of them.
    fn ignores(&self, change: &DdlChange, sql: &str) -> bool {
        let created = DdlChange { kind: DdlKind::CreateView, ..change.clone() };
        let renames = change.kind == DdlKind::RenameTable && self.is_of_view(change);
        self.events.ignores_statement(change, sql) || renames && self.events.ignores_statement(&created, sql)
    }

    fn is_of_view(&self, change: &DdlChange) -> bool {
        match change.kind {
            DdlKind::CreateView | DdlKind::DropView => true,
            kind => kind == DdlKind::RenameTable && self.schemas.is_view(&name_of(change)),
        }
    }

    fn takes(&self, change: &DdlChange) -> bool {
        if change.table.is_empty() {
            return self.filter.takes_database(&change.schema);
        }
        self.filter.takes(&name_of(change))
            || change.renamed_from.as_ref().is_some_and(|old| self.filter.takes(old))
    }

    /// A view that is renamed into what is taken. It has no rows that are missing, but nobody was told of it.
    fn is_strange_view(&self, change: &DdlChange) -> bool {
        self.comes_in(change) && self.is_of_view(change)
    }

    /// A rename into what is taken: the rows so far are not in the bucket.
    fn comes_in(&self, change: &DdlChange) -> bool {
        let name = name_of(change);
        change.renamed_from.as_ref().is_some_and(|old| !self.filter.takes(old) && self.filter.takes(&name))
    }
}

fn name_of(change: &DdlChange) -> TableName {
    TableName::new(change.schema.clone(), change.table.clone())
}

fn came_in(schema: &str, table: &str) -> Fault {
    Fault::unsupported(format!(
        "table {schema}.{table} has got rows of a table that the filter leaves out, and those were not written; write \
         to a new prefix with a filter that takes both names"
    ))
}
