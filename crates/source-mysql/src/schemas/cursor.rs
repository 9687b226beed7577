//! A reader over a statement's lexemes.

use super::refusal::Refusal;
use crate::sql::{Dialect, Edits, Lexeme, LexemeKind, lowered, quote};
use change_event::{Influence, TableName};

/// Whom a statement is about, as far as it was read: what a barrier for it must wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) tables: Vec<TableName>,
    pub(super) database: Option<String>,
}

impl Subject {
    /// What it may have changed: all there is, if it names nothing.
    pub(super) fn influence(&self) -> Influence {
        match &self.database {
            _ if !self.tables.is_empty() => Influence::Tables(self.tables.clone()),
            Some(database) => Influence::Database(database.clone()),
            None => Influence::All,
        }
    }
}

/// How names and words are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    /// The database that names without one belong to.
    pub(super) default_db: &'a str,
    /// How the session read the text.
    pub(super) dialect: Dialect,
    /// The server keeps the names of databases and tables in lower case (`lower_case_table_names` 1 or 2).
    pub(super) lower_case: bool,
    /// The charset of that database.
    pub(super) default_charset: &'a str,
}

impl Reading<'_> {
    /// The name of a database or a table, as the server keeps it.
    pub(super) fn kept(&self, name: &str) -> String {
        if self.lower_case { lowered(name) } else { name.to_owned() }
    }
}

/// Reads lexemes one after the other. `take_*` moves on if it fits; `expect_*` refuses if it does not.
///
/// On the way it notes what must be written differently for the statement to stand alone.
pub(super) struct Cursor<'a> {
    lexemes: &'a [Lexeme],
    /// The place behind the last lexeme that was taken.
    behind: usize,
    reading: Reading<'a>,
    pub(super) subject: Subject,
    /// What is written differently so that the statement stands alone.
    pub(super) edits: Edits,
    /// The clauses that rename the table, which are statements of their own.
    pub(super) renames: Edits,
    /// A foreign key changes rows of this table when those of another change.
    pub(super) cascades: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(lexemes: &'a [Lexeme], reading: Reading<'a>, edits: Edits) -> Self {
        let (subject, renames) = (Subject::default(), Edits::default());
        Self { lexemes, behind: 0, reading, subject, edits, renames, cascades: false }
    }

    pub(super) fn default_db(&self) -> String {
        self.reading.kept(self.reading.default_db)
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.reading.dialect
    }

    /// The charset of the default database.
    pub(super) fn default_charset(&self) -> &'a str {
        self.reading.default_charset
    }

    /// The place of the next lexeme.
    pub(super) fn here(&self) -> usize {
        self.lexemes.first().map_or(self.behind, |lexeme| lexeme.at.start)
    }

    /// The place behind the last lexeme that was taken.
    pub(super) fn behind(&self) -> usize {
        self.behind
    }

    /// The lexeme that is `ahead` of the next one.
    pub(super) fn peek(&self, ahead: usize) -> Option<&'a LexemeKind> {
        self.lexemes.get(ahead).map(|lexeme| &lexeme.kind)
    }

    pub(super) fn next(&mut self) -> Option<&'a Lexeme> {
        self.advance(1).first()
    }

    fn advance(&mut self, count: usize) -> &'a [Lexeme] {
        let (taken, rest) = self.lexemes.split_at(count.min(self.lexemes.len()));
        self.lexemes = rest;
        self.behind = taken.last().map_or(self.behind, |lexeme| lexeme.at.end);
        taken
    }

    /// Whether nothing is left but semicolons.
    pub(super) fn at_end(&self) -> bool {
        self.lexemes.iter().all(|lexeme| lexeme.is_symbol(';'))
    }

    /// Whether the lexeme that is `ahead` is this keyword, in any case and not quoted.
    pub(super) fn is_word_at(&self, ahead: usize, keyword: &str) -> bool {
        self.lexemes.get(ahead).is_some_and(|lexeme| lexeme.is_word(keyword))
    }

    pub(super) fn is_word(&self, keyword: &str) -> bool {
        self.is_word_at(0, keyword)
    }

    pub(super) fn is_symbol_at(&self, ahead: usize, symbol: char) -> bool {
        self.lexemes.get(ahead).is_some_and(|lexeme| lexeme.is_symbol(symbol))
    }

    pub(super) fn is_symbol(&self, symbol: char) -> bool {
        self.is_symbol_at(0, symbol)
    }

    pub(super) fn take_word(&mut self, keyword: &str) -> bool {
        let fits = self.is_word(keyword);
        if fits {
            self.advance(1);
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
            self.advance(keywords.len());
        }
        fits
    }

    pub(super) fn take_symbol(&mut self, symbol: char) -> bool {
        let fits = self.is_symbol(symbol);
        if fits {
            self.advance(1);
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

    pub(super) fn expect_symbol(&mut self, symbol: char) -> Result<(), Refusal> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    pub(super) fn expect_end(&self) -> Result<(), Refusal> {
        if self.at_end() { Ok(()) } else { Err(self.unexpected("the end of the statement")) }
    }

    /// What is next does not fit here.
    pub(super) fn unexpected(&self, expected: impl Into<String>) -> Refusal {
        let found = self.lexemes.first().map_or_else(|| "the end".into(), Lexeme::to_sql);
        Refusal::Unexpected { expected: expected.into(), found }
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
        self.advance(1);
        Ok(name)
    }

    /// A bare word or a string: how charsets and collations are written.
    pub(super) fn expect_word_or_text(&mut self, what: &'static str) -> Result<String, Refusal> {
        if let Some(LexemeKind::Text(text)) = self.peek(0) {
            self.advance(1);
            return Ok(text.clone());
        }
        self.expect_name(what)
    }

    pub(super) fn expect_number(&mut self) -> Result<u32, Refusal> {
        if let Some(LexemeKind::Number(text)) = self.peek(0)
            && let Ok(number) = text.parse::<u64>()
        {
            self.advance(1);
            return Ok(u32::try_from(number).unwrap_or(u32::MAX));
        }
        Err(self.unexpected("a number"))
    }

    /// A length or a precision. Servers take one with a point, such as `DECIMAL(19.5)`, and pass over what is behind
    /// it; it is written without.
    pub(super) fn expect_length(&mut self) -> Result<u32, Refusal> {
        let start = self.here();
        let Some(LexemeKind::Number(text)) = self.peek(0) else { return Err(self.unexpected("a length")) };
        let Some((digits, _)) = text.split_once('.').filter(|(_, behind)| !behind.contains(['e', 'E']))
        else {
            return self.expect_number();
        };
        let length = if digits.is_empty() { 0 } else { digits.parse::<u64>().unwrap_or(u64::MAX) };
        self.advance(1);
        self.edits.replace(start..self.behind, length.to_string());
        Ok(u32::try_from(length).unwrap_or(u32::MAX))
    }

    /// The name of a column, which MariaDB and MySQL 5.7 take with that of its table: `t.c`, `d.t.c`, `.c`. It is
    /// written without.
    pub(super) fn expect_column_name(&mut self) -> Result<String, Refusal> {
        let start = self.here();
        self.take_symbol('.');
        let mut place = self.here();
        let mut name = self.expect_name("a column name")?;
        while self.take_symbol('.') {
            place = self.here();
            name = self.expect_name("a column name")?;
        }
        if place > start {
            self.edits.replace(start..place, "");
        }
        Ok(name)
    }

    /// A table's name that the statement only refers to. It is written with its database. A point before it says
    /// nothing.
    pub(super) fn expect_table_reference(&mut self) -> Result<TableName, Refusal> {
        let start = self.here();
        self.take_symbol('.');
        let first = self.expect_name("a table name")?;
        let (schema, table) = if self.take_symbol('.') {
            (self.reading.kept(&first), self.expect_name("a table name")?)
        } else {
            (self.default_db(), first)
        };
        let table = TableName::new(schema, self.reading.kept(&table));
        self.edits.replace(start..self.behind, quoted(&table));
        Ok(table)
    }

    /// The name of the table that a foreign key is about, which belongs to the database of its own table. It stays
    /// as it is written, but for the case that the server keeps it in.
    pub(super) fn expect_referenced_table(&mut self) -> Result<(), Refusal> {
        let point = self.here();
        if self.take_symbol('.') {
            self.edits.replace(point..self.behind, "");
        }
        loop {
            let start = self.here();
            let name = self.expect_name("a table name")?;
            if self.reading.lower_case {
                self.edits.replace(start..self.behind, quote(&self.reading.kept(&name)));
            }
            if !self.take_symbol('.') {
                return Ok(());
            }
        }
    }

    /// The name of a database.
    pub(super) fn expect_database_name(&mut self) -> Result<String, Refusal> {
        let start = self.here();
        let written = self.expect_name("a database name")?;
        let name = self.reading.kept(&written);
        if name != written {
            self.edits.replace(start..self.behind, quote(&name));
        }
        Ok(name)
    }

    /// The name of a table that the statement is about.
    pub(super) fn expect_table(&mut self) -> Result<TableName, Refusal> {
        let table = self.expect_table_reference()?;
        self.subject.tables.push(table.clone());
        Ok(table)
    }

    /// The lexemes of a group, without its parentheses.
    pub(super) fn expect_group(&mut self) -> Result<&'a [Lexeme], Refusal> {
        self.expect_symbol('(')?;
        let group = self.lexemes;
        let mut depth = 1;
        while depth > 0 {
            let Some(lexeme) = self.next() else {
                return Err(self.unexpected("a closing parenthesis"));
            };
            if lexeme.is_symbol('(') {
                depth += 1;
            } else if lexeme.is_symbol(')') {
                depth -= 1;
            }
        }
        Ok(&group[..group.len() - self.lexemes.len() - 1])
    }

    /// Moves to the comma, the closing parenthesis or the end that ends this clause.
    pub(super) fn skip_clause(&mut self) -> Result<(), Refusal> {
        while !self.at_end() && !self.is_symbol(',') && !self.is_symbol(')') {
            if self.is_symbol('(') {
                self.expect_group()?;
            } else {
                self.next();
            }
        }
        Ok(())
    }

    /// All lexemes that are left, and how their names are read.
    pub(super) fn rest(&self) -> (&'a [Lexeme], Reading<'a>) {
        (self.lexemes, self.reading)
    }

    /// Moves to the end of the statement.
    pub(super) fn skip_rest(&mut self) {
        self.advance(self.lexemes.len());
    }
}

/// A table's full name in backticks.
pub(super) fn quoted(name: &TableName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.table))
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
    use crate::sql::split;

    fn lexemes(sql: &str) -> Vec<Lexeme> {
        split(sql, Dialect::default()).0
    }

    fn cursor(lexemes: &[Lexeme], lower_case: bool) -> Cursor<'_> {
        let reading =
            Reading { default_db: "d", dialect: Dialect::default(), lower_case, default_charset: "latin1" };
        Cursor::new(lexemes, reading, Edits::default())
    }

    #[test]
    fn keywords_have_no_case_and_quoted_names_are_none() {
        let lexemes = lexemes("if Not EXISTS `if`");
        let mut cursor = cursor(&lexemes, false);
        assert!(cursor.take_if_not_exists());
        assert!(!cursor.is_word("IF"));
        assert_eq!(cursor.expect_name("a name").unwrap(), "if");
        assert!(cursor.at_end());
    }

    #[test]
    fn a_table_without_a_database_is_in_the_default_one_and_written_so() {
        let sql = "T, X . `y`";
        for (lower_case, names, written) in [
            (false, [("d", "T"), ("X", "y")], "`d`.`T`, `X`.`y`"),
            (true, [("d", "t"), ("x", "y")], "`d`.`t`, `x`.`y`"),
        ] {
            let lexemes = lexemes(sql);
            let mut cursor = cursor(&lexemes, lower_case);
            for (schema, table) in names {
                assert_eq!(cursor.expect_table().unwrap(), TableName::new(schema, table));
                cursor.take_symbol(',');
            }
            assert_eq!(cursor.subject.tables.len(), 2);
            assert_eq!(cursor.edits.apply(sql), written);
        }
    }

    #[test]
    fn a_name_may_begin_with_a_point_and_a_column_may_name_its_table() {
        let sql = "t.`a.b`, d . t.c, .e, f";
        let lexemes = lexemes(sql);
        let mut cursor = cursor(&lexemes, false);
        for name in ["a.b", "c", "e", "f"] {
            assert_eq!(cursor.expect_column_name().unwrap(), name);
            cursor.take_symbol(',');
        }
        assert_eq!(cursor.edits.apply(sql), "`a.b`, c, e, f");
    }

    #[test]
    fn a_group_ends_at_its_own_parenthesis() {
        let lexemes = lexemes("(a + (b * c(1)), 2) d (");
        let mut cursor = cursor(&lexemes, false);
        assert_eq!(text_of(cursor.expect_group().unwrap()), "a + (b * c(1)), 2");
        assert!(cursor.take_word("d"));
        assert!(cursor.expect_group().is_err());
    }
}
