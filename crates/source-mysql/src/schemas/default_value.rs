//! A column's default, as written and as a schema file shows it.
//!
//! TiDB keeps every default as text, numbers too, so that is what comes out here. A default on a `BIT` is the
//! bit string itself; a hexadecimal or bit literal on a number is the number.

use super::cursor::{Cursor, text_of};
use super::refusal::Refusal;
use crate::sql::{Dialect, LexemeKind};
use change_event::{ColumnKind, DefaultValue};

/// A default as a statement writes it; what it means depends on the column's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Null,
    Text(String),
    Number(String),
    Bytes(Vec<u8>),
    Expression(String),
}

/// Reads what follows `DEFAULT`.
pub(super) fn expect_default(cursor: &mut Cursor<'_>) -> Result<Written, Refusal> {
    if cursor.is_symbol('(') {
        return Ok(Written::Expression(text_of(cursor.expect_group()?)));
    }
    if cursor.take_word("NULL") {
        return Ok(Written::Null);
    }
    if cursor.take_word("TRUE") {
        return Ok(Written::Number("1".into()));
    }
    if cursor.take_word("FALSE") {
        return Ok(Written::Number("0".into()));
    }
    if cursor.take_words(&["NEXT", "VALUE", "FOR"]) {
        let sequence = cursor.expect_table_reference()?;
        return Ok(Written::Expression(format!("NEXT VALUE FOR {sequence}")));
    }
    if let Some(now) = take_now(cursor)? {
        return Ok(Written::Expression(now));
    }
    match (cursor.peek(0), cursor.peek(1)) {
        (Some(LexemeKind::Symbol(sign)), Some(LexemeKind::Number(number))) if matches!(sign, '-' | '+') => {
            cursor.next();
            cursor.next();
            Ok(Written::Number(if *sign == '-' { format!("-{number}") } else { number.clone() }))
        }
        // A charset's introducer (`_utf8mb4'x'`) or a type's (`DATE '2020-01-01'`).
        (Some(LexemeKind::Word(word)), Some(LexemeKind::Text(_) | LexemeKind::Bytes(_)))
            if word.starts_with('_') || is_date_word(word) =>
        {
            cursor.next();
            expect_literal(cursor)
        }
        (Some(LexemeKind::Word(_) | LexemeKind::Quoted(_)), _) => expect_call(cursor),
        _ => expect_literal(cursor),
    }
}

fn is_date_word(word: &str) -> bool {
    ["DATE", "TIME", "TIMESTAMP"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// A literal; strings side by side are one string.
fn expect_literal(cursor: &mut Cursor<'_>) -> Result<Written, Refusal> {
    let refusal = cursor.unexpected("a default value");
    let start = cursor.here();
    let written = match cursor.next().map(|lexeme| &lexeme.kind) {
        Some(LexemeKind::Number(number)) => Written::Number(number.clone()),
        Some(LexemeKind::Bytes(bytes)) => Written::Bytes(bytes.clone()),
        Some(LexemeKind::Text(text) | LexemeKind::DoubleQuoted(text)) => {
            let mut text = text.clone();
            while let Some(LexemeKind::Text(more)) = cursor.peek(0) {
                text.push_str(more);
                cursor.next();
            }
            let Dialect { empty_is_null, mariadb, .. } = cursor.dialect();
            if text.is_empty() && empty_is_null && mariadb {
                cursor.edits.replace(start..cursor.behind(), "NULL");
                return Ok(Written::Null);
            }
            Written::Text(text)
        }
        _ => return Err(refusal),
    };
    Ok(written)
}

/// A function call without parentheses around it, as MariaDB allows: `uuid()`.
fn expect_call(cursor: &mut Cursor<'_>) -> Result<Written, Refusal> {
    let mut name = cursor.expect_name("a default value")?;
    while cursor.take_symbol('.') {
        name = format!("{name}.{}", cursor.expect_name("a function")?);
    }
    if !cursor.is_symbol('(') {
        return Ok(Written::Expression(name));
    }
    let arguments = text_of(cursor.expect_group()?);
    Ok(Written::Expression(format!("{name}({arguments})")))
}

/// `CURRENT_TIMESTAMP`, `NOW(3)` and the other names of now, by the one name TiDB uses.
pub(super) fn take_now(cursor: &mut Cursor<'_>) -> Result<Option<String>, Refusal> {
    if !cursor.take_one_of(&["CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"]) {
        return Ok(None);
    }
    let mut digits = 0;
    if cursor.take_symbol('(') {
        if !cursor.is_symbol(')') {
            digits = cursor.expect_number()?;
        }
        cursor.expect_symbol(')')?;
    }
    let now = if digits == 0 { "CURRENT_TIMESTAMP".into() } else { format!("CURRENT_TIMESTAMP({digits})") };
    Ok(Some(now))
}

impl Written {
    /// What a schema file shows for a column of this type.
    pub(super) fn resolve(self, kind: ColumnKind, members: &[String]) -> Option<DefaultValue> {
        let text = match self {
            Self::Null => return None,
            Self::Expression(text) => text,
            Self::Text(text) if kind.is_integer() => {
                text.trim().parse::<i128>().map_or(text, |number| number.to_string())
            }
            Self::Text(text) => text,
            Self::Number(number) => of_number(number, kind, members),
            Self::Bytes(bytes) if kind == ColumnKind::Bit || kind.is_string() => lossy(&bytes),
            Self::Bytes(bytes) => of_number(as_number(&bytes).to_string(), kind, members),
        };
        Some(DefaultValue::Text(text))
    }
}

/// A number on a `BIT` is its bytes, on an `ENUM` the member it counts to, on a `SET` the members of the mask.
fn of_number(number: String, kind: ColumnKind, members: &[String]) -> String {
    let Ok(value) = number.parse::<u64>() else {
        return number;
    };
    match kind {
        ColumnKind::Bit => {
            let bytes = value.to_be_bytes();
            let zeros = bytes.iter().take(7).take_while(|byte| **byte == 0).count();
            lossy(&bytes[zeros..])
        }
        ColumnKind::Enum => {
            (1..).zip(members).find(|(index, _)| *index == value).map_or(number, |(_, m)| m.clone())
        }
        ColumnKind::Set => {
            let chosen = members.iter().take(64).enumerate().filter(|(bit, _)| value >> bit & 1 == 1);
            chosen.map(|(_, member)| member.as_str()).collect::<Vec<_>>().join(",")
        }
        kind if kind.is_integer() => value.to_string(),
        _ => number,
    }
}

fn as_number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
