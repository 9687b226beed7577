//! A statement's text to lexemes.
//!
//! Comments and white space vanish, except that a lexeme remembers whether something stood before it. The text of an
//! executable comment (`/*!40000 … */`, MariaDB's `/*M!100100 … */`) is text where the server executes it. Every way
//! to write a literal (`N'x'`, `x'41'`, `0x41`, `b'101'`) becomes text, a number or bytes.

use super::dialect::Dialect;
use super::lexeme::{Lexeme, LexemeKind};
use std::ops::Range;

/// A statement that was split.
pub(crate) struct Pieces {
    pub(crate) lexemes: Vec<Lexeme>,
    /// Where executable comments begin and end, and all of those that are passed over: for another server they may say
    /// something else.
    pub(crate) conditions: Vec<Range<usize>>,
    /// Why the text could not be split to its end.
    pub(crate) broken: Option<String>,
}

/// Splits a statement. Where the text cannot be split to its end, what came before is returned with the reason.
pub(crate) fn split(sql: &str, dialect: Dialect) -> (Vec<Lexeme>, Option<String>) {
    let Pieces { lexemes, broken, .. } = pieces(sql, dialect);
    (lexemes, broken)
}

/// Splits a statement, and says where its executable comments are.
pub(crate) fn pieces(sql: &str, dialect: Dialect) -> Pieces {
    let mut lexer = Lexer { sql, at: 0, dialect, comments: 0, lexemes: Vec::new(), conditions: Vec::new() };
    let broken = lexer.run().err();
    Pieces { lexemes: lexer.lexemes, conditions: lexer.conditions, broken }
}

struct Lexer<'a> {
    sql: &'a str,
    /// The byte that comes next.
    at: usize,
    dialect: Dialect,
    /// How many executed comments are open.
    comments: usize,
    lexemes: Vec<Lexeme>,
    conditions: Vec<Range<usize>>,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) -> Result<(), String> {
        loop {
            let spaced = self.skip_space()?;
            let start = self.at;
            let Some(first) = self.rest().chars().next() else { return Ok(()) };
            let kind = self.lexeme(first)?;
            self.lexemes.push(Lexeme { kind, spaced, at: start..self.at });
        }
    }

    fn rest(&self) -> &'a str {
        &self.sql[self.at..]
    }

    /// Moves past white space and comments, and says whether there were any.
    fn skip_space(&mut self) -> Result<bool, String> {
        let start = self.at;
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches(is_blank).len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with('#') || begins_line_comment(rest) {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if self.comments > 0 && rest.starts_with("*/") {
                self.comments -= 1;
                self.conditions.push(self.at..self.at + 2);
                self.at += 2;
            } else if let Some(text) = rest.strip_prefix("/*") {
                self.comment(text)?;
            } else {
                return Ok(self.at > start);
            }
        }
    }

    /// Moves into a comment that the server executes, and past any other. `text` begins behind its opening.
    fn comment(&mut self, text: &str) -> Result<(), String> {
        let start = self.at;
        let of_mariadb = text.strip_prefix("M!").filter(|_| self.dialect.mariadb);
        if let Some(marked) = text.strip_prefix('!').or(of_mariadb) {
            let digits = marked.bytes().take(6).take_while(u8::is_ascii_digit).count();
            let version = if digits >= 5 { marked[..digits].parse().ok() } else { None };
            if self.dialect.executes(version) {
                let skipped = if version.is_some() { digits } else { 0 };
                self.at = self.sql.len() - marked.len() + skipped;
                self.comments += 1;
                self.conditions.push(start..self.at);
                return Ok(());
            }
            let end = end_of_passed_over(marked).ok_or_else(|| self.endless_comment())?;
            self.at = self.sql.len() - marked.len() + end;
            self.conditions.push(start..self.at);
            return Ok(());
        }
        let was_executable = !self.dialect.mariadb && was_executable(text);
        let whole = was_executable.then(|| end_of_passed_over(text)).flatten();
        let plain = || text.find("*/").map(|end| end + 2);
        let end = whole.or_else(plain).ok_or_else(|| self.endless_comment())?;
        self.at += 2 + end;
        if whole.is_some() {
            self.conditions.push(start..self.at);
        }
        Ok(())
    }

    fn endless_comment(&self) -> String {
        format!("a comment at byte {} does not end", self.at)
    }

    fn lexeme(&mut self, first: char) -> Result<LexemeKind, String> {
        let second = self.rest()[first.len_utf8()..].chars().next();
        match (first, second) {
            ('`', _) => self.quoted('`', false).map(LexemeKind::Quoted),
            ('\'', _) => self.string('\'').map(LexemeKind::Text),
            ('"', _) if self.dialect.ansi_quotes => self.quoted('"', false).map(LexemeKind::Quoted),
            ('"', _) => self.string('"').map(LexemeKind::DoubleQuoted),
            ('n' | 'N', Some('\'')) => {
                self.at += 1;
                self.string('\'').map(LexemeKind::Text)
            }
            ('x' | 'X', Some('\'')) => self.quoted_digits(16),
            ('b' | 'B', Some('\'')) => self.quoted_digits(2),
            _ if first.is_ascii_digit() || (first == '.' && is_digit(second) && !self.after_name()) => {
                self.number()
            }
            _ if is_name(first) => Ok(self.word()),
            _ => {
                self.at += first.len_utf8();
                Ok(LexemeKind::Symbol(first))
            }
        }
    }

    /// Whether what came before can be the first half of a name with a point: `t.1` is a name, `(.1` a number.
    fn after_name(&self) -> bool {
        match self.lexemes.last() {
            Some(Lexeme {
                kind: LexemeKind::Word(_) | LexemeKind::Quoted(_) | LexemeKind::Symbol('.'),
                at,
                ..
            }) => at.end == self.at,
            _ => false,
        }
    }

    fn word(&mut self) -> LexemeKind {
        let rest = self.rest();
        let word = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
        self.at += word.len();
        LexemeKind::Word(word.to_owned())
    }

    /// A number; `0x41` and `0b1` are bytes, and digits that go on with letters are a name.
    fn number(&mut self) -> Result<LexemeKind, String> {
        let rest = self.rest();
        let after_point =
            self.lexemes.last().is_some_and(|last| last.is_symbol('.') && last.at.end == self.at);
        let whole = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let run = &rest[..whole];
        for (prefix, radix) in [("0x", 16), ("0b", 2)] {
            if let Some(digits) = run.strip_prefix(prefix)
                && !digits.is_empty()
                && digits.chars().all(|c| c.is_digit(radix))
            {
                self.at += run.len();
                return bytes_of(digits, radix).map(LexemeKind::Bytes);
            }
        }
        let is_exponent = |text: &str| {
            let (digits, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
            digits.bytes().all(|b| b.is_ascii_digit()) && exponent.bytes().skip(1).all(|b| b.is_ascii_digit())
        };
        if after_point || !is_exponent(run) {
            return Ok(self.word());
        }
        let mut length = run.len();
        if rest[length..].starts_with('.') && !run.contains(['e', 'E']) {
            length += 1;
            length += rest[length..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - length);
            let tail = &rest[length..];
            if tail.starts_with(['e', 'E']) {
                length += 1;
                length += tail[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len() - 1);
            }
        }
        if rest[..length].ends_with(['e', 'E']) && rest[length..].starts_with(['+', '-']) {
            let tail = &rest[length + 1..];
            length += 1 + tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        }
        self.at += length;
        Ok(LexemeKind::Number(rest[..length].to_owned()))
    }

    fn string(&mut self, quote: char) -> Result<String, String> {
        self.quoted(quote, !self.dialect.plain_backslashes)
    }

    /// What is between quotes, of which the first comes next. A doubled quote is one.
    fn quoted(&mut self, quote: char, escapes: bool) -> Result<String, String> {
        let start = self.at;
        let mut text = String::new();
        let mut rest = self.rest()[1..].chars();
        while let Some(c) = rest.next() {
            if c == quote {
                if !rest.as_str().starts_with(quote) {
                    self.at = self.sql.len() - rest.as_str().len();
                    return Ok(text);
                }
                rest.next();
                text.push(quote);
            } else if c == '\\' && escapes {
                match rest.next() {
                    Some(escaped) => unescape(escaped, &mut text),
                    None => break,
                }
            } else {
                text.push(c);
            }
        }
        Err(format!("what is quoted at byte {start} does not end"))
    }

    /// `x'4142'`, `b'101'`.
    fn quoted_digits(&mut self, radix: u32) -> Result<LexemeKind, String> {
        self.at += 1;
        let digits = self.quoted('\'', false)?;
        bytes_of(&digits, radix).map(LexemeKind::Bytes)
    }
}

fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}' || c == '\0'
}

/// Where an executable comment ends that is passed over. Comments may stand in it, whose ends are not its own; what
/// looks like one in those is none.
fn end_of_passed_over(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let end = rest.find("*/")?;
        match rest.find("/*").filter(|inner| *inner < end) {
            Some(inner) => {
                let inner = at + inner + 2;
                at = inner + text[inner..].find("*/")? + 2;
            }
            None => return Some(at + end + 2),
        }
    }
}

/// Whether it is a comment that a MySQL passed over: it logs `/*!99999 …` as `/* 99999 …`, and an old one
/// leaves the comments in it as they are.
fn was_executable(text: &str) -> bool {
    let version = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    text.strip_prefix(' ').is_some_and(|text| matches!(version(text), 5 | 6))
}

/// `--` is a comment only before white space or the end: `5--1` is an expression.
fn begins_line_comment(rest: &str) -> bool {
    rest.strip_prefix("--")
        .is_some_and(|after| after.chars().next().is_none_or(|c| c.is_ascii_control() || c == ' '))
}

fn is_digit(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_digit())
}

/// Characters of names without quotes: all beyond ASCII are among them.
fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn unescape(escaped: char, text: &mut String) {
    match escaped {
        '0' => text.push('\0'),
        'b' => text.push('\u{8}'),
        'n' => text.push('\n'),
        'r' => text.push('\r'),
        't' => text.push('\t'),
        'Z' => text.push('\u{1a}'),
        // These stay escaped: they are meant for LIKE.
        '%' | '_' => text.extend(['\\', escaped]),
        other => text.push(other),
    }
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
    use LexemeKind::{Bytes, DoubleQuoted, Number, Quoted, Symbol, Text};
    use proptest::prelude::*;

    const MARIADB: Dialect = Dialect {
        mariadb: true,
        ansi_quotes: false,
        plain_backslashes: false,
        ignores_space: false,
        empty_is_null: false,
        real_is_float: false,
        oracle: false,
        maxdb: false,
    };

    fn kinds_in(sql: &str, dialect: Dialect) -> Vec<LexemeKind> {
        let (lexemes, reason) = split(sql, dialect);
        assert_eq!(reason, None, "{sql}");
        lexemes.into_iter().map(|lexeme| lexeme.kind).collect()
    }

    fn kinds(sql: &str) -> Vec<LexemeKind> {
        kinds_in(sql, MARIADB)
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
        assert_eq!(kinds("update/*c*/t--\n"), vec![word("update"), word("t")]);
        assert_eq!(kinds("a /*!50100 b /* c */ d */ e"), ["a", "b", "d", "e"].map(word));
        assert_eq!(kinds_in("a /*M! b */ c", Dialect::default()), ["a", "c"].map(word));
    }

    #[test]
    fn an_executable_comment_that_is_passed_over_ends_behind_the_comments_in_it() {
        for passed_over in [
            "/*!99999 b /* c */ d */",
            "/*!99999/**/*/",
            "/*!99999 /*! /* b */ c */",
            "/*!80000 b*/",
            "/*!99999 /*/ b */ c */",
        ] {
            assert_eq!(kinds(&format!("a {passed_over} e")), ["a", "e"].map(word), "{passed_over}");
        }
        assert_eq!(kinds("a /*!50100 b /*!99999 c /* d */ e */ f */ g"), ["a", "b", "f", "g"].map(word));
        // As MySQL logs them.
        let mysql = Dialect::default();
        assert_eq!(kinds_in("a /* 99999 b /* c */ d */ e", mysql), ["a", "e"].map(word));
        // What is no executable comment has none in it.
        for plain in ["a /* /* */ b", "a /* 1234 /* */ b", "a /* 12345 /* */ b", "a /* 20240101 /* */ b # */"]
        {
            assert_eq!(kinds_in(plain, mysql), ["a", "b"].map(word));
        }
        assert!(split("a /*!99999 b /* c */ d", MARIADB).1.is_some());
    }

    #[test]
    fn literals_lose_their_clothes() {
        let sql = r#"`a``b` 'it''s' 'a\\b\n' N'n' x'4142' 0x1 b'101' 0b11 "q""q""#;
        assert_eq!(
            kinds(sql),
            vec![
                Quoted("a`b".into()),
                Text("it's".into()),
                Text("a\\b\n".into()),
                Text("n".into()),
                Bytes(vec![0x41, 0x42]),
                Bytes(vec![1]),
                Bytes(vec![5]),
                Bytes(vec![3]),
                DoubleQuoted("q\"q".into()),
            ]
        );
    }

    #[test]
    fn numbers_and_names_that_begin_with_digits_are_told_apart() {
        for number in ["1", "1.50", ".5", "1e5", "1.5e-3", "2e+7", "5."] {
            assert_eq!(kinds(number), vec![Number(number.into())]);
        }
        assert_eq!(kinds("1st"), vec![word("1st")]);
        assert_eq!(kinds("d.1"), vec![word("d"), Symbol('.'), word("1")]);
        assert_eq!(kinds("d.1e5t"), vec![word("d"), Symbol('.'), word("1e5t")]);
        assert_eq!(kinds("0xzz"), vec![word("0xzz")]);
        assert_eq!(kinds("é$1"), vec![word("é$1")]);
    }

    #[test]
    fn a_session_decides_about_double_quotes_and_backslashes() {
        let ansi = Dialect { ansi_quotes: true, ..Dialect::default() };
        assert_eq!(kinds_in(r#""a""b\""#, ansi), vec![Quoted(r#"a"b\"#.into())]);
        let plain = Dialect { plain_backslashes: true, ..Dialect::default() };
        assert_eq!(kinds_in(r"'a\' x", plain), vec![Text(r"a\".into()), word("x")]);
    }

    #[test]
    fn words_need_no_blanks_between_them() {
        let expected =
            vec![word("update"), Quoted("a".into()), word("set"), word("x"), Symbol('='), Number("5".into())];
        assert_eq!(kinds("update`a`set x=5"), expected);
    }

    #[test]
    fn a_text_that_breaks_off_keeps_its_beginning() {
        let (lexemes, reason) = split("ALTER TABLE t COMMENT 'open", MARIADB);
        assert_eq!(lexemes.len(), 4);
        assert!(reason.is_some());
        assert!(split("a /* open", MARIADB).1.is_some());
    }

    #[test]
    fn a_lexeme_is_written_as_it_would_be_read() {
        for sql in ["`a``b`", "'it''s'", r"'a\\b'", "x'4142'", "12.5", "word", "\"q\""] {
            let (lexemes, _) = split(sql, MARIADB);
            assert_eq!(lexemes[0].to_sql(), sql);
        }
    }

    proptest! {
        #[test]
        fn places_are_in_order_and_within_the_text(sql in "[ a-z0-9'\"`\\\\./*!#\n\\-éx]{0,40}", ansi: bool) {
            let (lexemes, _) = split(&sql, Dialect { ansi_quotes: ansi, ..MARIADB });
            let mut end = 0;
            for lexeme in lexemes {
                prop_assert!(end <= lexeme.at.start && lexeme.at.start < lexeme.at.end);
                prop_assert!(sql.get(lexeme.at.clone()).is_some());
                end = lexeme.at.end;
            }
        }
    }
}
