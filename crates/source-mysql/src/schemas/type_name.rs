//! The name of a type, as a session with the default `sql_mode` would write it.

use super::cursor::Cursor;
use super::refusal::Refusal;
use crate::sql::LexemeKind;

/// MariaDB's way to name a type whatever the session's mode is: `mariadb_schema.date`.
const SCHEMAS: &[&str] = &["mariadb_schema", "oracle_schema", "maxdb_schema"];

/// Reads the name, in upper case. What the session's mode means by it is what it is called, and written as, from here.
pub(super) fn expect_type_name(cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
    let start = cursor.here();
    let schema = SCHEMAS.iter().find(|schema| cursor.is_word(schema)).filter(|_| cursor.is_symbol_at(1, '.'));
    if schema.is_some() {
        cursor.next();
        cursor.next();
    }
    let Some(LexemeKind::Word(word)) = cursor.peek(0) else {
        return Err(cursor.unexpected("a column type"));
    };
    let written = word.to_ascii_uppercase();
    cursor.next();
    let dialect = cursor.dialect();
    let sized = cursor.is_symbol('(');
    let is_oracle = schema.map_or(dialect.mariadb && dialect.oracle, |schema| *schema == "oracle_schema");
    let is_maxdb = schema.map_or(dialect.maxdb, |schema| *schema == "maxdb_schema");
    let meant = match written.as_str() {
        "REAL" if dialect.real_is_float => "FLOAT",
        "TIMESTAMP" if is_maxdb => "DATETIME",
        "DATE" if is_oracle => "DATETIME",
        "BLOB" if is_oracle && !sized => "LONGBLOB",
        "CLOB" if is_oracle => "LONGTEXT",
        "NUMBER" if is_oracle => {
            if sized {
                "DECIMAL"
            } else {
                "DOUBLE"
            }
        }
        "RAW" if is_oracle => "VARBINARY",
        "VARCHAR2" if is_oracle => "VARCHAR",
        same => same,
    };
    if schema.is_some() || meant != written {
        cursor.edits.replace(start..cursor.behind(), meant);
    }
    Ok(meant.to_owned())
}
