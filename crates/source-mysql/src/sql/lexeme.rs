//! One piece of a statement.

use std::ops::Range;

/// One piece of a statement, and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    pub(crate) kind: LexemeKind,
    /// Whether white space or a comment stood before it.
    pub(crate) spaced: bool,
    /// Its bytes in the text.
    pub(crate) at: Range<usize>,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LexemeKind {
    /// A keyword or a bare name.
    Word(String),
    /// A name in quotes, unescaped: in backticks, or in double quotes where `ANSI_QUOTES` is on.
    Quoted(String),
    /// A string literal, unescaped.
    Text(String),
    /// A string literal in double quotes, unescaped.
    DoubleQuoted(String),
    /// A decimal number, as written.
    Number(String),
    /// A hexadecimal or bit literal, big-endian.
    Bytes(Vec<u8>),
    /// Anything else, one character each.
    Symbol(char),
}

impl Lexeme {
    /// Whether it is this keyword, in any case and not quoted.
    pub(crate) fn is_word(&self, keyword: &str) -> bool {
        matches!(&self.kind, LexemeKind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    pub(crate) fn is_symbol(&self, symbol: char) -> bool {
        self.kind == LexemeKind::Symbol(symbol)
    }

    /// The text it would be written as in a session with the default `sql_mode`.
    pub(crate) fn to_sql(&self) -> String {
        match &self.kind {
            LexemeKind::Word(text) | LexemeKind::Number(text) => text.clone(),
            LexemeKind::Symbol(symbol) => symbol.to_string(),
            LexemeKind::Quoted(name) => quote(name),
            LexemeKind::Text(text) => literal(text),
            LexemeKind::DoubleQuoted(text) => {
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
            }
            LexemeKind::Bytes(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("x'{digits}'")
            }
        }
    }
}

/// A name in backticks.
pub(crate) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A string literal.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
