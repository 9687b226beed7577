//! The query of a view, as far as it must be read: the tables that it names, to write them with their databases, and the
//! names of its columns.
//!
//! Tables stand behind FROM, JOIN and the commas between them, in this query and in those within parentheses. What is
//! called so within the query (`WITH x AS …`) and what has arguments (`JSON_TABLE(…)`) is none.

use super::cursor::{Cursor, Reading, quoted};
use super::refusal::Refusal;
use crate::sql::{Lexeme, LexemeKind};
use change_event::TableName;

/// Reads `[(columns)] AS query` to the end of the statement. Gives the names of the columns, or nothing where the
/// statement does not name them all.
pub(super) fn expect_view_query(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Refusal> {
    let list = if cursor.is_symbol('(') { Some(cursor.expect_group()?) } else { None };
    cursor.expect_word("AS")?;
    let (query, reading) = cursor.rest();
    let end = query.iter().rposition(|lexeme| !lexeme.is_symbol(';')).map_or(0, |last| last + 1);
    let query = &query[..end];
    for (table, lexemes) in tables(query, reading) {
        let (first, last) = (&lexemes[0], &lexemes[lexemes.len() - 1]);
        cursor.edits.replace(first.at.start..last.at.end, quoted(&table));
    }
    cursor.skip_rest();
    let named = list.map(listed).unwrap_or_else(|| selected(query));
    Ok(named.unwrap_or_default())
}

/// The names of a list.
fn listed(list: &[Lexeme]) -> Option<Vec<String>> {
    list.split(|lexeme| lexeme.is_symbol(',')).map(|item| name_of(item.first()?)).collect()
}

/// The columns of a query that are plain columns, or are given names by AS.
fn selected(query: &[Lexeme]) -> Option<Vec<String>> {
    let (_, mut rest) = query.split_first().filter(|(first, _)| first.is_word("SELECT"))?;
    while let Some((first, behind)) = rest.split_first()
        && ["ALL", "DISTINCT", "DISTINCTROW"].iter().any(|word| first.is_word(word))
    {
        rest = behind;
    }
    let mut depth = 0;
    let mut names = Vec::new();
    let mut start = 0;
    for at in 0..=rest.len() {
        let next = rest.get(at);
        let ends = next.is_none_or(|next| {
            depth == 0 && (next.is_symbol(',') || BEHIND_COLUMNS.iter().any(|word| next.is_word(word)))
        });
        if ends {
            names.push(name_of_item(&rest[start..at])?);
            start = at + 1;
        }
        match next {
            Some(next) if next.is_symbol('(') => depth += 1,
            Some(next) if next.is_symbol(')') => depth -= 1,
            Some(next) if ends && !next.is_symbol(',') => break,
            _ => {}
        }
    }
    Some(names)
}

/// What may follow the columns of a query.
const BEHIND_COLUMNS: &[&str] =
    &["FROM", "UNION", "EXCEPT", "INTERSECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "WITH"];

/// `… AS name`, `column`, `table.column` or `database.table.column`.
fn name_of_item(item: &[Lexeme]) -> Option<String> {
    if let [_, .., last_but_one, last] = item
        && last_but_one.is_word("AS")
    {
        return name_of(last);
    }
    let mut path = item.chunks(2);
    let is_path = path.all(|step| match step {
        [name, point] => name_of(name).is_some() && point.is_symbol('.'),
        [name] => matches!(name.kind, LexemeKind::Word(_) | LexemeKind::Quoted(_)),
        _ => false,
    });
    // NULL and TRUE are named so, too.
    if is_path && item.len() % 2 == 1 { name_of(&item[item.len() - 1]) } else { None }
}

fn name_of(lexeme: &Lexeme) -> Option<String> {
    match &lexeme.kind {
        LexemeKind::Word(name)
        | LexemeKind::Quoted(name)
        | LexemeKind::Text(name)
        | LexemeKind::DoubleQuoted(name) => Some(name.clone()),
        LexemeKind::Number(_) | LexemeKind::Bytes(_) | LexemeKind::Symbol(_) => None,
    }
}

/// Where a query, or the inside of a parenthesis, has come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where no table stands.
    Elsewhere,
    /// In front of a table.
    Table,
    /// Behind a table of FROM: a comma or a JOIN brings another.
    Joined,
}

struct Level {
    /// Whether it is a query, whose FROM is followed by tables; in `TRIM(a FROM b)` it is not.
    is_query: bool,
    place: Place,
}

/// What ends FROM.
const BEHIND_FROM: &[&str] =
    &["WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW", "UNION", "EXCEPT", "INTERSECT", "SELECT"];

/// The tables of a query, and how each is written.
fn tables<'a>(query: &'a [Lexeme], reading: Reading<'_>) -> Vec<(TableName, &'a [Lexeme])> {
    let own_names = own_names(query);
    let mut levels = vec![Level { is_query: true, place: Place::Elsewhere }];
    let mut tables = Vec::new();
    let mut at = 0;
    while at < query.len() {
        let (lexeme, before) = (&query[at], at.checked_sub(1).map(|before| &query[before]));
        let Some(level) = levels.last_mut() else { break };
        at += 1;
        let is = |words: &[&str]| words.iter().any(|word| lexeme.is_word(word));
        let follows = |word: &str| before.is_some_and(|before| before.is_word(word));
        if lexeme.is_symbol('(') {
            let is_query = query.get(at).is_some_and(|next| {
                ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|word| next.is_word(word))
            });
            let is_joined = level.place == Place::Table && !is_query;
            if level.place == Place::Table {
                level.place = Place::Joined;
            }
            levels.push(Level { is_query, place: if is_joined { Place::Table } else { Place::Elsewhere } });
        } else if lexeme.is_symbol(')') {
            levels.pop();
        } else if is(&["FROM"]) && level.is_query {
            level.place = Place::Table;
        } else if level.place == Place::Joined {
            // `USE INDEX FOR JOIN (…)` joins nothing.
            if lexeme.is_symbol(',') || is(&["JOIN", "STRAIGHT_JOIN"]) && !follows("FOR") {
                level.place = Place::Table;
            } else if is(BEHIND_FROM) {
                level.place = Place::Elsewhere;
            }
        } else if level.place == Place::Table {
            if is(&["LATERAL"]) {
                continue;
            }
            level.place = Place::Joined;
            let qualified = query.get(at).is_some_and(|next| next.is_symbol('.'));
            let end = if qualified { at + 2 } else { at };
            let Some(written) = query.get(at - 1..end) else { break };
            at = end;
            let has_arguments = query.get(at).is_some_and(|next| next.is_symbol('('));
            tables
                .extend(table(written, &own_names, reading).filter(|_| !has_arguments).map(|t| (t, written)));
        } else if is(&["TABLE"]) && before.is_none_or(begins_query) {
            level.place = Place::Table;
        }
    }
    tables
}

/// Whether a query may begin behind this.
fn begins_query(before: &Lexeme) -> bool {
    before.is_symbol('(')
        || ["UNION", "ALL", "DISTINCT", "EXCEPT", "INTERSECT"].iter().any(|word| before.is_word(word))
}

/// `name` or `database.name`, unless it is a name of the query's own.
fn table(written: &[Lexeme], own_names: &[String], reading: Reading<'_>) -> Option<TableName> {
    let name = |lexeme: &Lexeme| match &lexeme.kind {
        LexemeKind::Word(name) | LexemeKind::Quoted(name) => Some(reading.kept(name)),
        _ => None,
    };
    match written {
        [database, _, table] => Some(TableName::new(name(database)?, name(table)?)),
        [single] if !single.is_word("DUAL") => {
            let table = name(single)?;
            let is_own = own_names.iter().any(|own| own.eq_ignore_ascii_case(&table));
            (!is_own).then(|| TableName::new(reading.kept(reading.default_db), table))
        }
        _ => None,
    }
}

/// The names that a query gives to queries of its own: `WITH [RECURSIVE] x [(columns)] AS (…), y AS (…)`.
fn own_names(query: &[Lexeme]) -> Vec<String> {
    let mut names = Vec::new();
    for at in 0..query.len() {
        let begins = query[at].is_word("WITH")
            || query[at].is_word("RECURSIVE")
            || at >= 1 && query[at].is_symbol(',') && query[at - 1].is_symbol(')');
        let Some(name) = query.get(at + 1).filter(|_| begins).and_then(name_of) else { continue };
        let mut behind = at + 2;
        if query.get(behind).is_some_and(|next| next.is_symbol('(')) {
            behind += query[behind..].iter().position(|next| next.is_symbol(')')).map_or(0, |end| end + 1);
        }
        let is_as = query.get(behind).is_some_and(|next| next.is_word("AS"));
        if is_as && query.get(behind + 1).is_some_and(|next| next.is_symbol('(')) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Dialect, Edits, split};

    fn read(sql: &str, lower_case: bool) -> (String, Vec<String>) {
        let (lexemes, _) = split(sql, Dialect { mariadb: true, ..Dialect::default() });
        let reading =
            Reading { default_db: "d", dialect: Dialect::default(), lower_case, default_charset: "latin1" };
        let mut cursor = Cursor::new(&lexemes, reading, Edits::default());
        let columns = expect_view_query(&mut cursor).unwrap();
        (cursor.edits.apply(sql), columns)
    }

    #[test]
    fn tables_are_written_with_their_databases_wherever_a_query_has_them() {
        for (sql, written) in [
            ("AS SELECT t.a FROM t WHERE t.b = 1", "AS SELECT t.a FROM `d`.`t` WHERE t.b = 1"),
            ("AS SELECT 1 FROM t x, e.u AS y, `w`", "AS SELECT 1 FROM `d`.`t` x, `e`.`u` AS y, `d`.`w`"),
            (
                "AS SELECT 1 FROM (a LEFT JOIN b ON a.x = b.x, c) NATURAL JOIN f GROUP BY g, h",
                "AS SELECT 1 FROM (`d`.`a` LEFT JOIN `d`.`b` ON a.x = b.x, `d`.`c`) NATURAL JOIN `d`.`f` GROUP BY g, h",
            ),
            (
                "AS SELECT (SELECT max(x) FROM a), f(b, c) FROM (SELECT * FROM g) AS h, i UNION SELECT 1, 2 FROM j",
                "AS SELECT (SELECT max(x) FROM `d`.`a`), f(b, c) FROM (SELECT * FROM `d`.`g`) AS h, `d`.`i` \
                 UNION SELECT 1, 2 FROM `d`.`j`",
            ),
            (
                "AS SELECT EXTRACT(YEAR FROM t), TRIM(LEADING (x) FROM y) FROM u WHERE a IN (SELECT b FROM w)",
                "AS SELECT EXTRACT(YEAR FROM t), TRIM(LEADING (x) FROM y) FROM `d`.`u` WHERE a IN (SELECT b FROM `d`.`w`)",
            ),
            (
                "AS WITH x AS (SELECT 1 FROM t), y (a, b) AS (SELECT 1, 2 FROM x) SELECT * FROM X, y, z",
                "AS WITH x AS (SELECT 1 FROM `d`.`t`), y (a, b) AS (SELECT 1, 2 FROM x) SELECT * FROM X, y, `d`.`z`",
            ),
            ("AS WITH RECURSIVE r AS (SELECT 1 UNION SELECT 2 FROM r) SELECT * FROM r", ""),
            ("AS SELECT 1 FROM DUAL", ""),
            ("AS SELECT 1 FROM JSON_TABLE('[]', '$' COLUMNS (x INT PATH '$')) AS j", ""),
            (
                "AS SELECT * FROM t USE INDEX FOR JOIN (i, k) STRAIGHT_JOIN u PARTITION (p0, p1) LIMIT 1, 2",
                "AS SELECT * FROM `d`.`t` USE INDEX FOR JOIN (i, k) STRAIGHT_JOIN `d`.`u` PARTITION (p0, p1) LIMIT 1, 2",
            ),
            (
                "AS SELECT * FROM t FOR SYSTEM_TIME AS OF now(), LATERAL (SELECT 1 FROM u) l WITH CHECK OPTION",
                "AS SELECT * FROM `d`.`t` FOR SYSTEM_TIME AS OF now(), LATERAL (SELECT 1 FROM `d`.`u`) l WITH CHECK OPTION",
            ),
            ("AS TABLE t", "AS TABLE `d`.`t`"),
            ("AS (SELECT 1 FROM a) UNION ALL TABLE b", "AS (SELECT 1 FROM `d`.`a`) UNION ALL TABLE `d`.`b`"),
            ("AS SELECT 1", ""),
            ("AS SELECT 1 FROM", ""),
            ("AS SELECT 1 FROM t.", ""),
            ("AS SELECT ) FROM t", ""),
        ] {
            let wanted = if written.is_empty() { sql } else { written };
            assert_eq!(read(sql, false).0, wanted);
        }
        assert_eq!(read("AS SELECT X FROM T, E.U", true).0, "AS SELECT X FROM `d`.`t`, `e`.`u`");
    }

    #[test]
    fn columns_have_the_names_that_the_statement_spells_out_or_none() {
        for (sql, columns) in [
            ("(a, `b c`) AS SELECT 1, 2", Some(vec!["a", "b c"])),
            ("AS SELECT id, t.v, `d`.`t`.`w x` FROM t", Some(vec!["id", "v", "w x"])),
            ("AS SELECT DISTINCT max(a, (b)) AS m, 1 AS 'one' FROM t, u", Some(vec!["m", "one"])),
            ("AS SELECT id FROM t UNION SELECT v, w FROM u;", Some(vec!["id"])),
            ("AS SELECT id;", Some(vec!["id"])),
            ("AS SELECT (SELECT 1 FROM u) AS x", Some(vec!["x"])),
            ("AS SELECT * FROM t", None),
            ("AS SELECT t.*, id FROM t", None),
            ("AS SELECT id, a + b FROM t", None),
            ("AS SELECT id x FROM t", None),
            ("AS SELECT NOT a FROM t", None),
            ("AS SELECT 1", None),
            ("AS (SELECT id FROM t)", None),
            ("AS WITH x AS (SELECT 1) SELECT a FROM x", None),
        ] {
            assert_eq!(read(sql, false).1, columns.unwrap_or_default(), "{sql}");
        }
    }
}
