//! What each statement about one table does to it.

use super::alter::{Altered, alter};
use super::alter_spec::AlterSpec;
use super::create::{Body, CreateTable, build, build_like};
use super::events::{Events, change};
use super::refusal::Refusal;
use super::statement::Statement;
use super::table_id;
use super::text::{self, Text};
use super::tracker::{Entry, Forgotten, Other, Schemas};
use change_event::{DdlKind, Influence, TableName};
use std::sync::Arc;

impl Schemas {
    /// Follows a statement. On a refusal nothing has changed.
    pub(super) fn follow(
        &mut self,
        statement: Statement,
        text: &Text<'_>,
        events: &mut Events,
    ) -> Result<(), Refusal> {
        match statement {
            Statement::Nothing => {}
            Statement::CreateDatabase { name, replaces, if_not_exists, charset } => {
                self.create_database(name, replaces, if_not_exists, charset, text, events);
            }
            Statement::AlterDatabase { name, charset } => self.alter_database(name, charset, text, events),
            Statement::DropDatabase { name, if_exists } => self.drop_database(&name, if_exists, text, events),
            Statement::CreateTable(create) => self.create_table(create, text, events)?,
            Statement::AlterTable { table, specs } => self.alter_table(table, specs, text, events)?,
            Statement::DropTables { tables, if_exists } => self.drop_tables(&tables, if_exists, events),
            Statement::Truncate { table } => self.truncate(table, events),
            Statement::RenameTables { pairs, if_exists } => self.rename_tables(&pairs, if_exists, events),
            Statement::CreateView { name, if_not_exists, columns } => {
                self.create_view(name, if_not_exists, columns, text, events);
            }
            Statement::DropViews { views, if_exists } => self.drop_views(&views, if_exists, events),
            Statement::CreateSequence { name, if_not_exists, .. }
                if if_not_exists && self.tables.contains(&name) => {}
            Statement::CreateSequence { name, replaces, .. } => self.create_sequence(name, replaces, events),
            Statement::DropSequences { names } => {
                for name in names {
                    if self.is_a_sequence(&name) {
                        self.remove(&name);
                    }
                }
            }
        }
        Ok(())
    }

    fn create_table(
        &mut self,
        create: CreateTable,
        text: &Text<'_>,
        events: &mut Events,
    ) -> Result<(), Refusal> {
        let CreateTable { name, replaces, if_not_exists, body } = create;
        let is_there = self.tables.contains(&name);
        if is_there && if_not_exists {
            return Ok(());
        }
        let mut tracked = match body {
            Body::Sequence => {
                self.create_sequence(name, replaces, events);
                return Ok(());
            }
            // LIKE takes a sequence, too, but no view.
            Body::Like(like) if self.is_other(&like) => {
                self.create_sequence(name, replaces, events);
                return Ok(());
            }
            Body::Like(like) => {
                let like = self.tracked(&like).ok_or(Refusal::UnknownTable(like))?;
                build_like(name.clone(), &like)
            }
            Body::Defined { columns, keys, periods, charset, versioned } => {
                let charset = Self::choose(charset, self.database_charset(&name.schema));
                build(name.clone(), columns, keys, charset, versioned, periods)?
            }
        };
        if replaces {
            self.drop_tables(std::slice::from_ref(&name), true, events);
        }
        let at = events.next_at();
        let schema = Arc::make_mut(&mut tracked.schema);
        schema.version = at.0;
        schema.table_id = self.fresh_id(&name, Some(at));
        // Nothing needs to wait for a new table; for one that was there without our knowing of its end, its old rows.
        let influence = if self.tables.contains(&name) { vec![name.clone()] } else { Vec::new() };
        let columns = self.put(tracked);
        let created = change(DdlKind::CreateTable, text.alone(), &name, Some(columns));
        events.push(Influence::Tables(influence), vec![created]);
        Ok(())
    }

    /// Of a sequence nobody is told.
    fn create_sequence(&mut self, name: TableName, replaces: bool, events: &mut Events) {
        if replaces {
            self.drop_tables(std::slice::from_ref(&name), true, events);
        }
        self.put_entry(name, Entry::Other(Other::Sequence));
    }

    /// An ALTER that also renames is two events: the changes under the old name, then the rename.
    fn alter_table(
        &mut self,
        table: TableName,
        specs: Vec<AlterSpec>,
        text: &Text<'_>,
        events: &mut Events,
    ) -> Result<(), Refusal> {
        let new_name = specs.iter().rev().find_map(|spec| match spec {
            AlterSpec::RenameTable(name) => Some(name.clone()),
            _ => None,
        });
        let sequence = specs.iter().rev().find_map(|spec| match spec {
            AlterSpec::Sequence(sequence) => Some(*sequence),
            _ => None,
        });
        let renames_only = specs.iter().all(|spec| matches!(spec, AlterSpec::RenameTable(_)));
        if self.is_other(&table) {
            if sequence == Some(false) {
                self.remove(&table);
                return Err(Refusal::UnknownTable(table));
            }
            new_name.into_iter().for_each(|new_name| self.rename_table(&table, new_name, events));
            return Ok(());
        }
        if sequence == Some(true) {
            self.drop_tables(std::slice::from_ref(&table), true, events);
            self.put_entry(new_name.unwrap_or(table), Entry::Other(Other::Sequence));
            return Ok(());
        }
        match specs.as_slice() {
            [AlterSpec::ExchangePartition { with }] => return self.exchange(&table, with, text, events),
            [AlterSpec::PartitionToTable { to }] => return self.partition_to_table(&table, to, text, events),
            [AlterSpec::TableToPartition { from }] => {
                return self.table_to_partition(&table, from, text, events);
            }
            _ => {}
        }
        if !renames_only {
            let tracked = self.known(&table)?;
            let query = text.of_alter(tracked.versioned == Some(true));
            let charset = self.database_charset(&table.schema);
            let Altered { table: mut tracked, kind } = alter(tracked, specs, charset)?;
            if let Some(kind) = kind {
                Arc::make_mut(&mut tracked.schema).version = events.next_at().0;
                let columns = self.put(tracked);
                let altered = change(kind, query, &table, Some(columns));
                events.push(Influence::Tables(vec![table.clone()]), vec![altered]);
            }
        }
        new_name.into_iter().for_each(|new_name| self.rename_table(&table, new_name, events));
        Ok(())
    }

    /// The same columns under a new number. A table that is not known is truncated too, without columns.
    fn truncate(&mut self, table: TableName, events: &mut Events) {
        let at = events.next_at();
        let table_id = table_id::of_name_at(&table, at);
        let columns = match self.tracked(&table) {
            Some(mut tracked) => {
                let schema = Arc::make_mut(&mut tracked.schema);
                schema.version = at.0;
                schema.table_id = table_id;
                Some(self.put(tracked))
            }
            None => {
                self.put_entry(table.clone(), Entry::Forgotten(Forgotten::unseen(table_id)));
                None
            }
        };
        let truncated = change(DdlKind::TruncateTable, text::truncate(&table), &table, columns);
        events.push(Influence::Tables(vec![table]), vec![truncated]);
    }
}
