//! What CREATE, ALTER and DROP DATABASE do.

use super::charset::CharsetChoice;
use super::events::Events;
use super::text::Text;
use super::tracker::Schemas;
use crate::sql::quote;
use change_event::{DdlChange, DdlKind, Influence};
use std::sync::Arc;

/// What was done to a database.
fn change(kind: DdlKind, query: String, schema: &str) -> DdlChange {
    DdlChange {
        kind,
        query,
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
        replaces: bool,
        if_not_exists: bool,
        charset: Option<CharsetChoice>,
        text: &Text<'_>,
        events: &mut Events,
    ) {
        if self.is_known(&name) && if_not_exists {
            return;
        }
        if replaces && self.is_known(&name) {
            let dropped = change(DdlKind::DropDatabase, format!("DROP DATABASE {}", quote(&name)), &name);
            events.push(Influence::Database(name.clone()), vec![dropped]);
        }
        let known = self.is_known(&name);
        let influence = if known { Influence::Database(name.clone()) } else { Influence::Tables(Vec::new()) };
        self.forget_database(&name);
        let created = change(DdlKind::CreateDatabase, text.alone(), &name);
        let charset = Self::choose(charset, self.server_charset.to_string());
        Arc::make_mut(&mut self.databases).insert(name, charset);
        events.push(influence, vec![created]);
    }

    /// Only tables to come are concerned.
    pub(super) fn alter_database(
        &mut self,
        name: String,
        charset: CharsetChoice,
        text: &Text<'_>,
        events: &mut Events,
    ) {
        let altered = change(DdlKind::DatabaseCharset, text.alone(), &name);
        let charset = Self::choose(Some(charset), self.server_charset.to_string());
        Arc::make_mut(&mut self.databases).insert(name.clone(), charset);
        events.push(Influence::Database(name), vec![altered]);
    }

    /// One that is not known is dropped without a word where the statement allows that it was never there.
    pub(super) fn drop_database(
        &mut self,
        name: &str,
        if_exists: bool,
        text: &Text<'_>,
        events: &mut Events,
    ) {
        if if_exists && !self.is_known(name) {
            return;
        }
        self.forget_database(name);
        let dropped = change(DdlKind::DropDatabase, text.alone(), name);
        events.push(Influence::Database(name.to_owned()), vec![dropped]);
    }

    fn is_known(&self, database: &str) -> bool {
        self.databases.contains_key(database) || !self.tables.of_database(database).is_empty()
    }

    fn forget_database(&mut self, database: &str) {
        if self.databases.contains_key(database) {
            Arc::make_mut(&mut self.databases).remove(database);
        }
        for name in self.tables.of_database(database) {
            self.remove(&name);
        }
    }
}
