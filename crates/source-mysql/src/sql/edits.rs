//! Changes of a text by place.

use super::dialect::Dialect;
use super::lexeme::{Lexeme, LexemeKind};
use std::ops::Range;

/// Changes of one text. What no change is about stays as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// What a text needs so that a session with the default `sql_mode` reads it as its own session did: names in
    /// backticks, backslashes in strings doubled.
    pub(crate) fn to_default_mode(sql: &str, lexemes: &[Lexeme], dialect: Dialect) -> Self {
        let mut edits = Self::default();
        for lexeme in lexemes {
            let differs = match &lexeme.kind {
                LexemeKind::Quoted(_) => dialect.ansi_quotes && sql[lexeme.at.clone()].starts_with('"'),
                LexemeKind::Text(text) | LexemeKind::DoubleQuoted(text) => {
                    dialect.plain_backslashes && text.contains('\\')
                }
                LexemeKind::Word(_)
                | LexemeKind::Number(_)
                | LexemeKind::Bytes(_)
                | LexemeKind::Symbol(_) => false,
            };
            if differs {
                edits.replace(lexeme.at.clone(), lexeme.to_sql());
            }
        }
        edits
    }

    /// Puts something else in this place.
    pub(crate) fn replace(&mut self, place: Range<usize>, by: impl Into<String>) {
        self.0.push((place, by.into()));
    }

    /// These changes and others of the same text.
    pub(crate) fn and(mut self, others: &Self) -> Self {
        self.0.extend_from_slice(&others.0);
        self
    }

    /// The text after all changes. Of two that overlap, the one that begins first counts, of two that begin at one
    /// place the longer one, and of two of one place the later one.
    pub(crate) fn apply(&self, sql: &str) -> String {
        let mut edits: Vec<&(Range<usize>, String)> = self.0.iter().rev().collect();
        edits.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
        let mut text = String::with_capacity(sql.len());
        let mut at = 0;
        for (place, by) in edits {
            if place.start < at {
                continue;
            }
            text.push_str(&sql[at..place.start]);
            text.push_str(by);
            at = place.end;
        }
        text.push_str(&sql[at..]);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::split;

    #[test]
    fn what_is_not_edited_stays_as_it_is_written() {
        let sql = "ALTER  TABLE /* x */ t ADD a INT";
        let mut edits = Edits::default();
        edits.replace(21..22, "`d`.`t`");
        edits.replace(0..7, "");
        edits.replace(0..3, "lost: it begins where a longer one does");
        assert_eq!(edits.apply(sql), "TABLE /* x */ `d`.`t` ADD a INT");
    }

    #[test]
    fn a_text_of_another_mode_is_written_for_the_default_one() {
        let dialect = Dialect { ansi_quotes: true, plain_backslashes: true, ..Dialect::default() };
        let sql = r#"CREATE TABLE "a`b" ("x" INT COMMENT 'c:\', `y` INT)"#;
        let (lexemes, _) = split(sql, dialect);
        let text = Edits::to_default_mode(sql, &lexemes, dialect).apply(sql);
        assert_eq!(text, r"CREATE TABLE `a``b` (`x` INT COMMENT 'c:\\', `y` INT)");
    }
}
