//! The tables as a server has them, and the proof that they were so at a place of its log.
//!
//! ```text
//!  place ───────── log ─────────► end          a statement in between that touches a table says that its shape
//!                       ▲ shapes are read      at the place is not known: it is left out
//! ```
//! No lock is taken. A server writes a DDL into its log before it lets anybody see the table's new shape, and
//! `SHOW CREATE TABLE` waits for a DDL under way; so a shape that was read is the one that the log has led to, somewhere
//! between the place and the end of the log as it is told *after* the reading.
//!
//! What is not in the log cannot be proved: a statement under `sql_log_bin=0` is the operator's to account for; on a server
//! with `binlog-do-db` or `binlog-ignore-db` a shape is believed only where nothing at all was logged in between.

use super::address::Server;
use super::asker::Asker;
use super::begin::Begun;
use super::checks::LogEnd;
use super::connection::{Connection, Next, log_in};
use super::search::has_reached;
use super::trouble::Trouble;
use crate::decode::{Head, inflate};
use crate::log::kind::Kind;
use crate::options::{LogPlace, SourceOptions};
use crate::schemas::Schemas;
use crate::sql::Dialect;
use change_event::{Influence, TableName};
use std::collections::HashSet;

/// So often the end of the log is tried, where tables change while they are read.
const ATTEMPTS: usize = 8;

/// Puts every table and database of the server into `schemas`, as they were at a place: at a later one if it `may_move`,
/// and tables were changed while they were read.
pub(super) async fn read_all(
    server: &Server,
    options: &SourceOptions,
    begun: &mut Begun,
    may_move: bool,
    schemas: &mut Schemas,
) -> Result<(), Trouble> {
    let empty = schemas.clone();
    for attempt in 1.. {
        let mut asker = Asker::new(server, options).await?;
        asker.note_databases(schemas).await?;
        for name in asker.names().await? {
            if let Some(sql) = asker.create_table(&name).await?
                && let Err(reason) = schemas.follow_given(&sql, &name.schema, asker.dialect)
            {
                tracing::warn!(table = %name, reason, "cannot read the CREATE TABLE that the server shows");
            }
        }
        let end = asker.log_end().await?;
        let touched = touched(server, options, &begun.place, &end, schemas, asker.dialect).await?;
        if !may_move || touched.is_empty() || attempt == ATTEMPTS {
            touched.iter().for_each(|touched| schemas.forget_given(touched));
            break;
        }
        begun.move_to(end);
        *schemas = empty.clone();
    }
    Ok(())
}

/// One table as it was at a place: its CREATE TABLE. `None` if that cannot be told.
pub(super) async fn read_one(
    server: Server,
    options: SourceOptions,
    place: LogPlace,
    name: TableName,
    schemas: Schemas,
) -> Result<Option<(String, Dialect)>, Trouble> {
    let mut asker = Asker::new(&server, &options).await?;
    let Some(sql) = asker.create_table(&name).await? else { return Ok(None) };
    let end = asker.log_end().await?;
    let touched = touched(&server, &options, &place, &end, &schemas, asker.dialect).await?;
    let is_touched = touched.iter().any(|influence| influence.concerns(&name));
    Ok((!is_touched).then_some((sql, asker.dialect)))
}

/// What the statements between a place and the end were about.
async fn touched(
    server: &Server,
    options: &SourceOptions,
    place: &LogPlace,
    end: &LogEnd,
    schemas: &Schemas,
    dialect: Dialect,
) -> Result<HashSet<Influence>, Trouble> {
    let mut found = HashSet::new();
    if end.leaves_out && (&place.file, place.offset) != (&end.file, end.offset) {
        found.insert(Influence::All);
        return Ok(found);
    }
    let note = |_: (&str, u64), touched| {
        found.insert(touched);
    };
    statements_between(server, options, place, end, schemas, dialect, note).await?;
    Ok(found)
}

/// Tells of every statement between a place and an end what it was about, if it may have changed a table, and where it
/// ends.
pub(crate) async fn statements_between(
    server: &Server,
    options: &SourceOptions,
    place: &LogPlace,
    end: &LogEnd,
    schemas: &Schemas,
    dialect: Dialect,
    mut tell: impl FnMut((&str, u64), Influence),
) -> Result<(), Trouble> {
    if (&place.file, place.offset) == (&end.file, end.offset) {
        return Ok(());
    }
    // Another reader than the one of the source: two with one number throw each other out.
    let server = server.beside();
    let conn = log_in(&server, options.heartbeat).await?;
    let (mut log, _) = Connection::stream_to_end(conn, &server, options, &place.file, place.offset).await?;
    while !has_reached(&log, end) {
        // A stream that ends too early is an error as well: what was not seen is not proved.
        let Next::Event(event) = log.next().await? else { continue };
        let Kind::Query { compressed } = event.kind else { continue };
        let query = Head::read(&event.body).and_then(|head| match compressed {
            true => Ok(head.with(&inflate(head.sql, options.max_transaction_bytes)?)),
            false => Ok(head.with(head.sql)),
        });
        let mut query = query.map_err(|fault| Trouble::Fatal(fault.at(log.place().0, event.start)))?;
        query.dialect.mariadb = dialect.mariadb;
        if !matches!(query.sql.as_str(), "BEGIN" | "COMMIT")
            && let Some(touched) = schemas.touched_by(&query.sql, &query.database, query.dialect)
        {
            tell(log.place(), touched);
        }
    }
    Ok(())
}
