//! Which tables a statement changes the rows of, where that is plain to see.

use super::lexeme::{Lexeme, LexemeKind};
use super::verb::without_settings;

/// A table as a statement writes it.
pub(crate) type Written = (Option<String>, String);

/// The tables that an INSERT, REPLACE, UPDATE, DELETE or LOAD DATA names as its own. `None` where there is more to it
/// than that: other statements, subqueries in place of tables, a DELETE of many tables. What its triggers and functions
/// change is not seen.
pub(crate) fn targets(lexemes: &[Lexeme]) -> Option<Vec<Written>> {
    let mut words = Words(without_settings(lexemes));
    let verb = words.next()?;
    let is = |known: &str| verb.is_word(known);
    if is("INSERT") || is("REPLACE") {
        words.skip(&["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO"]);
        return Some(vec![words.table()?]);
    }
    if is("UPDATE") {
        words.skip(&["LOW_PRIORITY", "IGNORE"]);
        return words.joined_until("SET");
    }
    if is("DELETE") {
        words.skip(&["LOW_PRIORITY", "QUICK", "IGNORE"]);
        words.next().filter(|next| next.is_word("FROM"))?;
        let table = words.table()?;
        let is_one = words.0.first().is_none_or(|next| {
            ["WHERE", "ORDER", "LIMIT", "RETURNING"].iter().any(|word| next.is_word(word))
                || next.is_symbol(';')
        });
        return is_one.then(|| vec![table]);
    }
    if is("LOAD") {
        let into = words.0.windows(2).position(|pair| pair[0].is_word("INTO") && pair[1].is_word("TABLE"))?;
        words.0 = &words.0[into + 2..];
        return Some(vec![words.table()?]);
    }
    None
}

/// The table that a CREATE TABLE makes.
pub(crate) fn created(lexemes: &[Lexeme]) -> Option<Written> {
    let mut words = Words(without_settings(lexemes));
    words.next().filter(|first| first.is_word("CREATE"))?;
    words.skip(&["OR", "REPLACE"]);
    words.next().filter(|next| next.is_word("TABLE"))?;
    words.skip(&["IF", "NOT", "EXISTS"]);
    words.table()
}

struct Words<'a>(&'a [Lexeme]);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a Lexeme> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn skip(&mut self, words: &[&str]) {
        while self.0.first().is_some_and(|next| words.iter().any(|word| next.is_word(word))) {
            self.0 = &self.0[1..];
        }
    }

    fn name(&mut self) -> Option<String> {
        match &self.next()?.kind {
            LexemeKind::Word(name) | LexemeKind::Quoted(name) => Some(name.clone()),
            _ => None,
        }
    }

    fn table(&mut self) -> Option<Written> {
        let first = self.name()?;
        if !self.0.first().is_some_and(|next| next.is_symbol('.')) {
            return Some((None, first));
        }
        self.next();
        Some((Some(first), self.name()?))
    }

    /// The tables of a join, up to a word.
    fn joined_until(&mut self, end: &str) -> Option<Vec<Written>> {
        let mut tables = vec![self.table()?];
        let mut depth = 0;
        loop {
            let next = self.next()?;
            if next.is_word(end) && depth == 0 {
                return Some(tables);
            }
            match next.kind {
                LexemeKind::Symbol('(') => depth += 1,
                LexemeKind::Symbol(')') => depth -= 1,
                _ => {}
            }
            if next.is_symbol('(') && self.0.first().is_some_and(|next| next.is_word("SELECT")) {
                return None;
            }
            if next.is_symbol(',') || next.is_word("JOIN") || next.is_word("STRAIGHT_JOIN") {
                tables.push(self.table()?);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Dialect, split};

    fn of(sql: &str) -> Option<Vec<String>> {
        let tables = targets(&split(sql, Dialect::default()).0)?;
        let shown = |(database, table): Written| match database {
            Some(database) => format!("{database}.{table}"),
            None => table,
        };
        Some(tables.into_iter().map(shown).collect())
    }

    #[test]
    fn statements_say_whose_rows_they_change() {
        for (sql, tables) in [
            (
                "INSERT INTO mysql.rds_heartbeat2(id, value) values (1,2) ON DUPLICATE KEY UPDATE value = 3",
                "mysql.rds_heartbeat2",
            ),
            (
                "REPLACE INTO `percona`.`checksums` (db, tbl) SELECT 'a', 'b' FROM `shop`.`t`",
                "percona.checksums",
            ),
            ("insert/*c*/ignore t set a = 1", "t"),
            ("UPDATE`a`set x=5", "a"),
            ("UPDATE a JOIN d.b AS x ON a.id = x.id, c SET a.v = 1", "a d.b c"),
            (
                "UPDATE f JOIN g ON CAST(f.x AS CHAR CHARACTER SET utf8) = g.y JOIN o ON 1 SET o.v = 2",
                "f g o",
            ),
            ("DELETE FROM d.t WHERE id = 1", "d.t"),
            ("DELETE FROM t", "t"),
            ("LOAD DATA INFILE 'x' REPLACE INTO TABLE d.t (a)", "d.t"),
            ("SET STATEMENT max_statement_time=60 FOR UPDATE t SET a=1", "t"),
        ] {
            assert_eq!(of(sql).map(|tables| tables.join(" ")).as_deref(), Some(tables), "{sql}");
        }
    }

    #[test]
    fn a_create_table_says_which() {
        for (sql, table) in [
            ("CREATE TABLE t SELECT 1", Some("t")),
            ("create or replace table if not exists `d`.`t` as select 1", Some("d.t")),
            ("SET STATEMENT max_statement_time=60 FOR CREATE TABLE t SELECT 1", Some("t")),
            ("CREATE VIEW t AS SELECT 1", None),
            ("INSERT INTO t SELECT 1", None),
        ] {
            let made = created(&split(sql, Dialect::default()).0);
            let shown = made.map(|(database, table)| match database {
                Some(database) => format!("{database}.{table}"),
                None => table,
            });
            assert_eq!(shown.as_deref(), table, "{sql}");
        }
    }

    #[test]
    fn what_is_not_plain_is_not_guessed() {
        for sql in [
            "DELETE a, b FROM a JOIN b",
            "DELETE FROM a USING a JOIN b",
            "UPDATE a, (SELECT 1) AS b SET a.x = 1",
            "WITH x AS (SELECT 1) UPDATE a SET v = 1",
            "CALL p()",
            "SELECT f()",
            "DO f()",
            "",
        ] {
            assert_eq!(of(sql), None, "{sql}");
        }
    }
}
