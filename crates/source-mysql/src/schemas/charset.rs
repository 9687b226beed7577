//! Charsets, collations and their widths.

use super::cursor::Cursor;
use super::refusal::Refusal;

/// The charset as the tracker spells it: lower case, and MySQL's old `utf8` by its full name.
pub(super) fn canonical(charset: &str) -> String {
    match charset.to_ascii_lowercase().as_str() {
        "utf8" => "utf8mb3".into(),
        lower => lower.into(),
    }
}

/// The charset of a collation. `None` for one that serves several (MariaDB's `uca1400_…`) and for `DEFAULT`.
pub(super) fn of_collation(collation: &str) -> Option<String> {
    let lower = collation.to_ascii_lowercase();
    let charset = lower.split('_').next().unwrap_or_default();
    (!matches!(charset, "uca1400" | "default")).then(|| canonical(charset))
}

/// The most bytes that one character takes.
pub(super) fn bytes_per_character(charset: &str) -> u32 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "utf8" | "ujis" | "eucjpms" => 3,
        "ucs2" | "gbk" | "big5" | "sjis" | "cp932" | "euckr" | "gb2312" => 2,
        _ => 1,
    }
}

/// What a statement says about a charset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CharsetChoice {
    /// This one.
    Named(String),
    /// The one of the room around it: a table takes its database's, a database its server's.
    Default,
}

/// Reads `CHARACTER SET [=] x` or `CHARSET [=] x` or `COLLATE [=] y`, if that is next. The inner `None` is a
/// collation that says nothing about the charset.
pub(super) fn take_choice(cursor: &mut Cursor<'_>) -> Result<Option<Option<CharsetChoice>>, Refusal> {
    if cursor.take_words(&["CHARACTER", "SET"])
        || cursor.take_words(&["CHAR", "SET"])
        || cursor.take_word("CHARSET")
    {
        cursor.take_symbol('=');
        let name = cursor.expect_word_or_text("a charset")?;
        let default = name.eq_ignore_ascii_case("default");
        let choice = if default { CharsetChoice::Default } else { CharsetChoice::Named(canonical(&name)) };
        return Ok(Some(Some(choice)));
    }
    if cursor.take_word("COLLATE") {
        cursor.take_symbol('=');
        let name = cursor.expect_word_or_text("a collation")?;
        return Ok(Some(of_collation(&name).map(CharsetChoice::Named)));
    }
    Ok(None)
}

/// `[DEFAULT] CHARACTER SET x [COLLATE y]`; `None` where a collation alone says nothing about the charset.
pub(super) fn expect_charset(cursor: &mut Cursor<'_>) -> Result<Option<CharsetChoice>, Refusal> {
    cursor.take_word("DEFAULT");
    let mut chosen = take_choice(cursor)?.ok_or_else(|| cursor.unexpected("a charset"))?;
    loop {
        cursor.take_word("DEFAULT");
        match take_choice(cursor)? {
            Some(choice) => chosen = choice.or(chosen),
            None => return Ok(chosen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collation_begins_with_its_charset() {
        assert_eq!(of_collation("utf8mb4_0900_ai_ci").as_deref(), Some("utf8mb4"));
        assert_eq!(of_collation("UTF8_bin").as_deref(), Some("utf8mb3"));
        assert_eq!(of_collation("binary").as_deref(), Some("binary"));
        assert_eq!(of_collation("uca1400_ai_ci"), None);
    }
}
