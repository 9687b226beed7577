//! What each statement about one table does to it.

use super::alter::alter;
use super::alter_spec::AlterSpec;
use super::create::{Body, CreateTable, build, build_like};
use super::refusal::Refusal;
use super::statement::Statement;
use super::table_id;
use super::tracked::Tracked;
use super::tracker::{Forgotten, Schemas};
use change_event::{CommitTs, DdlChange, DdlKind, Influence, TableName, TableSchema};
use std::sync::Arc;

/// What a statement waits for and what it did; `None` for one without effect.
pub(super) type Effect = Option<(Influence, Vec<DdlChange>)>;

/// What was done to one table.
pub(super) fn change(
    kind: DdlKind,
    query: impl Into<String>,
    table: &TableName,
    columns: Option<Arc<TableSchema>>,
) -> DdlChange {
    DdlChange {
        kind,
        query: query.into(),
        schema: table.schema.clone(),
        table: table.table.clone(),
        columns,
        renamed_from: None,
    }
}

impl Schemas {
    pub(super) fn follow(
        &mut self,
        statement: Statement,
        sql: &str,
        at: CommitTs,
    ) -> Result<Effect, Refusal> {
        match statement {
            Statement::Nothing => Ok(None),
            Statement::CreateDatabase { name, if_not_exists, charset } => {
                Ok(self.create_database(name, if_not_exists, charset, sql))
            }
            Statement::AlterDatabase { name, charset } => Ok(self.alter_database(name, charset, sql)),
            Statement::DropDatabase { name } => Ok(self.drop_database(name, sql)),
            Statement::CreateTable(create) => self.create_table(create, sql, at),
            Statement::AlterTable { table, specs } => self.alter_table(table, specs, sql, at),
            Statement::DropTables { tables } => Ok(self.drop_tables(tables, sql)),
            Statement::Truncate { table } => Ok(self.truncate(table, sql, at)),
            Statement::RenameTables { pairs } => Ok(self.rename_tables(&pairs, sql, at)),
        }
    }

    fn create_table(&mut self, create: CreateTable, sql: &str, at: CommitTs) -> Result<Effect, Refusal> {
        let CreateTable { name, if_not_exists, body } = create;
        let replaced = self.tables.contains_key(&name);
        if replaced && if_not_exists {
            return Ok(None);
        }
        let mut tracked = match body {
            Body::Like(like) => {
                let like = self.tracked(&like).ok_or(Refusal::UnknownTable(like))?;
                build_like(name.clone(), like)
            }
            Body::Defined { columns, keys, periods, charset, versioned } => {
                let charset = Self::choose(charset, self.database_charset(&name.schema));
                build(name.clone(), columns, keys, charset, versioned, periods)?
            }
        };
        let schema = Arc::make_mut(&mut tracked.schema);
        schema.version = at.0;
        schema.table_id = self.fresh_id(&name, Some(at));
        let columns = self.put(tracked);
        // Nothing needs to wait for a new table; for one that is replaced, its old rows.
        let influence = if replaced { vec![name.clone()] } else { Vec::new() };
        let created = change(DdlKind::CreateTable, sql, &name, Some(columns));
        Ok(Some((Influence::Tables(influence), vec![created])))
    }

    fn alter_table(
        &mut self,
        table: TableName,
        specs: Vec<AlterSpec>,
        sql: &str,
        at: CommitTs,
    ) -> Result<Effect, Refusal> {
        if specs.is_empty() {
            return Ok(None);
        }
        let Some(tracked) = self.tracked(&table) else {
            return Err(Refusal::UnknownTable(table));
        };
        let new_name = specs.iter().rev().find_map(|spec| match spec {
            AlterSpec::RenameTable(name) => Some(name.clone()),
            _ => None,
        });
        let tracked = Tracked::clone(tracked);
        let (mut tracked, kind) = alter(tracked, specs, self.database_charset(&table.schema))?;
        let Some(kind) = kind else {
            return Ok(None);
        };
        let mut influence = vec![table.clone()];
        let schema = Arc::make_mut(&mut tracked.schema);
        schema.version = at.0;
        if let Some(new_name) = &new_name {
            schema.name.clone_from(new_name);
            influence.extend(self.remove(new_name).map(|_| new_name.clone()));
            self.remove(&table);
        }
        let columns = self.put(tracked);
        let mut altered = change(kind, sql, &columns.name, Some(Arc::clone(&columns)));
        altered.renamed_from = new_name.map(|_| table);
        Ok(Some((Influence::Tables(influence), vec![altered])))
    }

    /// The same columns under a new number. A table that is not known is truncated too, without columns.
    fn truncate(&mut self, table: TableName, sql: &str, at: CommitTs) -> Effect {
        let table_id = table_id::of_name_at(&table, at);
        let columns = match self.tracked(&table) {
            Some(tracked) => {
                let mut tracked = Tracked::clone(tracked);
                let schema = Arc::make_mut(&mut tracked.schema);
                schema.version = at.0;
                schema.table_id = table_id;
                Some(self.put(tracked))
            }
            None => {
                self.put_forgotten(table.clone(), Forgotten::unseen(table_id));
                None
            }
        };
        let truncated = change(DdlKind::TruncateTable, sql, &table, columns);
        Some((Influence::Tables(vec![table]), vec![truncated]))
    }
}
