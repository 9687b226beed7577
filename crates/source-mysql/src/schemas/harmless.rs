//! What statements may define besides tables, and how to tell it.

use super::cursor::Cursor;
use super::refusal::Refusal;
use std::ops::Range;

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
    "SERVER",
    "SPATIAL",
    "TABLESPACE",
    "TRIGGER",
    "USER",
];

/// Where some of the words between CREATE or ALTER and the kind of the object stand.
#[derive(Default)]
pub(super) struct Modifiers {
    /// `OR REPLACE`.
    pub(super) replaces: Option<Range<usize>>,
    /// `DEFINER = …`, with the space behind it.
    pub(super) definer: Option<Range<usize>>,
}

/// Passes the words between CREATE or ALTER and the kind of the object.
pub(super) fn take_modifiers(cursor: &mut Cursor<'_>) -> Result<Modifiers, Refusal> {
    let mut modifiers = Modifiers::default();
    loop {
        let start = cursor.here();
        if cursor.take_word("DEFINER") {
            cursor.expect_symbol('=')?;
            expect_definer(cursor)?;
            modifiers.definer = Some(start..cursor.here());
        } else if cursor.take_word("ALGORITHM") {
            cursor.expect_symbol('=')?;
            cursor.expect_name("an algorithm")?;
        } else if cursor.take_words(&["SQL", "SECURITY"]) {
            cursor.expect_name("whose rights count")?;
        } else if cursor.take_words(&["OR", "REPLACE"]) {
            modifiers.replaces = Some(start..cursor.here());
        } else if !cursor.take_one_of(&["AGGREGATE", "ONLINE", "OFFLINE", "IGNORE", "UNDO"]) {
            return Ok(modifiers);
        }
    }
}

/// `user`, `user@host`, `'user'@'host'`, `CURRENT_USER()`.
fn expect_definer(cursor: &mut Cursor<'_>) -> Result<(), Refusal> {
    cursor.expect_word_or_text("a user")?;
    if cursor.is_symbol('(') {
        cursor.expect_group()?;
    }
    if cursor.take_symbol('@') {
        cursor.expect_word_or_text("a host")?;
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
