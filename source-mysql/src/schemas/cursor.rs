//! A reader over a statement's lexemes.

use super::lexeme::{Lexeme, LexemeKind};
use super::refusal::Refusal;
use change_event::TableName;

/// Whom a statement is about, as far as it was read: what a barrier for it must wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) tables: Vec<TableName>,
    pub(super) database: Option<String>,
}

/// Reads lexemes one after the other. `take_*` moves on if it fits; `expect_*` refuses if it does not.
pub(super) struct Cursor<'a> {
    lexemes: &'a [Lexeme],
    default_db: &'a str,
    pub(super) subject: Subject,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(lexemes: &'a [Lexeme], default_db: &'a str) -> Self {
        let subject = Subject::default();
        Self { lexemes, default_db, subject }
    }

    pub(super) fn default_db(&self) -> &'a str {
        self.default_db
    }

    /// The lexeme that is `ahead` of the next one.
    pub(super) fn peek(&self, ahead: usize) -> Option<&'a LexemeKind> {
        self.lexemes.get(ahead).map(|lexeme| &lexeme.kind)
    }

    pub(super) fn next(&mut self) -> Option<&'a Lexeme> {
        let (first, rest) = self.lexemes.split_first()?;
        self.lexemes = rest;
        Some(first)
    }

    /// Whether nothing is left but semicolons.
    pub(super) fn at_end(&self) -> bool {
        self.lexemes.iter().all(|lexeme| matches!(&lexeme.kind, LexemeKind::Symbol(symbol) if symbol == ";"))
    }

    /// Whether the lexeme that is `ahead` is this keyword, in any case and not quoted.
    pub(super) fn is_word_at(&self, ahead: usize, keyword: &str) -> bool {
        matches!(self.peek(ahead), Some(LexemeKind::Word(word)) if word.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn is_word(&self, keyword: &str) -> bool {
        self.is_word_at(0, keyword)
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(0), Some(LexemeKind::Symbol(text)) if text == symbol)
    }

    pub(super) fn take_word(&mut self, keyword: &str) -> bool {
        let fits = self.is_word(keyword);
        if fits {
            self.lexemes = &self.lexemes[1..];
        }
        fits
    }

    /// Takes the first of these keywords that fits.
    pub(super) fn take_one_of(&mut self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.take_word(keyword))
    }

    /// Takes all of these keywords, or none.
    pub(super) fn take_words(&mut self, keywords: &[&str]) -> bool {
        let fits = keywords.iter().enumerate().all(|(ahead, keyword)| self.is_word_at(ahead, keyword));
        if fits {
            self.lexemes = &self.lexemes[keywords.len()..];
        }
        fits
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let fits = self.is_symbol(symbol);
        if fits {
            self.lexemes = &self.lexemes[1..];
        }
        fits
    }

    pub(super) fn take_if_exists(&mut self) -> bool {
        self.take_words(&["IF", "EXISTS"])
    }

    pub(super) fn take_if_not_exists(&mut self) -> bool {
        self.take_words(&["IF", "NOT", "EXISTS"])
    }

    pub(super) fn expect_word(&mut self, keyword: &'static str) -> Result<(), Refusal> {
        if self.take_word(keyword) { Ok(()) } else { Err(self.unexpected(keyword)) }
    }

    pub(super) fn expect_symbol(&mut self, symbol: &'static str) -> Result<(), Refusal> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    pub(super) fn expect_end(&self) -> Result<(), Refusal> {
        if self.at_end() { Ok(()) } else { Err(self.unexpected("the end of the statement")) }
    }

    /// What is next does not fit here.
    pub(super) fn unexpected(&self, expected: &'static str) -> Refusal {
        let found = self.lexemes.first().map_or_else(|| "the end".into(), Lexeme::to_sql);
        Refusal::Unexpected { expected, found }
    }

    /// The next lexeme's name, if it can be one.
    pub(super) fn peek_name(&self) -> Option<&'a str> {
        match self.peek(0)? {
            LexemeKind::Word(name) | LexemeKind::Quoted(name) | LexemeKind::DoubleQuoted(name) => Some(name),
            LexemeKind::Text(_) | LexemeKind::Number(_) | LexemeKind::Bytes(_) | LexemeKind::Symbol(_) => {
                None
            }
        }
    }

    pub(super) fn expect_name(&mut self, what: &'static str) -> Result<String, Refusal> {
        let name = self.peek_name().ok_or_else(|| self.unexpected(what))?.to_owned();
        self.lexemes = &self.lexemes[1..];
        Ok(name)
    }

    /// A bare word or a string: how charsets and collations are written.
    pub(super) fn expect_word_or_text(&mut self, what: &'static str) -> Result<String, Refusal> {
        if let Some(LexemeKind::Text(text)) = self.peek(0) {
            self.lexemes = &self.lexemes[1..];
            return Ok(text.clone());
        }
        self.expect_name(what)
    }

    pub(super) fn expect_number(&mut self) -> Result<u32, Refusal> {
        if let Some(LexemeKind::Number(text)) = self.peek(0)
            && let Ok(number) = text.parse::<u64>()
        {
            self.lexemes = &self.lexemes[1..];
            return Ok(u32::try_from(number).unwrap_or(u32::MAX));
        }
        Err(self.unexpected("a number"))
    }

    /// A table's name that the statement only refers to.
    pub(super) fn expect_table_reference(&mut self) -> Result<TableName, Refusal> {
        let first = self.expect_name("a table name")?;
        if self.take_symbol(".") {
            return Ok(TableName::new(first, self.expect_name("a table name")?));
        }
        Ok(TableName::new(self.default_db, first))
    }

    /// The name of a table that the statement is about.
    pub(super) fn expect_table(&mut self) -> Result<TableName, Refusal> {
        let table = self.expect_table_reference()?;
        self.subject.tables.push(table.clone());
        Ok(table)
    }

    /// The lexemes of a group, without its parentheses.
    pub(super) fn expect_group(&mut self) -> Result<&'a [Lexeme], Refusal> {
        self.expect_symbol("(")?;
        let group = self.lexemes;
        let mut depth = 1;
        while depth > 0 {
            let Some(lexeme) = self.next() else {
                return Err(self.unexpected("a closing parenthesis"));
            };
            match &lexeme.kind {
                LexemeKind::Symbol(symbol) if symbol == "(" => depth += 1,
                LexemeKind::Symbol(symbol) if symbol == ")" => depth -= 1,
                _ => {}
            }
        }
        Ok(&group[..group.len() - self.lexemes.len() - 1])
    }

    /// Moves to the comma, the closing parenthesis or the end that ends this clause.
    pub(super) fn skip_clause(&mut self) -> Result<(), Refusal> {
        while !self.at_end() && !self.is_symbol(",") && !self.is_symbol(")") {
            if self.is_symbol("(") {
                self.expect_group()?;
            } else {
                self.next();
            }
        }
        Ok(())
    }

    /// Moves to the end of the statement.
    pub(super) fn skip_rest(&mut self) {
        self.lexemes = &[];
    }
}

/// The text of lexemes, white space as single blanks.
pub(super) fn text_of(lexemes: &[Lexeme]) -> String {
    let mut text = String::new();
    for lexeme in lexemes {
        if lexeme.spaced && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&lexeme.to_sql());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::lexeme::split;

    #[test]
    fn keywords_have_no_case_and_quoted_names_are_none() {
        let (lexemes, _) = split("if Not EXISTS `if`");
        let mut cursor = Cursor::new(&lexemes, "d");
        assert!(cursor.take_if_not_exists());
        assert!(!cursor.is_word("IF"));
        assert_eq!(cursor.expect_name("a name").unwrap(), "if");
        assert!(cursor.at_end());
    }

    #[test]
    fn a_table_without_a_database_is_in_the_default_one() {
        let (lexemes, _) = split("t, x . `y`");
        let mut cursor = Cursor::new(&lexemes, "d");
        assert_eq!(cursor.expect_table().unwrap(), TableName::new("d", "t"));
        assert!(cursor.take_symbol(","));
        assert_eq!(cursor.expect_table().unwrap(), TableName::new("x", "y"));
        assert_eq!(cursor.subject.tables.len(), 2);
    }

    #[test]
    fn a_group_ends_at_its_own_parenthesis() {
        let (lexemes, _) = split("(a + (b * c(1)), 2) d (");
        let mut cursor = Cursor::new(&lexemes, "d");
        assert_eq!(text_of(cursor.expect_group().unwrap()), "a + (b * c(1)), 2");
        assert!(cursor.take_word("d"));
        assert!(cursor.expect_group().is_err());
    }
}
