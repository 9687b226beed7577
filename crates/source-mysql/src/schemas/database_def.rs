//! A database, as statements name it and its options.

use super::charset::{CharsetChoice, take_choice};
use super::cursor::Cursor;
use super::refusal::Refusal;

pub(super) fn expect_database(cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
    let name = cursor.expect_database_name()?;
    cursor.subject.database = Some(name.clone());
    Ok(name)
}

/// The charset among a database's options.
pub(super) fn expect_database_options(cursor: &mut Cursor<'_>) -> Result<Option<CharsetChoice>, Refusal> {
    let mut charset = None;
    while !cursor.at_end() {
        match take_choice(cursor)? {
            Some(choice) => charset = choice.or(charset),
            None => {
                cursor.next();
            }
        }
    }
    Ok(charset)
}
