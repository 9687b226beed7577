//! Which databases and tables there are, and the statements that make them.

use super::progress::Copied;
use crate::log::server::names;
use crate::log::server::{Asker, OF_THE_SERVER, Server, Trouble, is_held, log_in};
use crate::options::SourceOptions;
use crate::schemas::Applied;
use crate::sql::{Dialect, quote};
use crate::{Error, Schemas};
use change_event::{CommitTs, DdlEvent, TableName};
use mysql_async::{Error as ClientError, Row};
use std::collections::HashMap;

/// A database.
pub(super) struct Database {
    pub(super) name: String,
    charset: String,
    collation: String,
}

/// What the server has.
pub(super) struct Catalog {
    /// None of the tables yet.
    empty: Schemas,
    dialect: Dialect,
    databases: Vec<Database>,
    /// Tables with the statements that make them; views and sequences are among them.
    tables: Vec<(TableName, String)>,
    /// Views that the user may not look into.
    hidden_views: Vec<TableName>,
}

/// What a name stands for.
enum Found {
    /// A table, a view or a sequence, with the statement that makes it.
    Made(String),
    HiddenView,
    /// What cannot be read and is not taken, and a view that is broken.
    Nothing,
}

/// A catalog made into statements and shapes.
pub(super) struct Made {
    pub(super) schemas: Schemas,
    /// The statements that make what is taken.
    pub(super) statements: Vec<DdlEvent>,
    /// The tables that are taken.
    pub(super) tables: Vec<TableName>,
}

/// What the server estimates of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Estimate {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Whether its engine reads at one point of time.
    pub(super) transactional: bool,
}

/// A server shows nobody the tables that he has no privilege on, and so they are not missed.
async fn warn_of_unseen(asker: &mut Asker) -> Result<(), Trouble> {
    let grants: Vec<(String,)> = asker.ask("SHOW GRANTS").await?;
    let sees_all = grants.iter().any(|(grant,)| {
        let grant = grant.to_uppercase();
        grant.contains(" ON *.* ") && (grant.contains("SELECT") || grant.contains("ALL PRIVILEGES"))
    });
    if !sees_all {
        tracing::warn!(
            "the user has no SELECT on *.*: tables that it may not see are not copied, and later rows of theirs come from \
             the log all the same, unless a rule of the filter leaves them out"
        );
    }
    Ok(())
}

impl Catalog {
    /// Asks the server.
    pub(super) async fn read(server: &Server, options: &SourceOptions) -> Result<Self, Trouble> {
        let mut conn = log_in(server, options.heartbeat).await?;
        let empty = names::schemas(&mut conn, &server.shown).await?;
        let mut asker = Asker::new(server, options).await?;
        let sql = format!(
            "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA \
             WHERE SCHEMA_NAME NOT IN {OF_THE_SERVER} ORDER BY SCHEMA_NAME"
        );
        let databases: Vec<(String, String, String)> = asker.ask(&sql).await?;
        let databases =
            databases.into_iter().map(|(name, charset, collation)| Database { name, charset, collation });
        let mut catalog = Self {
            empty,
            dialect: asker.dialect,
            databases: databases.collect(),
            tables: Vec::new(),
            hidden_views: Vec::new(),
        };
        warn_of_unseen(&mut asker).await?;
        let mut names = asker.names().await?;
        names.sort_unstable();
        for name in names {
            match statement(&mut asker, &name, options).await? {
                Found::Made(sql) => catalog.tables.push((name, sql)),
                Found::HiddenView => catalog.hidden_views.push(name),
                Found::Nothing => {}
            }
        }
        Ok(catalog)
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Follows all statements, those of what is taken at rising commit-ts from `first` on.
    ///
    /// # Errors
    /// A table that is taken has a statement that cannot be read.
    pub(super) fn make(&self, options: &SourceOptions, first: CommitTs) -> Result<Made, Error> {
        let mut schemas = self.empty.clone();
        let mut statements: Vec<DdlEvent> = Vec::new();
        let mut next = first;
        for Database { name, charset, collation } in &self.databases {
            if !options.tables.takes_database(name) {
                schemas.note_database(name.clone(), charset.clone());
                continue;
            }
            let name = quote(name);
            let sql =
                format!("CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET {charset} COLLATE {collation}");
            if let Applied::Ddl(events) = schemas.apply(&sql, "", self.dialect, next) {
                next = CommitTs(next.0 + events.len() as u64);
                statements.extend(events);
            }
        }
        let mut tables = Vec::new();
        for (name, sql) in &self.tables {
            let is_taken = options.tables.takes(name);
            match schemas.apply(sql, &name.schema, self.dialect, next) {
                Applied::Ddl(events) if is_taken => {
                    next = CommitTs(next.0 + events.len() as u64);
                    statements.extend(events);
                    tables.push(name.clone());
                }
                Applied::Ddl(_) | Applied::Ignored => {}
                Applied::Unparsed { reason, .. } if is_taken => {
                    return Err(Error::Server(format!(
                        "cannot read the CREATE TABLE that the server shows of {name}: {reason}; leave the table out by a rule \
                         of the filter"
                    )));
                }
                Applied::Unparsed { reason, .. } => {
                    tracing::debug!(table = %name, reason, "cannot read the CREATE TABLE of a table that is not taken");
                    schemas.remove_table(name);
                }
            }
        }
        self.hidden_views.iter().for_each(|view| schemas.note_view(view.clone()));
        Ok(Made { schemas, statements, tables })
    }
}

/// Asks what makes a table.
async fn statement(asker: &mut Asker, name: &TableName, options: &SourceOptions) -> Result<Found, Trouble> {
    const BROKEN_VIEW: u16 = 1356;
    const NO_SUCH_TABLE: u16 = 1146;
    const DENIED: u16 = 1142;
    let sql = format!("SHOW CREATE TABLE {}.{}", quote(&name.schema), quote(&name.table));
    let error = match asker.try_ask::<Row>(&sql).await? {
        Ok(rows) => {
            let made = rows.first().and_then(|row| row.get_opt::<String, _>(1)?.ok());
            return Ok(made.map_or(Found::Nothing, Found::Made));
        }
        Err(ClientError::Server(error)) => error,
        Err(error) => return Err(Trouble::of(error, "the server")),
    };
    let moved =
        |why: &str| Err(Trouble::Fatal(Error::Moved(format!("table {name} {why}: {}", error.message))));
    match error.code {
        BROKEN_VIEW => Ok(Found::Nothing),
        _ if !options.tables.takes(name) => Ok(Found::Nothing),
        DENIED if is_view(asker, name).await? => Ok(Found::HiddenView),
        NO_SUCH_TABLE => moved("was dropped"),
        code if is_held(code) => moved("is held by a statement"),
        _ => Err(Trouble::Fatal(Error::Server(format!(
            "table {name} cannot be copied; GRANT SELECT on it to the user, mend it, or leave it out by a rule of the filter: {}",
            error.message
        )))),
    }
}

async fn is_view(asker: &mut Asker, name: &TableName) -> Result<bool, Trouble> {
    let literal = |text: &str| {
        let digits: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        format!("CONVERT(X'{digits}' USING utf8)")
    };
    let (schema, table) = (literal(&name.schema), literal(&name.table));
    let kinds: Vec<String> = asker
        .ask(&format!(
            "SELECT TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table}"
        ))
        .await?;
    Ok(kinds.iter().any(|kind| kind == "VIEW"))
}

/// What the server estimates of its tables; nothing, if a statement holds one of them.
pub(super) async fn estimates(
    server: &Server,
    options: &SourceOptions,
) -> Result<HashMap<TableName, Estimate>, Trouble> {
    let mut asker = Asker::new(server, options).await?;
    let sql = format!(
        "SELECT t.TABLE_SCHEMA, t.TABLE_NAME, CAST(COALESCE(t.TABLE_ROWS, 0) AS UNSIGNED), \
                CAST(COALESCE(t.DATA_LENGTH, 0) AS UNSIGNED), COALESCE(e.TRANSACTIONS, '') = 'YES' \
         FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON t.ENGINE = e.ENGINE \
         WHERE t.TABLE_SCHEMA NOT IN {OF_THE_SERVER}"
    );
    let rows = match asker.try_ask::<(String, String, u64, u64, bool)>(&sql).await? {
        Ok(rows) => rows,
        Err(ClientError::Server(error)) => {
            tracing::info!(%error, "not known: how much there is to copy");
            Vec::new()
        }
        Err(error) => return Err(Trouble::of(error, &server.shown)),
    };
    let estimates = rows.into_iter().map(|(schema, table, rows, bytes, transactional)| {
        (TableName::new(schema, table), Estimate { rows, bytes, transactional })
    });
    Ok(estimates.collect())
}

/// The sum over some tables.
pub(super) fn sum(tables: &[TableName], estimates: &HashMap<TableName, Estimate>) -> Copied {
    let mut sum = Copied { tables: tables.len() as u64, ..Copied::default() };
    for estimate in tables.iter().filter_map(|name| estimates.get(name)) {
        sum.rows += estimate.rows;
        sum.bytes += estimate.bytes;
    }
    sum
}
