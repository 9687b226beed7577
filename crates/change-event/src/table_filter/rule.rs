//! One rule: which databases, which tables, and whether they are taken.

use super::pattern::Pattern;
use std::iter::Peekable;
use std::str::Chars;

/// A rule, read.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) takes: bool,
    pub(super) schema: Pattern,
    pub(crate) table: Pattern,
}

impl Rule {
    /// `*.*`.
    pub(super) fn everything() -> Self {
        Self { takes: true, schema: Pattern::everything(), table: Pattern::everything() }
    }

    /// Reads `[!]database.table`.
    pub(super) fn read(text: &str, case_sensitive: bool) -> Result<Self, String> {
        if text.starts_with('@') {
            return Err("rules from other files (@) are not read; write them here".to_owned());
        }
        let (takes, text) = match text.strip_prefix('!') {
            Some(rest) => (false, rest),
            None => (true, text),
        };
        let mut chars = text.chars().peekable();
        let schema = read_name(&mut chars, case_sensitive)?.ok_or("it names no database")?;
        if chars.next() != Some('.') {
            return Err("there is no point between database and table".to_owned());
        }
        let table = read_name(&mut chars, case_sensitive)?.ok_or("it names no table")?;
        match chars.next() {
            None => Ok(Self { takes, schema, table }),
            Some(other) => Err(format!("{other:?} stands behind the table")),
        }
    }

    /// Reads `[!]column`. Names compare without regard to case.
    pub(crate) fn of_columns(text: &str) -> Result<Self, String> {
        let (takes, text) = match text.strip_prefix('!') {
            Some(rest) => (false, rest),
            None => (true, text),
        };
        let mut chars = text.chars().peekable();
        let table = read_name(&mut chars, false)?.ok_or("it names no column")?;
        match chars.next() {
            None => Ok(Self { takes, schema: Pattern::everything(), table }),
            Some('.') => Err("a name with a point needs quotes".to_owned()),
            Some(other) => Err(format!("{other:?} stands behind the column")),
        }
    }
}

/// Reads one name, up to the point or the end; `None` if there is none.
fn read_name(chars: &mut Peekable<Chars<'_>>, case_sensitive: bool) -> Result<Option<Pattern>, String> {
    match chars.peek().copied() {
        None | Some('.') => Ok(None),
        Some('/') => {
            chars.next();
            Pattern::regex(&read_regex(chars)?, case_sensitive).map(Some)
        }
        Some(quote @ ('"' | '`')) => {
            chars.next();
            Ok(Some(Pattern::exact(&read_quoted(chars, quote)?, case_sensitive)))
        }
        Some(_) => read_wildcards(chars, case_sensitive).map(Some),
    }
}

/// Up to the closing slash; `\/` is a slash of the expression.
fn read_regex(chars: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(next) = chars.next() {
        match next {
            '/' => return Ok(text),
            '\\' if chars.peek() == Some(&'/') => text.extend(chars.next()),
            '\\' => {
                text.push('\\');
                text.extend(chars.next());
            }
            other => text.push(other),
        }
    }
    Err("a regular expression does not end with /".to_owned())
}

/// Up to the closing quote; two of them are one of the name.
fn read_quoted(chars: &mut Peekable<Chars<'_>>, quote: char) -> Result<String, String> {
    let mut name = String::new();
    while let Some(next) = chars.next() {
        match next {
            next if next == quote && chars.peek() == Some(&quote) => name.extend(chars.next()),
            next if next == quote => return Ok(name),
            other => name.push(other),
        }
    }
    Err(format!("a name does not end with {quote}"))
}

fn read_wildcards(chars: &mut Peekable<Chars<'_>>, case_sensitive: bool) -> Result<Pattern, String> {
    let mut text = String::new();
    while let Some(next) = chars.next_if(|next| *next != '.') {
        match next {
            '\\' => {
                text.push('\\');
                text.push(chars.next().ok_or("it ends in a backslash")?);
            }
            '[' => {
                text.push('[');
                loop {
                    let inner = chars.next().ok_or("a [ has no ]")?;
                    text.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            blank if blank.is_whitespace() => return Err("a name with a blank needs quotes".to_owned()),
            other => text.push(other),
        }
    }
    Pattern::wildcards(&text, case_sensitive)
}
