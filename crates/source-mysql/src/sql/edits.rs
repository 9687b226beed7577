//! Changes of a text by place.

use super::dialect::Dialect;
use super::lexeme::{Lexeme, LexemeKind};
use super::lexer::Pieces;
use std::ops::Range;

/// Changes of one text. What no change is about stays as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// What a text needs so that any session with the default `sql_mode` reads it as its own session did: names in
    /// backticks, backslashes in strings doubled, no blank before the arguments of a function, and no comment of which
    /// another server may think otherwise.
    pub(crate) fn to_default_mode(sql: &str, pieces: &Pieces, dialect: Dialect) -> Self {
        let mut edits = Self::default();
        let lexemes = &pieces.lexemes;
        for place in &pieces.conditions {
            let blanks = sql[place.end..].bytes().take_while(u8::is_ascii_whitespace).count();
            let behind_blank = sql[..place.start].bytes().next_back().is_none_or(|b| b.is_ascii_whitespace());
            edits.replace(place.start..place.end + blanks, if behind_blank { "" } else { " " });
        }
        if dialect.ignores_space {
            let calls = lexemes.windows(2).filter(|pair| pair[1].is_symbol('(') && is_function(&pair[0]));
            calls.for_each(|pair| edits.replace(pair[0].at.end..pair[1].at.start, ""));
        }
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

/// Functions that are none with a blank before their arguments, as far as they can stand in a definition.
fn is_function(lexeme: &Lexeme) -> bool {
    const KNOWN: &[&str] = &[
        "ADDDATE",
        "CAST",
        "COUNT",
        "CURDATE",
        "CURTIME",
        "DATE_ADD",
        "DATE_SUB",
        "EXTRACT",
        "MAX",
        "MID",
        "MIN",
        "NOW",
        "POSITION",
        "SESSION_USER",
        "SUBDATE",
        "SUBSTR",
        "SUBSTRING",
        "SUM",
        "SYSDATE",
        "SYSTEM_USER",
        "TRIM",
    ];
    KNOWN.iter().any(|known| lexeme.is_word(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::pieces;

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
        let text = Edits::to_default_mode(sql, &pieces(sql, dialect), dialect).apply(sql);
        assert_eq!(text, r"CREATE TABLE `a``b` (`x` INT COMMENT 'c:\\', `y` INT)");
    }

    #[test]
    fn nothing_is_left_of_comments_that_another_server_reads_in_its_own_way() {
        let mariadb = Dialect { mariadb: true, ..Dialect::default() };
        for (dialect, sql, expected) in [
            (mariadb, "a/*!*/b /*!40000 c*/d /*M! e */ f", "a  b c d e f"),
            (mariadb, "a /*!40000 b /*!99999 c /* d */ e */ f */ g /* h */", "a b f g /* h */"),
            (mariadb, "x INT /*!80000 INVISIBLE */, y INT", "x INT , y INT"),
            (Dialect::default(), "x INT /* 99999 b /* c */ d */, y INT", "x INT , y INT"),
            (Dialect::default(), "a '/*! b */' `/*! c */` -- /*! d", "a '/*! b */' `/*! c */` -- /*! d"),
        ] {
            let text = Edits::to_default_mode(sql, &pieces(sql, dialect), dialect).apply(sql);
            assert_eq!(text, expected, "{sql}");
        }
    }

    #[test]
    fn a_function_stands_right_before_its_arguments() {
        let dialect = Dialect { ignores_space: true, ..Dialect::default() };
        let sql = "a INT AS (substr (b, 1) + trim\n (b) + concat (b)), `count` (c), KEY now_ (a)";
        let text = Edits::to_default_mode(sql, &pieces(sql, dialect), dialect).apply(sql);
        assert_eq!(text, "a INT AS (substr(b, 1) + trim(b) + concat (b)), `count` (c), KEY now_ (a)");
        let as_it_is = Edits::to_default_mode(sql, &pieces(sql, Dialect::default()), Dialect::default());
        assert_eq!(as_it_is.apply(sql), sql);
    }
}
