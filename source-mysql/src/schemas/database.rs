//! CREATE, ALTER and DROP DATABASE.

use super::charset::{CharsetChoice, take_choice};
use super::cursor::Cursor;
use super::follow::Effect;
use super::refusal::Refusal;
use super::tracker::Schemas;
use change_event::{DdlChange, DdlKind, Influence};
use std::sync::Arc;

pub(super) fn expect_database(cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
    let name = cursor.expect_name("a database name")?;
    cursor.subject.database = Some(name.clone());
    Ok(name)
}

/// The charset among a database's options.
pub(super) fn expect_database_options(cursor: &mut Cursor<'_>) -> Result<Option<CharsetChoice>, Refusal> {
    let mut charset = None;
    while !cursor.at_end() {
        match take_choice(cursor)? {
            Some(choice) => charset = choice.or(charset),
            None => {
                cursor.next();
            }
        }
    }
    Ok(charset)
}

fn change(kind: DdlKind, sql: &str, schema: &str) -> DdlChange {
    DdlChange {
        kind,
        query: sql.to_owned(),
        schema: schema.to_owned(),
        table: String::new(),
        columns: None,
        renamed_from: None,
    }
}

impl Schemas {
    /// A database that is not known may be new even with IF NOT EXISTS.
    pub(super) fn create_database(
        &mut self,
        name: String,
        if_not_exists: bool,
        charset: Option<CharsetChoice>,
        sql: &str,
    ) -> Effect {
        let known =
            self.databases.contains_key(&name) || self.tables.keys().any(|table| table.schema == name);
        if known && if_not_exists {
            return None;
        }
        let influence = if known { Influence::Database(name.clone()) } else { Influence::Tables(Vec::new()) };
        self.drop_tables_of(&name);
        let created = change(DdlKind::CreateDatabase, sql, &name);
        let charset = Self::choose(charset, self.server_charset.to_string());
        Arc::make_mut(&mut self.databases).insert(name, charset);
        Some((influence, vec![created]))
    }

    /// Only tables to come are concerned.
    pub(super) fn alter_database(&mut self, name: String, charset: CharsetChoice, sql: &str) -> Effect {
        let altered = change(DdlKind::DatabaseCharset, sql, &name);
        let charset = Self::choose(Some(charset), self.server_charset.to_string());
        Arc::make_mut(&mut self.databases).insert(name.clone(), charset);
        Some((Influence::Database(name), vec![altered]))
    }

    pub(super) fn drop_database(&mut self, name: String, sql: &str) -> Effect {
        let dropped = change(DdlKind::DropDatabase, sql, &name);
        Arc::make_mut(&mut self.databases).remove(&name);
        self.drop_tables_of(&name);
        Some((Influence::Database(name), vec![dropped]))
    }

    fn drop_tables_of(&mut self, database: &str) {
        if self.tables.keys().any(|table| table.schema == database) {
            Arc::make_mut(&mut self.tables).retain(|table, _| table.schema != database);
        }
    }
}
