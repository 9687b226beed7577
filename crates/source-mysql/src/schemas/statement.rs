//! Which statement it is.

use super::alter_list::expect_specs;
use super::alter_spec::AlterSpec;
use super::charset::CharsetChoice;
use super::create::{CreateTable, expect_create_table};
use super::cursor::{Cursor, Reading, Subject};
use super::database_def::{expect_database, expect_database_options};
use super::harmless::{Modifiers, take_harmless_object, take_modifiers};
use super::key_def::{KeyDef, KeyKind, expect_parts, take_index_type};
use super::refusal::Refusal;
use super::text::Text;
use super::view_def::expect_view_query;
use crate::sql::verb::without_settings;
use crate::sql::{Edits, Pieces, Verb, pieces, quote};
use change_event::{Influence, TableName};
use std::ops::Range;

/// A statement, as far as tables care.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Statement {
    /// It touches no table.
    Nothing,
    CreateDatabase {
        name: String,
        replaces: bool,
        if_not_exists: bool,
        charset: Option<CharsetChoice>,
    },
    AlterDatabase {
        name: String,
        charset: CharsetChoice,
    },
    DropDatabase {
        name: String,
        if_exists: bool,
    },
    CreateTable(CreateTable),
    /// Also CREATE INDEX and DROP INDEX.
    AlterTable {
        table: TableName,
        specs: Vec<AlterSpec>,
    },
    DropTables {
        tables: Vec<TableName>,
        if_exists: bool,
    },
    Truncate {
        table: TableName,
    },
    RenameTables {
        pairs: Vec<(TableName, TableName)>,
        if_exists: bool,
    },
    /// Also ALTER VIEW.
    CreateView {
        name: TableName,
        if_not_exists: bool,
        columns: Vec<String>,
    },
    DropViews {
        views: Vec<TableName>,
        if_exists: bool,
    },
    /// What has a name among the tables and is none.
    CreateSequence {
        name: TableName,
        replaces: bool,
        if_not_exists: bool,
    },
    DropSequences {
        names: Vec<TableName>,
    },
}

/// A statement, and whom it is about even where it was not understood.
pub(super) struct Parsed<'a> {
    pub(super) statement: Result<Statement, Refusal>,
    pub(super) subject: Subject,
    pub(super) text: Text<'a>,
    /// It defines a foreign key whose cascades change rows.
    pub(super) cascades: bool,
    /// It may make a table, or do anything at all, though it is none of the statements that are followed.
    unclear: bool,
}

impl Parsed<'_> {
    /// What the statement may have changed; `None` for one that touches no table. One that was not read to its end may be
    /// about more than it named so far.
    pub(super) fn touches(&self) -> Option<Influence> {
        match &self.statement {
            _ if self.unclear => Some(Influence::All),
            Ok(Statement::Nothing) => None,
            Ok(_) => Some(self.subject.influence()),
            Err(_) => Some(Influence::All),
        }
    }
}

impl Statement {
    /// What it had done when it failed.
    pub(super) fn until_it_failed(self) -> Self {
        match self {
            Self::CreateTable(CreateTable { name, replaces: true, .. })
            | Self::CreateSequence { name, replaces: true, .. } => {
                Self::DropTables { tables: vec![name], if_exists: true }
            }
            Self::CreateTable(_) => Self::Nothing,
            // A DROP of several names did it for those that were there.
            other => other,
        }
    }
}

/// Reads a statement as the log has it.
pub(super) fn parse<'a>(sql: &'a str, reading: Reading<'_>) -> Parsed<'a> {
    let pieces = pieces(sql, reading.dialect);
    let verb = Verb::of(&pieces.lexemes, sql);
    let defines = matches!(verb, Verb::Defines | Verb::StartsTransaction);
    let unclear = match verb {
        Verb::Unknown(_) => true,
        // CREATE OR REPLACE TABLE … SELECT, whole.
        Verb::ChangesRows(word) => word.starts_with("CREATE"),
        _ => false,
    };
    let mut edits = Edits::to_default_mode(sql, &pieces, reading.dialect);
    let Pieces { lexemes, broken, .. } = pieces;
    let statement = without_settings(&lexemes);
    if let (Some(first), true) = (statement.first(), statement.len() < lexemes.len()) {
        edits.replace(0..first.at.start, "");
    }
    let end = statement.iter().rposition(|lexeme| !lexeme.is_symbol(';')).map_or(0, |last| last + 1);
    statement[end..].iter().for_each(|lexeme| edits.replace(lexeme.at.clone(), ""));
    let mut cursor = Cursor::new(statement, reading, edits);
    let statement = if defines { expect_statement(&mut cursor) } else { Ok(Statement::Nothing) };
    let statement = match (statement, broken) {
        // What breaks off in the body of a procedure is no matter.
        (Ok(Statement::Nothing), Some(reason)) if lexemes.is_empty() => Err(Refusal::Words(reason)),
        (Ok(Statement::Nothing), _) => Ok(Statement::Nothing),
        (_, Some(reason)) => Err(Refusal::Words(reason)),
        (statement, None) => statement,
    };
    let Cursor { subject, edits, renames, cascades, .. } = cursor;
    Parsed { statement, subject, text: Text::new(sql, edits, renames), cascades, unclear }
}

fn expect_statement(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    if cursor.take_word("CREATE") {
        expect_create(cursor)
    } else if cursor.take_word("ALTER") {
        expect_alter(cursor)
    } else if cursor.take_word("DROP") {
        expect_drop(cursor)
    } else if cursor.take_word("TRUNCATE") || cursor.take_words(&["DELETE", "FROM"]) {
        // A DELETE is here only as the server's own way to say that a restart has emptied a MEMORY table.
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
    let Modifiers { replaces, definer } = take_modifiers(cursor)?;
    if take_harmless_object(cursor) {
        return Ok(Statement::Nothing);
    }
    if cursor.take_word("TABLE") {
        let replaces = drops_before(cursor, replaces);
        return expect_create_table(cursor, replaces).map(Statement::CreateTable);
    }
    if cursor.take_word("VIEW") {
        return expect_view(cursor, definer);
    }
    if cursor.take_word("SEQUENCE") {
        let if_not_exists = cursor.take_if_not_exists();
        let (name, replaces) = (cursor.expect_table()?, replaces.is_some());
        return Ok(Statement::CreateSequence { name, replaces, if_not_exists });
    }
    if cursor.take_one_of(&["DATABASE", "SCHEMA"]) {
        let replaces = drops_before(cursor, replaces);
        let if_not_exists = cursor.take_if_not_exists();
        let name = expect_database(cursor)?;
        let charset = expect_database_options(cursor)?;
        return Ok(Statement::CreateDatabase { name, replaces, if_not_exists, charset });
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
    let (columns, has_expressions) = expect_parts(cursor)?;
    cursor.skip_rest();
    let kind = if unique { KeyKind::Unique } else { KeyKind::Plain };
    // MariaDB may replace a key of that name.
    let replaced = name.clone().filter(|_| replaces.is_some());
    let replaced = replaced.map(|name| AlterSpec::DropKey { name, if_exists: true });
    let key = AlterSpec::AddKey(KeyDef { kind, name, columns, has_expressions, if_not_exists });
    Ok(Statement::AlterTable { table, specs: replaced.into_iter().chain([key]).collect() })
}

/// Whether the statement drops what it replaces. Its text does not say so: the drop is a statement of its own.
fn drops_before(cursor: &mut Cursor<'_>, or_replace: Option<Range<usize>>) -> bool {
    let replaces = or_replace.is_some();
    or_replace.into_iter().for_each(|place| cursor.edits.replace(place, ""));
    replaces
}

/// What follows `CREATE VIEW` or `ALTER VIEW`. Whose view it is on another server is not said: it is whose hand makes it
/// there, as nobody need know the one who made it here.
fn expect_view(cursor: &mut Cursor<'_>, definer: Option<Range<usize>>) -> Result<Statement, Refusal> {
    definer.into_iter().for_each(|place| cursor.edits.replace(place, ""));
    let if_not_exists = cursor.take_if_not_exists();
    let name = cursor.expect_table()?;
    let columns = expect_view_query(cursor)?;
    Ok(Statement::CreateView { name, if_not_exists, columns })
}

fn expect_alter(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    let alter = cursor.behind() - "ALTER".len()..cursor.behind();
    let Modifiers { definer, .. } = take_modifiers(cursor)?;
    if take_harmless_object(cursor) || cursor.take_word("SEQUENCE") {
        return Ok(Statement::Nothing);
    }
    if cursor.take_word("VIEW") {
        // The same, and what the ancestor's readers know.
        cursor.edits.replace(alter, "CREATE OR REPLACE");
        return expect_view(cursor, definer);
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
    let options = ["CHARACTER", "CHARSET", "COLLATE", "DEFAULT", "COMMENT", "READ"];
    let unnamed = options.iter().any(|word| cursor.is_word(word))
        || (cursor.is_word("ENCRYPTION") && cursor.is_symbol_at(1, '='));
    let name = if unnamed {
        let name = cursor.default_db();
        cursor.edits.replace(cursor.here()..cursor.here(), format!("{} ", quote(&name)));
        name
    } else {
        expect_database(cursor)?
    };
    cursor.subject.database = Some(name.clone());
    match expect_database_options(cursor)? {
        Some(charset) => Ok(Statement::AlterDatabase { name, charset }),
        None => Ok(Statement::Nothing),
    }
}

fn expect_drop(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    take_modifiers(cursor)?;
    if take_harmless_object(cursor) {
        return Ok(Statement::Nothing);
    }
    if cursor.take_one_of(&["DATABASE", "SCHEMA"]) {
        let if_exists = cursor.take_if_exists();
        let name = expect_database(cursor)?;
        cursor.expect_end()?;
        return Ok(Statement::DropDatabase { name, if_exists });
    }
    if cursor.take_one_of(&["TABLE", "TABLES"]) {
        let if_exists = cursor.take_if_exists();
        let tables = expect_tables(cursor)?;
        return Ok(Statement::DropTables { tables, if_exists });
    }
    if cursor.take_word("VIEW") {
        let if_exists = cursor.take_if_exists();
        return Ok(Statement::DropViews { views: expect_tables(cursor)?, if_exists });
    }
    if cursor.take_word("SEQUENCE") {
        cursor.take_if_exists();
        return Ok(Statement::DropSequences { names: expect_tables(cursor)? });
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

/// The names that a DROP lists, to its end.
fn expect_tables(cursor: &mut Cursor<'_>) -> Result<Vec<TableName>, Refusal> {
    let mut tables = vec![cursor.expect_table()?];
    while cursor.take_symbol(',') {
        tables.push(cursor.expect_table()?);
    }
    take_wait(cursor)?;
    cursor.take_one_of(&["RESTRICT", "CASCADE"]);
    cursor.expect_end()?;
    Ok(tables)
}

fn expect_rename(cursor: &mut Cursor<'_>) -> Result<Statement, Refusal> {
    if cursor.is_word("USER") {
        return Ok(Statement::Nothing);
    }
    if !cursor.take_one_of(&["TABLE", "TABLES"]) {
        return Err(cursor.unexpected("TABLE"));
    }
    let if_exists = cursor.take_if_exists();
    let mut pairs = Vec::new();
    loop {
        let from = cursor.expect_table()?;
        take_wait(cursor)?;
        cursor.expect_word("TO")?;
        pairs.push((from, cursor.expect_table()?));
        if !cursor.take_symbol(',') {
            break;
        }
    }
    cursor.expect_end()?;
    Ok(Statement::RenameTables { pairs, if_exists })
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
