//! What a server says of the names in its log, before the first of them comes.

use super::trouble::Trouble;
use crate::Schemas;
use change_event::TableName;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

/// A statement holds a table for longer than we wait.
const LOCK_WAIT_TIMEOUT: u16 = 1205;

/// Schemas without tables: the charset that databases are made with, and whether names are kept in lower case.
pub(crate) async fn schemas(conn: &mut Conn, server: &str) -> Result<Schemas, Trouble> {
    let row: Option<(String, u8)> = conn
        .query_first("SELECT @@GLOBAL.character_set_server, @@GLOBAL.lower_case_table_names")
        .await
        .map_err(|e| Trouble::of(e, server))?;
    let (charset, lower_case) = row.unwrap_or_else(|| ("utf8mb4".to_owned(), 0));
    Ok(Schemas::with_server_charset(&charset).in_lower_case(lower_case != 0))
}

/// Notes the views and sequences that are there, as far as the user may see them: a log that is read from now on does
/// not say that they are no tables.
pub(crate) async fn note_others(conn: &mut Conn, server: &str, schemas: &mut Schemas) -> Result<(), Trouble> {
    // A statement may hold a table for hours.
    conn.query_drop("SET SESSION lock_wait_timeout=2").await.map_err(|e| Trouble::of(e, server))?;
    let names = conn
        .query(
            "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES \
             WHERE TABLE_TYPE IN ('VIEW', 'SEQUENCE') AND TABLE_SCHEMA NOT IN ('mysql', 'sys')",
        )
        .await;
    let names: Vec<(String, String, String)> = match names {
        Ok(names) => names,
        Err(mysql_async::Error::Server(error)) if error.code == LOCK_WAIT_TIMEOUT => {
            tracing::warn!(server, %error, "not known: which names are those of views and sequences");
            return Ok(());
        }
        Err(error) => return Err(Trouble::of(error, server)),
    };
    for (schema, table, kind) in names {
        let name = TableName::new(schema, table);
        if kind == "VIEW" { schemas.note_view(name) } else { schemas.note_sequence(name) }
    }
    Ok(())
}
