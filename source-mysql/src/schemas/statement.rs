//! Which statement it is.

use super::alter_spec::{AlterSpec, expect_specs};
use super::charset::{CharsetChoice, expect_charset};
use super::create::{CreateTable, expect_create_table};
use super::cursor::{Cursor, Subject};
use super::database::{expect_database, expect_database_options};
use super::harmless::{HARMLESS, ROW_CHANGES, skip_modifiers, take_harmless_object};
use super::key_def::{KeyDef, KeyKind, expect_parts, take_index_type};
use super::lexeme::split;
use super::refusal::Refusal;
use change_event::TableName;

/// A statement, as far as tables care.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Statement {
    /// It touches no table.
    Nothing,
    CreateDatabase {
        name: String,
        if_not_exists: bool,
        charset: Option<CharsetChoice>,
    },
    AlterDatabase {
        name: String,
        charset: CharsetChoice,
    },
    DropDatabase {
        name: String,
    },
    CreateTable(CreateTable),
    /// Also CREATE INDEX and DROP INDEX.
    AlterTable {
        table: TableName,
        specs: Vec<AlterSpec>,
    },
    DropTables {
        tables: Vec<TableName>,
    },
    Truncate {
        table: TableName,
    },
    RenameTables {
        pairs: Vec<(TableName, TableName)>,
    },
}

/// A statement, and whom it is about even where it was not understood.
pub(super) struct Parsed {
    pub(super) statement: Result<Statement, Refusal>,
    pub(super) subject: Subject,
}

/// Reads a statement as the log has it.
pub(super) fn parse(sql: &str, default_db: &str) -> Parsed {
    let (lexemes, broken) = split(sql);
    let mut cursor = Cursor::new(&lexemes, default_db);
    let statement = expect_statement(&mut cursor);
    let statement = match (statement, broken) {
        // What breaks off in the body of a procedure is no matter.
        (Ok(Statement::Nothing), Some(reason)) if lexemes.is_empty() => Err(Refusal::Words(reason)),
        (Ok(Statement::Nothing), _) => Ok(Statement::Nothing),
        (_, Some(reason)) => Err(Refusal::Words(reason)),
        (statement, None) => statement,
    };
    Parsed { statement, subject: cursor.subject }
}

fn expect_statement(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    // MariaDB's `SET STATEMENT lock_wait_timeout=5 FOR ALTER TABLE …` is logged whole.
    if cursor.take_words(&["SET", "STATEMENT"]) {
        while !cursor.at_end() && !cursor.take_word("FOR") {
            cursor.next();
        }
    }
    if cursor.at_end() || cursor.take_one_of(HARMLESS) {
        return Ok(Statement::Nothing);
    }
    for word in ROW_CHANGES {
        if cursor.is_word(word) {
            return Err(Refusal::RowsAsStatement((*word).into()));
        }
    }
    if cursor.take_word("CREATE") {
        expect_create(cursor)
    } else if cursor.take_word("ALTER") {
        expect_alter(cursor)
    } else if cursor.take_word("DROP") {
        expect_drop(cursor)
    } else if cursor.take_word("TRUNCATE") {
        cursor.take_word("TABLE");
        let table = cursor.expect_table()?;
        take_wait(cursor)?;
        cursor.expect_end()?;
        Ok(Statement::Truncate { table })
    } else if cursor.take_word("RENAME") {
        expect_rename(cursor)
    } else {
        Err(cursor.unexpected("a statement"))
    }
}

fn expect_create(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    skip_modifiers(cursor)?;
    if take_harmless_object(cursor) {
        return Ok(Statement::Nothing);
    }
    if cursor.take_word("TABLE") {
        return expect_create_table(cursor).map(Statement::CreateTable);
    }
    if cursor.take_one_of(&["DATABASE", "SCHEMA"]) {
        let if_not_exists = cursor.take_if_not_exists();
        let name = expect_database(cursor)?;
        let charset = expect_database_options(cursor)?;
        return Ok(Statement::CreateDatabase { name, if_not_exists, charset });
    }
    let unique = cursor.take_word("UNIQUE");
    cursor.take_one_of(&["FULLTEXT", "SPATIAL", "VECTOR"]);
    if !cursor.take_word("INDEX") {
        return Err(cursor.unexpected("TABLE, DATABASE or INDEX"));
    }
    let if_not_exists = cursor.take_if_not_exists();
    let name = Some(cursor.expect_name("an index name")?);
    take_index_type(cursor)?;
    cursor.expect_word("ON")?;
    let table = cursor.expect_table()?;
    take_wait(cursor)?;
    let columns = expect_parts(cursor)?;
    cursor.skip_rest();
    let kind = if unique { KeyKind::Unique } else { KeyKind::Plain };
    let key = KeyDef { kind, name, columns, if_not_exists };
    Ok(Statement::AlterTable { table, specs: vec![AlterSpec::AddKey(key)] })
}

fn expect_alter(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    skip_modifiers(cursor)?;
    if take_harmless_object(cursor) {
        return Ok(Statement::Nothing);
    }
    if cursor.take_word("TABLE") {
        cursor.take_if_exists();
        let table = cursor.expect_table()?;
        take_wait(cursor)?;
        let specs = expect_specs(cursor)?;
        return Ok(Statement::AlterTable { table, specs });
    }
    if !cursor.take_one_of(&["DATABASE", "SCHEMA"]) {
        return Err(cursor.unexpected("TABLE or DATABASE"));
    }
    let unnamed =
        ["CHARACTER", "CHARSET", "COLLATE", "DEFAULT", "COMMENT"].iter().any(|word| cursor.is_word(word));
    let name = if unnamed { cursor.default_db().to_owned() } else { expect_database(cursor)? };
    cursor.subject.database = Some(name.clone());
    if cursor.is_word("COMMENT") || cursor.is_word("UPGRADE") || cursor.take_words(&["READ", "ONLY"]) {
        return Ok(Statement::Nothing);
    }
    match expect_charset(cursor)? {
        Some(charset) => Ok(Statement::AlterDatabase { name, charset }),
        None => Ok(Statement::Nothing),
    }
}

fn expect_drop(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    skip_modifiers(cursor)?;
    if take_harmless_object(cursor) {
        return Ok(Statement::Nothing);
    }
    if cursor.take_one_of(&["DATABASE", "SCHEMA"]) {
        cursor.take_if_exists();
        let name = expect_database(cursor)?;
        cursor.expect_end()?;
        return Ok(Statement::DropDatabase { name });
    }
    if cursor.take_one_of(&["TABLE", "TABLES"]) {
        cursor.take_if_exists();
        let mut tables = vec![cursor.expect_table()?];
        while cursor.take_symbol(",") {
            tables.push(cursor.expect_table()?);
        }
        take_wait(cursor)?;
        cursor.take_one_of(&["RESTRICT", "CASCADE"]);
        cursor.expect_end()?;
        return Ok(Statement::DropTables { tables });
    }
    if !cursor.take_word("INDEX") {
        return Err(cursor.unexpected("TABLE, DATABASE or INDEX"));
    }
    let if_exists = cursor.take_if_exists();
    let name = cursor.expect_name("an index name")?;
    cursor.expect_word("ON")?;
    let table = cursor.expect_table()?;
    cursor.skip_rest();
    Ok(Statement::AlterTable { table, specs: vec![AlterSpec::DropKey { name, if_exists }] })
}

fn expect_rename(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    if cursor.is_word("USER") {
        return Ok(Statement::Nothing);
    }
    if !cursor.take_one_of(&["TABLE", "TABLES"]) {
        return Err(cursor.unexpected("TABLE"));
    }
    cursor.take_if_exists();
    let mut pairs = Vec::new();
    loop {
        let from = cursor.expect_table()?;
        take_wait(cursor)?;
        cursor.expect_word("TO")?;
        pairs.push((from, cursor.expect_table()?));
        if !cursor.take_symbol(",") {
            break;
        }
    }
    cursor.expect_end()?;
    Ok(Statement::RenameTables { pairs })
}

/// `WAIT n` or `NOWAIT`, if it is there.
fn take_wait(cursor: &mut Cursor<'_>) -> Result<(), Refusal> {
    if cursor.take_word("WAIT") {
        cursor.expect_number()?;
    } else {
        cursor.take_word("NOWAIT");
    }
    Ok(())
}
