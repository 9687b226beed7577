//! A connection that asks a server for its tables, and waits for no answer for long.

use super::address::Server;
use super::checks::{self, LogEnd};
use super::connection::log_in;
use super::trouble::{Trouble, is_loss};
use crate::options::SourceOptions;
use crate::schemas::Schemas;
use crate::sql::{Dialect, quote};
use change_event::TableName;
use mysql_async::prelude::{FromRow, Queryable};
use mysql_async::{Conn, Error as ClientError, Row};
use std::time::Duration;
use tokio::time::timeout;

/// Databases whose tables are the server's own affair.
pub(crate) const OF_THE_SERVER: &str = "('mysql', 'information_schema', 'performance_schema', 'sys')";

/// So long, in seconds, the server may wait for a table that a statement holds: a CREATE TABLE … SELECT for hours.
const LOCK_WAIT: u32 = 2;

/// Asks one question after the other.
pub(crate) struct Asker {
    conn: Conn,
    /// Host and port, for messages.
    server: String,
    /// A server that says nothing for so long is lost.
    silence: Duration,
    /// How the server writes its answers.
    pub(crate) dialect: Dialect,
}

impl Asker {
    /// Logs in, to a session without any `sql_mode`: old modes such as NO_FIELD_OPTIONS leave parts of a table out of
    /// its text.
    pub(crate) async fn new(server: &Server, options: &SourceOptions) -> Result<Self, Trouble> {
        let conn = log_in(server, options.heartbeat).await?;
        let silence = options.heartbeat * 3 + Duration::from_secs(u64::from(LOCK_WAIT));
        let mut asker = Self { conn, server: server.shown.clone(), silence, dialect: Dialect::default() };
        asker
            .run(&format!("SET SESSION sql_mode='', sql_quote_show_create=1, lock_wait_timeout={LOCK_WAIT}"))
            .await?;
        let version: Vec<String> = asker.ask("SELECT VERSION()").await?;
        asker.dialect.mariadb = version.iter().any(|version| version.contains("MariaDB"));
        Ok(asker)
    }

    pub(crate) async fn run(&mut self, sql: &str) -> Result<(), Trouble> {
        self.ask::<Row>(sql).await.map(drop)
    }

    pub(crate) async fn ask<T: FromRow + Send + 'static>(&mut self, sql: &str) -> Result<Vec<T>, Trouble> {
        self.try_ask(sql).await?.map_err(|e| Trouble::of(e, &self.server))
    }

    /// The answer, or the server's error; or no answer in time.
    pub(crate) async fn try_ask<T: FromRow + Send + 'static>(
        &mut self,
        sql: &str,
    ) -> Result<Result<Vec<T>, ClientError>, Trouble> {
        let answer = timeout(self.silence, self.conn.query(sql)).await;
        answer.map_err(|_| Trouble::Lost(format!("the server was silent for {} s", self.silence.as_secs())))
    }

    /// Where the log ends.
    pub(crate) async fn log_end(&mut self) -> Result<LogEnd, Trouble> {
        let end = timeout(self.silence, checks::log_end(&mut self.conn, &self.server)).await;
        end.map_err(|_| Trouble::Lost(format!("the server was silent for {} s", self.silence.as_secs())))?
    }

    /// Notes the databases and the charsets that their new tables have.
    pub(super) async fn note_databases(&mut self, schemas: &mut Schemas) -> Result<(), Trouble> {
        let sql = format!(
            "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA \
             WHERE SCHEMA_NAME NOT IN {OF_THE_SERVER}"
        );
        let databases: Vec<(String, String)> = self.ask(&sql).await?;
        databases.into_iter().for_each(|(name, charset)| schemas.note_database(name, charset));
        Ok(())
    }

    /// The names of tables that the user may see, and of views and sequences. Their kind is not asked for: with it a
    /// server waits for each table that a statement holds.
    pub(crate) async fn names(&mut self) -> Result<Vec<TableName>, Trouble> {
        let sql = format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN {OF_THE_SERVER}"
        );
        let names: Vec<(String, String)> = self.ask(&sql).await?;
        Ok(names.into_iter().map(|(schema, table)| TableName::new(schema, table)).collect())
    }

    /// What makes a table as it is now; `None` if it is not there, not to be seen, broken, or held by a statement.
    pub(super) async fn create_table(&mut self, name: &TableName) -> Result<Option<String>, Trouble> {
        let sql = format!("SHOW CREATE TABLE {}.{}", quote(&name.schema), quote(&name.table));
        match self.try_ask::<Row>(&sql).await? {
            Ok(rows) => Ok(rows.first().and_then(|row| row.get_opt::<String, _>(1)?.ok())),
            // Whatever the server has against this one table, the others do not suffer.
            Err(ClientError::Server(error)) if !is_loss(error.code) => {
                tracing::warn!(table = %name, %error, "the server does not show a table");
                Ok(None)
            }
            Err(error) => Err(Trouble::of(error, &self.server)),
        }
    }
}
