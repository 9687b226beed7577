//! A statement's text as words, names, literals and symbols.
//!
//! `sqlparser` splits the text. Three things are settled here, before any grammar looks at it:
//!
//! * comments and white space vanish, except that a lexeme remembers whether something stood before it;
//! * executable comments are text: `/*!40000 … */` by the tokenizer, MariaDB's `/*M!100100 … */` by us;
//! * every way to write a literal (`N'x'`, `x'41'`, `0x41`, `b'101'`) becomes text, a number or bytes.

use sqlparser::dialect::MySqlDialect;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace};

/// One piece of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub(super) kind: LexemeKind,
    /// Whether white space or a comment stood before it.
    pub(super) spaced: bool,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LexemeKind {
    /// A keyword or a bare name.
    Word(String),
    /// A name in backticks, unescaped.
    Quoted(String),
    /// A string literal, unescaped.
    Text(String),
    /// A string in double quotes: a literal, or a name where `ANSI_QUOTES` is on.
    DoubleQuoted(String),
    /// A decimal number, as written.
    Number(String),
    /// A hexadecimal or bit literal, big-endian.
    Bytes(Vec<u8>),
    /// Anything else.
    Symbol(String),
}

impl Lexeme {
    /// The text it would be written as.
    pub(super) fn to_sql(&self) -> String {
        match &self.kind {
            LexemeKind::Word(text) | LexemeKind::Number(text) | LexemeKind::Symbol(text) => text.clone(),
            LexemeKind::Quoted(name) => quote(name),
            LexemeKind::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
            LexemeKind::DoubleQuoted(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            LexemeKind::Bytes(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("x'{digits}'")
            }
        }
    }
}

/// A name in backticks.
pub(super) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Splits a statement. Where the text cannot be split to its end, what came before is returned with the reason.
pub(super) fn split(sql: &str) -> (Vec<Lexeme>, Option<String>) {
    let mut lexemes = Vec::new();
    let reason = split_into(sql, &mut lexemes).err();
    (lexemes, reason)
}

fn split_into(sql: &str, lexemes: &mut Vec<Lexeme>) -> Result<(), String> {
    let mut tokens: Vec<TokenWithSpan> = Vec::new();
    let outcome = Tokenizer::new(&MySqlDialect {}, sql).tokenize_with_location_into_buf(&mut tokens);
    let mut spaced = false;
    for TokenWithSpan { token, .. } in tokens {
        if let Token::Whitespace(white) = token {
            spaced = true;
            if let Whitespace::MultiLineComment(comment) = white
                && let Some(text) = executable(&comment)
            {
                split_into(text, lexemes)?;
            }
            continue;
        }
        if let Some(kind) = kind_of(token)? {
            lexemes.push(Lexeme { kind, spaced });
            spaced = false;
        }
    }
    outcome.map_err(|error| error.to_string())
}

/// The text of a comment that MariaDB executes: `M!`, a version, the text.
fn executable(comment: &str) -> Option<&str> {
    let text = comment.strip_prefix("M!")?;
    Some(text.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

fn kind_of(token: Token) -> Result<Option<LexemeKind>, String> {
    let kind = match token {
        Token::EOF => return Ok(None),
        Token::Word(word) => match word.quote_style {
            None => LexemeKind::Word(word.value),
            Some('`') => LexemeKind::Quoted(word.value),
            Some(_) => LexemeKind::DoubleQuoted(word.value),
        },
        Token::SingleQuotedString(text) | Token::NationalStringLiteral(text) => LexemeKind::Text(text),
        Token::DoubleQuotedString(text) => LexemeKind::DoubleQuoted(text),
        Token::HexStringLiteral(digits) => LexemeKind::Bytes(bytes_of(&digits, 16)?),
        Token::SingleQuotedByteStringLiteral(digits) | Token::DoubleQuotedByteStringLiteral(digits) => {
            LexemeKind::Bytes(bytes_of(&digits, 2)?)
        }
        Token::Number(text, _) => {
            if let Some(digits) = text.strip_prefix("0x") {
                LexemeKind::Bytes(bytes_of(digits, 16)?)
            } else if let Some(digits) = text.strip_prefix("0b") {
                LexemeKind::Bytes(bytes_of(digits, 2)?)
            } else {
                LexemeKind::Number(text)
            }
        }
        other => LexemeKind::Symbol(other.to_string()),
    };
    Ok(Some(kind))
}

/// The bytes of digits to the base 2 or 16, filled up with zero bits on the left.
fn bytes_of(digits: &str, radix: u32) -> Result<Vec<u8>, String> {
    let per_byte = if radix == 16 { 2 } else { 8 };
    let values: Option<Vec<u8>> = digits.chars().map(|c| Some(c.to_digit(radix)? as u8)).collect();
    let values = values.ok_or_else(|| format!("{digits} is not a number to the base {radix}"))?;
    let mut bytes: Vec<u8> = values
        .rchunks(per_byte)
        .map(|chunk| chunk.iter().fold(0, |byte, digit| byte * radix as u8 + digit))
        .collect();
    bytes.reverse();
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<LexemeKind> {
        let (lexemes, reason) = split(sql);
        assert_eq!(reason, None, "{sql}");
        lexemes.into_iter().map(|lexeme| lexeme.kind).collect()
    }

    fn word(text: &str) -> LexemeKind {
        LexemeKind::Word(text.into())
    }

    #[test]
    fn comments_vanish_and_executable_ones_are_text() {
        let expected = vec![word("a"), word("b"), word("c"), word("d")];
        let sql = "/* x */ a # y\n /*!40000 b */ /*M!100100 c */ d -- z\n /* generated by server */";
        assert_eq!(kinds(sql), expected);
        assert_eq!(kinds("# Dummy event replacing event type 162"), vec![]);
    }

    #[test]
    fn literals_lose_their_clothes() {
        use LexemeKind::{Bytes, Number, Quoted, Text};
        let sql = r"`a``b` 'it''s' 'a\\b\n' N'n' x'4142' 0x1 b'101' 0b1_0 1.50";
        let (lexemes, _) = split(sql);
        let kinds: Vec<_> = lexemes.into_iter().map(|lexeme| lexeme.kind).take(7).collect();
        assert_eq!(
            kinds,
            vec![
                Quoted("a`b".into()),
                Text("it's".into()),
                Text("a\\b\n".into()),
                Text("n".into()),
                Bytes(vec![0x41, 0x42]),
                Bytes(vec![1]),
                Bytes(vec![5]),
            ]
        );
        assert_eq!(self::kinds("1.50"), vec![Number("1.50".into())]);
    }

    #[test]
    fn a_text_that_breaks_off_keeps_its_beginning() {
        let (lexemes, reason) = split("ALTER TABLE t COMMENT 'open");
        assert_eq!(lexemes.len(), 4);
        assert!(reason.is_some());
    }

    #[test]
    fn a_lexeme_is_written_as_it_would_be_read() {
        for sql in ["`a``b`", "'it''s'", r"'a\\b'", "x'4142'", "12.5", "word", "\"q\""] {
            let (lexemes, _) = split(sql);
            assert_eq!(lexemes[0].to_sql(), sql);
        }
    }
}
