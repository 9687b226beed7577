//! Statements that touch no table, and how to tell them.

use super::cursor::Cursor;
use super::lexeme::LexemeKind;
use super::refusal::Refusal;

/// Statements that touch neither tables nor rows, by their first word.
pub(super) const HARMLESS: &[&str] = &[
    "ANALYZE",
    "BACKUP",
    "BEGIN",
    "BINLOG",
    "CACHE",
    "CHANGE",
    "CHECK",
    "CHECKSUM",
    "COMMIT",
    "DEALLOCATE",
    "DESC",
    "DESCRIBE",
    "DO",
    "EXECUTE",
    "EXPLAIN",
    "FLUSH",
    "GET",
    "GRANT",
    "HANDLER",
    "HELP",
    "INSTALL",
    "KILL",
    "LOCK",
    "OPTIMIZE",
    "PREPARE",
    "PURGE",
    "RELEASE",
    "REPAIR",
    "RESET",
    "RESIGNAL",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "SHUTDOWN",
    "SIGNAL",
    "START",
    "STOP",
    "UNINSTALL",
    "UNLOCK",
    "USE",
    "XA",
];

/// Statements that change rows, by their first word: a log in row format has none of them.
pub(super) const ROW_CHANGES: &[&str] = &["CALL", "DELETE", "INSERT", "LOAD", "REPLACE", "UPDATE", "WITH"];

/// What CREATE, ALTER and DROP may be about without touching a table.
const HARMLESS_OBJECTS: &[&str] = &[
    "EVENT",
    "FUNCTION",
    "INSTANCE",
    "LIBRARY",
    "LOGFILE",
    "PACKAGE",
    "PREPARE",
    "PROCEDURE",
    "RESOURCE",
    "ROLE",
    "SEQUENCE",
    "SERVER",
    "SPATIAL",
    "TABLESPACE",
    "TRIGGER",
    "USER",
    "VIEW",
];

/// Passes the words between CREATE or ALTER and the kind of the object.
pub(super) fn skip_modifiers(cursor: &mut Cursor<'_>) -> Result<(), Refusal> {
    loop {
        if cursor.take_word("DEFINER") {
            cursor.expect_symbol("=")?;
            expect_definer(cursor)?;
        } else if cursor.take_word("ALGORITHM") {
            cursor.expect_symbol("=")?;
            cursor.expect_name("an algorithm")?;
        } else if cursor.take_words(&["SQL", "SECURITY"]) {
            cursor.expect_name("whose rights count")?;
        } else if !cursor.take_words(&["OR", "REPLACE"])
            && !cursor.take_one_of(&["AGGREGATE", "ONLINE", "OFFLINE", "IGNORE", "UNDO"])
        {
            return Ok(());
        }
    }
}

/// `user`, `user@host`, `'user'@'host'`, `CURRENT_USER()`.
fn expect_definer(cursor: &mut Cursor<'_>) -> Result<(), Refusal> {
    cursor.expect_word_or_text("a user")?;
    if cursor.is_symbol("(") {
        cursor.expect_group()?;
    }
    // The tokenizer reads `@host` as one word and `@` before a quote as a symbol.
    if cursor.take_symbol("@") {
        cursor.expect_word_or_text("a host")?;
    } else if matches!(cursor.peek(0), Some(LexemeKind::Word(word)) if word.starts_with('@')) {
        let alone = matches!(cursor.peek(0), Some(LexemeKind::Word(word)) if word == "@");
        cursor.next();
        if alone {
            cursor.expect_word_or_text("a host")?;
        }
    }
    Ok(())
}

pub(super) fn take_harmless_object(cursor: &mut Cursor<'_>) -> bool {
    cursor.take_words(&["TEMPORARY", "TABLE"])
        || cursor.take_words(&["TEMPORARY", "TABLES"])
        || cursor.take_words(&["TEMPORARY", "SEQUENCE"])
        || HARMLESS_OBJECTS.iter().any(|word| {
            // CREATE SPATIAL INDEX is about a table, CREATE SPATIAL REFERENCE SYSTEM is not.
            cursor.is_word(word) && (*word != "SPATIAL" || cursor.is_word_at(1, "REFERENCE"))
        })
}
