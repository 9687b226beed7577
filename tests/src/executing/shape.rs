//! The parts of a statement that a consumer parses: words, names in backquotes, signs.

use crate::consumer::TableKey;
use std::iter::Peekable;
use std::str::Chars;

/// One part of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// A word without quotes, in capitals.
    Word(String),
    /// A name in backquotes.
    Name(String),
    /// A string, whatever is in it.
    Text,
    /// Any other character.
    Sign(char),
}

/// A statement cut into parts, in the default `sql_mode`. Comments are left out; the insides of `/*! … */` are not.
pub(super) struct Shape(Vec<Part>);

impl Shape {
    pub(super) fn of(query: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = query.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '`' => parts.push(Part::Name(quoted(&mut rest, c))),
                '\'' | '"' => {
                    quoted(&mut rest, c);
                    parts.push(Part::Text);
                }
                '#' => skip_past(&mut rest, "\n"),
                '-' if is_dash_comment(&rest) => skip_past(&mut rest, "\n"),
                '/' if rest.next_if_eq(&'*').is_some() => skip_comment(&mut rest),
                // The end of an executable comment, whose insides were read.
                '*' if rest.next_if_eq(&'/').is_some() => {}
                _ if c.is_whitespace() => {}
                _ if is_word(c) => {
                    let mut word = String::from(c);
                    while let Some(c) = rest.next_if(|&c| is_word(c)) {
                        word.push(c);
                    }
                    parts.push(Part::Word(word.to_uppercase()));
                }
                _ => parts.push(Part::Sign(c)),
            }
        }
        Self(parts)
    }

    /// Old and new name, if this is ``RENAME TABLE `db`.`old` TO `db`.`new` `` and nothing else.
    pub(super) fn rename(&self) -> Option<(TableKey, TableKey)> {
        let [rename, table, d1, dot1, t1, to, d2, dot2, t2] = &self.0[..] else { return None };
        let words = rename.is("RENAME") && table.is("TABLE") && to.is("TO");
        let dots = *dot1 == Part::Sign('.') && *dot2 == Part::Sign('.');
        let key = |database: &Part, table: &Part| match (database, table) {
            (Part::Name(database), Part::Name(table)) => Some(TableKey::new(database, table)),
            _ => None,
        };
        (words && dots).then(|| key(d1, t1).zip(key(d2, t2)))?
    }

    /// Whether it is an ALTER TABLE that also gives the table another name.
    pub(super) fn alters_and_renames(&self) -> bool {
        let is_alter = self.0.iter().take(4).any(|part| part.is("ALTER"));
        let of_a_part = ["COLUMN", "INDEX", "KEY", "CONSTRAINT"];
        let renames_table =
            |pair: &[Part]| pair[0].is("RENAME") && !of_a_part.iter().any(|word| pair[1].is(word));
        is_alter && self.outermost().windows(2).any(renames_table)
    }

    /// Whether it names several things side by side outside of all parentheses.
    pub(super) fn has_a_list(&self) -> bool {
        self.outermost().contains(&Part::Sign(','))
    }

    /// Whether another statement follows the first.
    pub(super) fn is_several(&self) -> bool {
        let end = self.0.iter().position(|part| *part == Part::Sign(';'));
        end.is_some_and(|end| end + 1 < self.0.len())
    }

    /// Whether this is its first word.
    pub(super) fn begins_with(&self, word: &str) -> bool {
        self.0.first().is_some_and(|part| part.is(word))
    }

    /// Whether it says whose it is: `DEFINER = …`.
    pub(super) fn names_a_definer(&self) -> bool {
        self.0.windows(2).any(|pair| pair[0].is("DEFINER") && pair[1] == Part::Sign('='))
    }

    /// Whether it contains this word outside of all parentheses.
    pub(super) fn says(&self, word: &str) -> bool {
        self.outermost().iter().any(|part| part.is(word))
    }

    /// The parts outside of all parentheses.
    fn outermost(&self) -> Vec<Part> {
        let mut depth = 0_usize;
        let mut outermost = Vec::new();
        for part in &self.0 {
            match part {
                Part::Sign('(') => depth += 1,
                Part::Sign(')') => depth = depth.saturating_sub(1),
                part if depth == 0 => outermost.push(part.clone()),
                _ => {}
            }
        }
        outermost
    }
}

impl Part {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found == word)
    }
}

/// Reads to the closing quote: a doubled one is one, and in strings a backslash takes the next character along.
fn quoted(rest: &mut Peekable<Chars<'_>>, quote: char) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == quote && rest.next_if_eq(&quote).is_none() {
            break;
        }
        text.push(c);
        if c == '\\' && quote != '`' {
            text.extend(rest.next());
        }
    }
    text
}

fn skip_past(rest: &mut Peekable<Chars<'_>>, end: &str) {
    let mut seen = String::new();
    for c in rest {
        seen.push(c);
        if seen.ends_with(end) {
            break;
        }
    }
}

/// Skips a comment; of an executable one (`/*!`, `/*!50700`, `/*M!`) only its opening.
fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    ahead.next_if_eq(&'M');
    if ahead.next_if_eq(&'!').is_none() {
        return skip_past(rest, "*/");
    }
    while ahead.next_if(char::is_ascii_digit).is_some() {}
    *rest = ahead;
}

/// `-- `: two dashes, of which the first is read, and white space.
fn is_dash_comment(rest: &Peekable<Chars<'_>>) -> bool {
    let mut rest = rest.clone();
    rest.next() == Some('-') && rest.next().is_none_or(char::is_whitespace)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_spelling_of_a_rename_is_one() {
        let old_and_new =
            |query| Shape::of(query).rename().map(|(old, new)| format!("{old} -> {new}")).unwrap_or_default();
        assert_eq!(old_and_new("RENAME TABLE `d`.`a``b` TO `e`.`c d`"), "d.a`b -> e.c d");
        for other in [
            "RENAME TABLE a TO b",
            "RENAME TABLES `d`.`a` TO `d`.`b`",
            "RENAME TABLE IF EXISTS `d`.`a` TO `d`.`b`",
            "RENAME TABLE `d`.`a` WAIT 5 TO `d`.`b`",
            "RENAME TABLE `d`.`a` TO `d`.`b`, `d`.`c` TO `d`.`a`",
            "ALTER TABLE `d`.`a` RENAME TO `d`.`b`",
        ] {
            assert_eq!(old_and_new(other), "", "{other}");
        }
    }

    #[test]
    fn an_alter_that_renames_its_table_is_told_from_one_that_renames_a_part_of_it() {
        for (query, wanted) in [
            ("ALTER TABLE t ADD c INT, RENAME TO u", true),
            ("alter table t rename u", true),
            ("ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j", false),
            ("ALTER TABLE t COMMENT 'x, RENAME TO u', ADD CHECK (a <> 'rename to')", false),
            ("ALTER TABLE t /* RENAME TO u */ ADD `rename` INT", false),
            ("ALTER TABLE t /*!50700 RENAME TO u */", true),
            ("ALTER TABLE t ADD c INT -- RENAME TO u", false),
        ] {
            assert_eq!(Shape::of(query).alters_and_renames(), wanted, "{query}");
        }
    }

    #[test]
    fn lists_and_further_statements_are_seen_outside_of_strings_and_parentheses() {
        assert!(Shape::of("DROP TABLE a, b").has_a_list());
        assert!(!Shape::of("CREATE TABLE t (a INT, b INT COMMENT 'it\\'s, \"c\"')").has_a_list());
        assert!(Shape::of("DROP TABLE a; DROP TABLE b").is_several());
        assert!(!Shape::of("ALTER TABLE a COMMENT 'x; y';").is_several());
    }
}
