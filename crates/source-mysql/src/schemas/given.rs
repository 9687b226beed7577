//! Tables that stand outside of the log: as a server describes them, or as a script makes them.
//!
//! A log begins somewhere, and most of its tables were there before. Where it has no column names
//! (`binlog_row_metadata` is MINIMAL wherever nobody set it), nothing in it says what they look like.

use super::apply::Applied;
use super::cursor::Reading;
use super::statement::parse;
use super::tracker::{Entry, Forgotten, Schemas};
use crate::sql::{Dialect, split_script};
use change_event::{CommitTs, Influence, TableName};
use std::sync::Arc;

impl Schemas {
    /// Follows a statement that is not in the log. The tables that it makes have the version 0 until they are
    /// stamped with that of the start.
    ///
    /// # Errors
    /// Why it cannot be followed; then nothing has changed.
    pub fn follow_given(&mut self, sql: &str, database: &str, dialect: Dialect) -> Result<(), String> {
        let before = self.clone();
        match self.apply(sql, database, dialect, CommitTs::default()) {
            Applied::Ddl(_) | Applied::Ignored => Ok(()),
            Applied::Unparsed { reason, .. } => {
                *self = before;
                Err(reason)
            }
        }
    }

    /// Follows a script: statements that end with a semicolon, `USE` among them, such as `mysqldump --no-data` writes.
    /// What changes no table, such as the rows of a dump, is passed over.
    ///
    /// # Errors
    /// The first statement that cannot be followed, and why.
    pub fn follow_script(&mut self, script: &str, dialect: Dialect) -> Result<(), String> {
        let mut database = String::new();
        for statement in split_script(script, dialect) {
            match statement.database_used() {
                Some(used) => database = used,
                None => self.follow_given(statement.sql, &database, dialect).map_err(|reason| {
                    let shown: String = statement.sql.trim().chars().take(80).collect();
                    format!("line {}: {shown} …: {reason}", statement.line)
                })?,
            }
        }
        Ok(())
    }

    /// Gives every table that is known so far this version.
    pub(crate) fn stamp(&mut self, version: CommitTs) {
        let tables = self.tables.iter().filter_map(|(_, entry)| match entry {
            Entry::Tracked(table) => Some(Arc::clone(table)),
            Entry::Forgotten(_) | Entry::View(_) | Entry::Other(_) => None,
        });
        for table in tables.collect::<Vec<_>>() {
            let mut tracked = table.wake();
            Arc::make_mut(&mut tracked.schema).version = version.0;
            self.put(tracked);
        }
    }

    /// Notes a database that is there, and the charset of its new tables.
    pub(crate) fn note_database(&mut self, name: String, charset: String) {
        Arc::make_mut(&mut self.databases).insert(name, super::charset::canonical(&charset).to_owned());
    }

    /// Whom a statement is about, if it may have changed the shape of a table: everybody, if that is not clear.
    pub(crate) fn touched_by(&self, sql: &str, default_db: &str, dialect: Dialect) -> Option<Influence> {
        let default_charset = &self.database_charset(default_db);
        let reading = Reading { default_db, dialect, lower_case: self.lower_case, default_charset };
        parse(sql, reading).touches()
    }

    /// Forgets what was given of the tables that somebody touched: they may have looked different.
    pub(crate) fn forget_given(&mut self, touched: &Influence) {
        let names = self.tables.iter().map(|(name, _)| name).filter(|name| touched.concerns(name));
        for name in names.cloned().collect::<Vec<_>>() {
            self.remove(&name);
        }
        match touched {
            Influence::Tables(_) => {}
            Influence::Database(database) => drop(Arc::make_mut(&mut self.databases).remove(database)),
            Influence::All => self.databases = Arc::default(),
        }
    }

    /// Forgets the shapes of the tables that something unknown was done to. Their next rows show them as
    /// [changed](super::Reconciled).
    pub(crate) fn lose(&mut self, touched: &Influence) {
        if let Influence::Tables(tables) = touched {
            return tables.iter().for_each(|table| self.forget(table));
        }
        let names = self.tables.iter().map(|(name, _)| name).filter(|name| touched.concerns(name));
        for name in names.cloned().collect::<Vec<_>>() {
            self.forget(&name);
        }
    }

    /// The databases that are known by a statement or by their server.
    pub(crate) fn databases(&self) -> impl Iterator<Item = &str> {
        self.databases.keys().map(String::as_str)
    }

    /// Whether there is such a database.
    pub(crate) fn has_database(&self, name: &str) -> bool {
        self.databases.contains_key(name)
    }

    /// Knows nothing of a table any more.
    pub(crate) fn remove_table(&mut self, name: &TableName) {
        self.remove(name);
    }

    /// Whether there is such a table, but its shape was lost.
    pub(crate) fn is_forgotten(&self, name: &TableName) -> bool {
        matches!(self.tables.get(name), Some(Entry::Forgotten(_)))
    }

    /// Takes the shape of a table from its CREATE TABLE, for one that is not known or was forgotten.
    ///
    /// # Errors
    /// Why the statement cannot be followed; then nothing has changed.
    pub(crate) fn restore(
        &mut self,
        name: &TableName,
        sql: &str,
        dialect: Dialect,
        version: CommitTs,
    ) -> Result<(), String> {
        let before = self.clone();
        let forgotten = match self.remove(name) {
            Some(Entry::Forgotten(forgotten)) => Some(forgotten),
            Some(Entry::Tracked(_) | Entry::View(_) | Entry::Other(_)) | None => None,
        };
        let followed = self.follow_given(sql, &name.schema, dialect);
        if followed.is_ok() && self.is_other(name) {
            // A sequence: a server shows it as a table.
            return Ok(());
        }
        let made = followed
            .and_then(|()| self.tracked(name).ok_or_else(|| format!("it makes another table than {name}")));
        let mut tracked = match made {
            Ok(tracked) => tracked,
            Err(reason) => {
                *self = before;
                return Err(reason);
            }
        };
        if let Some(Forgotten { table_id, next_column_id }) = forgotten {
            tracked.take_place_of(table_id, next_column_id);
        }
        Arc::make_mut(&mut tracked.schema).version = version.0;
        self.put(tracked);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_changed_a_table_is_never_taken_for_nothing() {
        let table = |name| TableName::new("d", name);
        for (sql, touched) in [
            ("ALTER TABLE t ADD c INT", Some(Influence::Tables(vec![table("t")]))),
            ("RENAME TABLE a TO b", Some(Influence::Tables(vec![table("a"), table("b")]))),
            ("DROP DATABASE d", Some(Influence::Database("d".into()))),
            // Not read to their ends: there may be more names behind.
            ("RENAME TABLE a TO b, c SOMEHOW d", Some(Influence::All)),
            ("ALTER TABLE t FROBNICATE", Some(Influence::All)),
            ("CREATE OR REPLACE TABLE t SELECT 1 AS a", Some(Influence::All)),
            ("CREATE TABLE t (a INT) AS TABLE u", Some(Influence::All)),
            ("FROBNICATE t", Some(Influence::All)),
            ("CREATE TABLE t (a INT) START TRANSACTION", Some(Influence::Tables(vec![table("t")]))),
            ("INSERT INTO t VALUES (1)", None),
            ("CREATE PROCEDURE p() ALTER TABLE t ADD c INT", None),
            ("FLUSH TABLES", None),
        ] {
            assert_eq!(Schemas::default().touched_by(sql, "d", Dialect::default()), touched, "{sql}");
        }
    }
}
