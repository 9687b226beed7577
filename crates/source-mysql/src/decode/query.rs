//! A query event: a statement, its default database, and the charset it is written in.

use super::Fault;
use super::charset::Charset;
use super::collation::charset_of;
use super::cursor::Cursor;
use crate::sql::Dialect;

/// A statement from the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// The database that names without one belong to; may be empty.
    pub(crate) database: String,
    /// The statement in UTF-8.
    pub(crate) sql: String,
    /// How its session read it.
    pub(crate) dialect: Dialect,
    /// It failed, and is logged for what it had done by then.
    pub(crate) failed: bool,
}

/// The place of the statement in the event, for one that is compressed.
pub(crate) struct Head<'a> {
    database: &'a [u8],
    charset: Charset,
    /// The charset that databases are made with unless their statement says otherwise.
    pub(crate) server_charset: Option<&'static str>,
    dialect: Dialect,
    failed: bool,
    /// The statement's bytes.
    pub(crate) sql: &'a [u8],
}

impl<'a> Head<'a> {
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Fault> {
        Self::read_with(body, 0)
    }

    /// Of a LOAD DATA that is logged as a statement: it tells the number of its file, where in its text the file's name
    /// is, and what is done about duplicates.
    pub(crate) fn of_load(body: &'a [u8]) -> Result<Self, Fault> {
        Self::read_with(body, 13)
    }

    /// `more`: bytes between what all statements begin with and the session's variables.
    fn read_with(body: &'a [u8], more: usize) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(body);
        let _thread_and_duration = cursor.u64()?;
        let database_length = usize::from(cursor.u8()?);
        let error_code = cursor.u16()?;
        let status_length = usize::from(cursor.u16()?);
        cursor.take(more)?;
        let Session { sql_mode, collations } = Session::read(cursor.take(status_length)?);
        let database = cursor.take(database_length)?;
        cursor.u8()?;
        Ok(Self {
            database,
            // A statement in a charset that cannot be converted is read as UTF-8: only its literals can suffer.
            charset: collations
                .and_then(|c| charset_of(c.client))
                .and_then(|name| Charset::named(name).ok())
                .unwrap_or(Charset::Utf8),
            server_charset: collations.and_then(|c| charset_of(c.server)),
            dialect: Dialect::of_sql_mode(sql_mode),
            failed: error_code != 0,
            sql: cursor.rest(),
        })
    }

    /// The query with this statement, which is [`Head::sql`] or what that unpacks to.
    pub(crate) fn with(&self, sql: &[u8]) -> Query {
        Query {
            database: String::from_utf8_lossy(self.database).into_owned(),
            sql: self.charset.to_text(sql),
            dialect: self.dialect,
            failed: self.failed,
        }
    }
}

#[derive(Clone, Copy)]
struct Collations {
    client: u64,
    server: u64,
}

/// What the status variables say of the session.
#[derive(Default)]
struct Session {
    sql_mode: u64,
    collations: Option<Collations>,
}

impl Session {
    /// Reads the status variables as far as they are known; what is not said is as by default.
    fn read(status: &[u8]) -> Self {
        let mut session = Self::default();
        // A list that breaks off has said what it has said.
        session.read_all(Cursor::new(status)).unwrap_or_default();
        session
    }

    /// Each variable is a number and a body of a known size.
    fn read_all(&mut self, mut cursor: Cursor<'_>) -> Result<(), Fault> {
        while !cursor.is_empty() {
            let size = match cursor.u8()? {
                0 => 4,
                1 => {
                    self.sql_mode = cursor.u64()?;
                    0
                }
                2 => usize::from(cursor.u8()?) + 1,
                3 => 4,
                4 => {
                    let client = cursor.little(2)?;
                    let _connection = cursor.little(2)?;
                    let server = cursor.little(2)?;
                    self.collations = Some(Collations { client, server });
                    return Ok(());
                }
                5 | 6 => usize::from(cursor.u8()?),
                // MariaDB since 11: pairs of a charset and the collation that stands for it.
                131 => usize::from(cursor.u8()?) * 4,
                // The charsets come before all the others, and the mode before them.
                _ => return Ok(()),
            };
            cursor.take(size)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_converted_from_the_clients_charset() {
        let mut body = vec![0; 8];
        let status = [0, 1, 2, 3, 4, 1, 4, 0, 16, 0, 0, 0, 0, 0, 4, 8, 0, 8, 0, 28, 0];
        body.extend([4, 0, 0, status.len() as u8, 0]);
        body.extend(status);
        body.extend(b"shop\0create table caf\xE9");
        let head = Head::read(&body).unwrap();
        let query = head.with(head.sql);
        assert_eq!((query.database.as_str(), query.sql.as_str()), ("shop", "create table café"));
        assert!(query.dialect.ansi_quotes && query.dialect.plain_backslashes);
        assert_eq!(head.server_charset, Some("gbk"));
        assert!(Head::read(&body[..20]).is_err());
    }

    /// As MariaDB 11.8 writes it of a session with `SET NAMES latin1`.
    #[test]
    fn default_collations_before_the_clients_charset_are_passed() {
        let pairs = [0x21, 0, 0, 8, 0x23, 0, 0, 0x0A, 0x2D, 0, 0, 9, 0x36, 0, 0, 0x0B, 0x3C, 0, 0, 0x0C];
        let charsets = [4, 8, 0, 8, 0, 0, 9];
        let status = [&[0, 0, 0, 0, 1, 131, 5][..], &pairs, &charsets].concat();
        let session = Session::read(&status);
        let collations = session.collations.map(|found| (found.client, found.server));
        assert_eq!(collations, Some((8, 0x0900)), "latin1_swedish_ci, utf8mb4_uca1400_ai_ci");
    }
}
