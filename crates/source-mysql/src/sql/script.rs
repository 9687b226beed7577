//! A script: statements one after the other, as a client reads them from a file.

use super::dialect::Dialect;
use super::lexeme::{Lexeme, LexemeKind};
use super::lexer::split;

/// A statement of a script.
pub(crate) struct Scripted<'a> {
    pub(crate) sql: &'a str,
    /// The line it begins in, from 1.
    pub(crate) line: usize,
    lexemes: Vec<Lexeme>,
}

impl Scripted<'_> {
    /// The database that `USE` makes the default one.
    pub(crate) fn database_used(&self) -> Option<String> {
        match self.lexemes.as_slice() {
            [first, Lexeme { kind: LexemeKind::Word(name) | LexemeKind::Quoted(name), .. }]
                if first.is_word("USE") =>
            {
                Some(name.clone())
            }
            _ => None,
        }
    }
}

/// The statements of a script. They end with semicolons; what stands between two `DELIMITER` commands of the client is
/// left out: routines and triggers, which make no tables.
pub(crate) fn split_script(script: &str, dialect: Dialect) -> Vec<Scripted<'_>> {
    let mut statements = Vec::new();
    for (start, end) in plain_parts(script) {
        let part = &script[start..end];
        let (mut lexemes, _) = split(part, dialect);
        let mut begin = 0;
        while !lexemes.is_empty() {
            let count = lexemes.iter().position(|lexeme| lexeme.is_symbol(';')).unwrap_or(lexemes.len());
            let rest = lexemes.split_off((count + 1).min(lexemes.len()));
            let semicolon = lexemes.get(count).map(|lexeme| lexeme.at.clone());
            lexemes.truncate(count);
            // What cannot be split stays with the statement, which cannot be followed then.
            let stop = semicolon.as_ref().map_or(part.len(), |at| at.start);
            if let Some(first) = lexemes.first() {
                let line = script[..start + first.at.start].matches('\n').count() + 1;
                statements.push(Scripted { sql: &part[begin..stop], line, lexemes });
            }
            begin = semicolon.map_or(part.len(), |at| at.end);
            lexemes = rest;
        }
    }
    statements
}

/// The parts of a script whose statements end with a semicolon.
fn plain_parts(script: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut begin = Some(0);
    let mut at = 0;
    for line in script.split_inclusive('\n') {
        let mut words = line.split_whitespace();
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("DELIMITER")) {
            parts.extend(begin.map(|begin| (begin, at)));
            begin = (words.next() == Some(";")).then_some(at + line.len());
        }
        at += line.len();
    }
    parts.extend(begin.map(|begin| (begin, script.len())));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_cut_at_its_semicolons_and_not_within_texts_or_routines() {
        let script = "-- dump; of a\nUSE `a`;\nCREATE TABLE t (a CHAR(9) DEFAULT ';');\n\
             DELIMITER ;;\nCREATE TRIGGER x BEGIN SELECT 1; END;;\nDELIMITER ;\n/*!40101 SET a=1 */;\n\
             CREATE TABLE u (a INT)";
        let statements = split_script(script, Dialect::default());
        let seen: Vec<_> = statements.iter().map(|s| (s.sql.trim(), s.line)).collect();
        assert_eq!(
            seen,
            [
                ("-- dump; of a\nUSE `a`", 2),
                ("CREATE TABLE t (a CHAR(9) DEFAULT ';')", 3),
                ("/*!40101 SET a=1 */", 7),
                ("CREATE TABLE u (a INT)", 8),
            ]
        );
        assert_eq!(statements[0].database_used().as_deref(), Some("a"));
        assert!(statements[1].database_used().is_none());
    }
}
