//! The names in a statement: what was renamed to what.

use super::TableKey;

/// One word of a statement: a name, a keyword or a single sign.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A word, possibly in backquotes.
    Word(String),
    /// Anything else.
    Sign(char),
}

/// Whether a statement contains these words one after the other, whatever their case.
pub(super) fn contains(query: &str, words: &[&str]) -> bool {
    let tokens = tokens(query);
    tokens.windows(words.len()).any(|window| {
        let mut pairs = window.iter().zip(words);
        pairs.all(|(token, word)| token.is(word))
    })
}

/// The old name of the table that a RENAME TABLE or an ALTER TABLE … RENAME gives the name `new`. A name without a
/// database is in `new`'s.
pub(super) fn renamed_from(query: &str, new: &TableKey) -> Option<TableKey> {
    let tokens = tokens(query);
    let mut rest = Tokens(&tokens);
    let is_alter = rest.next()?.is("alter");
    rest.skip_until("table")?;
    rest.skip_words(&["if", "exists"]);
    if is_alter {
        return rest.table(new);
    }
    loop {
        let old = rest.table(new)?;
        rest.skip_until("to")?;
        if rest.table(new)? == *new {
            return Some(old);
        }
        rest.next().filter(|token| **token == Token::Sign(','))?;
    }
}

/// The columns that an ALTER TABLE renames: old name, new name.
pub(super) fn renamed_columns(query: &str) -> Vec<(String, String)> {
    let tokens = tokens(query);
    let mut renamed = Vec::new();
    for at in 0..tokens.len() {
        let mut rest = Tokens(&tokens[at + 1..]);
        let pair = if tokens[at].is("change") {
            rest.skip_words(&["column"]);
            rest.skip_words(&["if", "exists"]);
            rest.word().zip(rest.word())
        } else if tokens[at].is("rename") && tokens.get(at + 1).is_some_and(|token| token.is("column")) {
            rest.next();
            rest.skip_words(&["if", "exists"]);
            let old = rest.word();
            rest.skip_words(&["to"]);
            old.zip(rest.word())
        } else {
            None
        };
        renamed.extend(pair);
    }
    renamed
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }
}

/// Tokens that are still to be read.
struct Tokens<'a>(&'a [Token]);

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn word(&mut self) -> Option<String> {
        match self.next()? {
            Token::Word(word) => Some(word.clone()),
            Token::Sign(_) => None,
        }
    }

    fn skip_words(&mut self, words: &[&str]) {
        if self.0.len() >= words.len() && self.0.iter().zip(words).all(|(token, word)| token.is(word)) {
            self.0 = &self.0[words.len()..];
        }
    }

    /// Skips up to and including a keyword.
    fn skip_until(&mut self, word: &str) -> Option<()> {
        while !self.next()?.is(word) {}
        Some(())
    }

    /// `table` or `schema.table`.
    fn table(&mut self, home: &TableKey) -> Option<TableKey> {
        let first = self.word()?;
        if self.0.first() != Some(&Token::Sign('.')) {
            return Some(TableKey::new(home.schema.clone(), first));
        }
        self.next();
        Some(TableKey::new(first, self.word()?))
    }
}

/// Cuts a statement into tokens, without comments and string literals.
fn tokens(query: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '`' => tokens.push(Token::Word(quoted(&mut rest, '`'))),
            '\'' | '"' => drop(quoted(&mut rest, c)),
            '/' if rest.peek() == Some(&'*') => {
                let mut last = ' ';
                // The star that opens the comment does not close it.
                rest.next();
                for c in rest.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            _ if is_name(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|&c| is_name(c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
            _ if c.is_whitespace() => {}
            sign => tokens.push(Token::Sign(sign)),
        }
    }
    tokens
}

/// Reads to the closing quote; a doubled quote is one.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == quote && rest.next_if_eq(&quote).is_none() {
            break;
        }
        text.push(c);
    }
    text
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_name_their_old_table() {
        let new = TableKey::new("d", "b");
        let old = |query| renamed_from(query, &new).map(|key| key.to_string());
        for (query, wanted) in [
            ("RENAME TABLE a TO b", "d.a"),
            ("rename table `e`.`x y` to `d`.`b`", "e.x y"),
            ("RENAME TABLE q TO r, /* now */ d.a TO d.b, x TO y", "d.a"),
            ("RENAME TABLE IF EXISTS a WAIT 3 TO b", "d.a"),
            ("ALTER TABLE e.a RENAME AS b", "e.a"),
        ] {
            assert_eq!(old(query).as_deref(), Some(wanted), "{query}");
        }
        assert_eq!(old("RENAME TABLE a TO c"), None);
    }

    #[test]
    fn column_renames_are_found_among_other_changes() {
        let query =
            "ALTER TABLE t ADD x INT COMMENT 'change a b', CHANGE COLUMN `a` b INT, RENAME COLUMN c TO d";
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        assert_eq!(renamed_columns(query), [pair("a", "b"), pair("c", "d")]);
    }

    #[test]
    fn words_are_found_whatever_their_case() {
        assert!(contains("create  table if NOT exists t (a int)", &["if", "not", "exists"]));
        assert!(!contains("create table t (a int comment 'if not exists')", &["if", "not", "exists"]));
    }
}
