//! The sessions on the server that is replayed onto.

use super::Failure;
use crate::consumer::TableKey;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Pool};
use std::collections::HashMap;

/// As lenient as a source may have been with dates, and as strict as can be with everything else: what does not fit is
/// an error and never cut.
const ROWS_SQL_MODE: &str = "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'";

/// `ER_NOT_SUPPORTED_YET`.
const NOT_SUPPORTED: u16 = 1235;

/// A column as the target has it.
#[derive(Clone, Debug, Default)]
pub(super) struct TargetColumn {
    /// Computed by the server: nothing can be written into it.
    pub(super) is_generated: bool,
    /// In lower case, without size and sign.
    pub(super) data_type: String,
}

/// The columns of a table by name.
pub(super) type TargetColumns = HashMap<String, TargetColumn>;

/// Two sessions: one for statements, in the target's default `sql_mode`, and one for rows.
pub(super) struct Target {
    statements: Conn,
    rows: Conn,
}

impl Target {
    pub(super) async fn connect(pool: &Pool) -> Result<Self, Failure> {
        let mut sessions = Vec::new();
        for _ in 0..2 {
            let mut session = pool.get_conn().await.map_err(Failure::server("a connection"))?;
            // A tool that replays writes children before parents.
            for setting in ["SET time_zone = '+00:00'", "SET foreign_key_checks = 0"] {
                session.query_drop(setting).await.map_err(Failure::server(setting))?;
            }
            sessions.push(session);
        }
        let (Some(mut rows), Some(statements)) = (sessions.pop(), sessions.pop()) else {
            unreachable!("two sessions were opened")
        };
        rows.query_drop(ROWS_SQL_MODE).await.map_err(Failure::server(ROWS_SQL_MODE))?;
        Ok(Self { statements, rows })
    }

    /// Runs a statement, after `USE` of this database.
    pub(super) async fn execute(&mut self, database: Option<&str>, statement: &str) -> Result<(), Error> {
        if let Some(database) = database {
            self.statements.query_drop(format!("USE {}", quoted(database))).await?;
        }
        self.statements.query_drop(statement).await
    }

    /// Writes rows; gives how many the server counts as changed.
    ///
    /// A table with periods that do not overlap knows no REPLACE: there a row that is there already is an error.
    pub(super) async fn write(&mut self, statement: &str) -> Result<u64, Error> {
        match self.rows.query_drop(statement).await {
            Err(Error::Server(error)) if error.code == NOT_SUPPORTED => {
                self.rows.query_drop(statement.replacen("REPLACE", "INSERT", 1)).await?;
            }
            done => done?,
        }
        Ok(self.rows.affected_rows())
    }

    /// The columns of a table; none if there is no such table.
    pub(super) async fn columns(&mut self, table: &TableKey) -> Result<TargetColumns, Failure> {
        let query = "SELECT COLUMN_NAME, DATA_TYPE, EXTRA FROM information_schema.COLUMNS \
                     WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";
        let names = (table.schema.as_str(), table.table.as_str());
        let rows: Vec<(String, String, String)> =
            self.rows.exec(query, names).await.map_err(Failure::server("its columns"))?;
        let column = |(name, data_type, extra): (String, String, String)| {
            let is_generated =
                ["VIRTUAL GENERATED", "STORED GENERATED"].iter().any(|word| extra.contains(word));
            (name, TargetColumn { is_generated, data_type: data_type.to_lowercase() })
        };
        Ok(rows.into_iter().map(column).collect())
    }
}

/// A name in backquotes.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A table's full name in backquotes.
pub(super) fn quoted_table(table: &TableKey) -> String {
    format!("{}.{}", quoted(&table.schema), quoted(&table.table))
}
