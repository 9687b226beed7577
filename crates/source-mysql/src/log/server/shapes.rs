//! The tables as a server has them, and the proof that they were so at a place of its log.
//!
//! ```text
//!  place ───────── log ─────────► end          a statement in between that touches a table says that its shape
//!                       ▲ shapes are read      at the place is not known: it is left out
//! ```
//! No lock is taken. A server writes a DDL into its log before it lets anybody see the table's new shape, and
//! `SHOW CREATE TABLE` waits for a DDL under way; so a shape that was read is the one that the log has led to, somewhere
//! between the place and the end of the log as it is told *after* the reading.

use super::address::Server;
use super::checks::{self, LogEnd};
use super::connection::{Connection, Next, log_in};
use super::trouble::Trouble;
use super::watch::is_before;
use crate::decode::{Head, inflate};
use crate::log::kind::Kind;
use crate::options::{LogPlace, SourceOptions};
use crate::schemas::Schemas;
use crate::sql::{Dialect, quote};
use change_event::{Influence, TableName};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error as ClientError, Row};

/// Databases whose tables are the server's own affair.
const OF_THE_SERVER: &str = "('mysql', 'information_schema', 'performance_schema', 'sys')";

/// So often the end of the log is tried, where tables change while they are read.
const ATTEMPTS: usize = 8;

/// Puts every table and database of the server into `schemas`, as they were at a place, and gives that place: a later
/// one if it `may_move`, and tables were changed while they were read.
pub(super) async fn read_all(
    server: &Server,
    options: &SourceOptions,
    mut place: LogPlace,
    may_move: bool,
    schemas: &mut Schemas,
) -> Result<LogPlace, Trouble> {
    let empty = schemas.clone();
    for attempt in 1.. {
        let mut conn = log_in(server, options.heartbeat).await?;
        let dialect = dialect(&mut conn, server).await?;
        read_databases(&mut conn, server, schemas).await?;
        let names = names(&mut conn, server).await?;
        for name in names.into_iter().filter(|name| options.tables.takes(name)) {
            match create_table(&mut conn, server, &name).await? {
                Some(sql) => note(schemas, &name, &sql, dialect),
                None => continue,
            }
        }
        let end = checks::log_end(&mut conn, &server.shown).await?;
        let touched = touched(server, options, &place, &end, schemas, dialect).await?;
        if may_move && !touched.is_empty() && attempt < ATTEMPTS {
            place = LogPlace { file: end.file, offset: end.offset };
            *schemas = empty.clone();
            continue;
        }
        touched.iter().for_each(|touched| schemas.forget_given(touched));
        break;
    }
    Ok(place)
}

/// One table as it was at a place: its CREATE TABLE. `None` if that cannot be told.
pub(super) async fn read_one(
    server: &Server,
    options: &SourceOptions,
    place: &LogPlace,
    name: &TableName,
    schemas: &Schemas,
) -> Result<Option<(String, Dialect)>, Trouble> {
    let mut conn = log_in(server, options.heartbeat).await?;
    let dialect = dialect(&mut conn, server).await?;
    let Some(sql) = create_table(&mut conn, server, name).await? else { return Ok(None) };
    let end = checks::log_end(&mut conn, &server.shown).await?;
    let touched = touched(server, options, place, &end, schemas, dialect).await?;
    let is_touched = touched.iter().any(|influence| match influence {
        Influence::All => true,
        Influence::Database(database) => name.schema == *database,
        Influence::Tables(tables) => tables.contains(name),
    });
    Ok((!is_touched).then_some((sql, dialect)))
}

/// How the server reads what it writes itself, in a session without any `sql_mode`.
pub(super) async fn dialect(conn: &mut Conn, server: &Server) -> Result<Dialect, Trouble> {
    let failed = |e| Trouble::of(e, &server.shown);
    // Old modes such as NO_FIELD_OPTIONS leave parts of a table out of its text.
    conn.query_drop("SET SESSION sql_mode='', sql_quote_show_create=1").await.map_err(failed)?;
    let version: Option<String> = conn.query_first("SELECT VERSION()").await.map_err(failed)?;
    Ok(Dialect { mariadb: version.is_some_and(|version| version.contains("MariaDB")), ..Dialect::default() })
}

/// The charsets that new tables of the databases have.
async fn read_databases(conn: &mut Conn, server: &Server, schemas: &mut Schemas) -> Result<(), Trouble> {
    let databases: Vec<(String, String)> = conn
        .query(format!(
            "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA \
             WHERE SCHEMA_NAME NOT IN {OF_THE_SERVER}"
        ))
        .await
        .map_err(|e| Trouble::of(e, &server.shown))?;
    databases.into_iter().for_each(|(name, charset)| schemas.note_database(name, charset));
    Ok(())
}

/// The tables that the user may see.
async fn names(conn: &mut Conn, server: &Server) -> Result<Vec<TableName>, Trouble> {
    let names: Vec<(String, String)> = conn
        .query(format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES \
             WHERE TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE', 'SYSTEM VIEW') AND TABLE_SCHEMA NOT IN {OF_THE_SERVER}"
        ))
        .await
        .map_err(|e| Trouble::of(e, &server.shown))?;
    Ok(names.into_iter().map(|(schema, table)| TableName::new(schema, table)).collect())
}

/// What makes a table as it is now; `None` if it is not there, or not to be seen.
async fn create_table(conn: &mut Conn, server: &Server, name: &TableName) -> Result<Option<String>, Trouble> {
    /// The database, the table, or a table below a view is not there; it may not be seen; its file is damaged.
    const NOT_TO_BE_SEEN: [u16; 7] = [1049, 1051, 1146, 1044, 1142, 1033, 1356];
    let sql = format!("SHOW CREATE TABLE {}", qualified(name));
    match conn.query_first::<Row, _>(sql).await {
        Ok(row) => Ok(row.and_then(|row| row.get_opt::<String, _>(1)?.ok())),
        Err(ClientError::Server(e)) if NOT_TO_BE_SEEN.contains(&e.code) => {
            tracing::debug!(table = %name, error = %e, "cannot see a table");
            Ok(None)
        }
        Err(e) => Err(Trouble::of(e, &server.shown)),
    }
}

fn qualified(name: &TableName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.table))
}

fn note(schemas: &mut Schemas, name: &TableName, sql: &str, dialect: Dialect) {
    if let Err(reason) = schemas.follow_given(sql, &name.schema, dialect) {
        tracing::warn!(table = %name, reason, "cannot read the CREATE TABLE of a table; its rows must show its columns");
    }
}

/// What the statements between a place and the end were about.
async fn touched(
    server: &Server,
    options: &SourceOptions,
    place: &LogPlace,
    end: &LogEnd,
    schemas: &Schemas,
    dialect: Dialect,
) -> Result<Vec<Influence>, Trouble> {
    let mut found = Vec::new();
    if (&place.file, place.offset) == (&end.file, end.offset) {
        return Ok(found);
    }
    // Another reader than the one of the source: two with one number throw each other out.
    let server = server.beside();
    let conn = log_in(&server, options.heartbeat).await?;
    let mut log = Connection::stream_to_end(conn, &server, options, &place.file, place.offset).await?;
    while is_before(log.place(), (&end.file, end.offset)) {
        let event = match log.next().await {
            Ok(Next::Event(event)) => event,
            Ok(Next::File(..) | Next::Restarted) => continue,
            // Also where the stream ends too early: what was not seen is not proved.
            Err(trouble) => return Err(trouble),
        };
        let Kind::Query { compressed } = event.kind else { continue };
        let query = Head::read(&event.body).and_then(|head| match compressed {
            true => Ok(head.with(&inflate(head.sql, options.max_transaction_bytes)?)),
            false => Ok(head.with(head.sql)),
        });
        let mut query = query.map_err(|fault| Trouble::Fatal(fault.at(&place.file, event.start)))?;
        query.dialect.mariadb = dialect.mariadb;
        if !matches!(query.sql.as_str(), "BEGIN" | "COMMIT")
            && let Some(influence) = schemas.touched_by(&query.sql, &query.database, query.dialect)
            && !found.contains(&influence)
        {
            found.push(influence);
        }
    }
    Ok(found)
}
