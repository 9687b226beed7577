//! Keys and constraints, as CREATE TABLE, ALTER TABLE and CREATE INDEX write them.

use super::cursor::Cursor;
use super::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// What a key promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeyKind {
    Primary,
    Unique,
    /// A plain, full-text or spatial index.
    Plain,
}

/// A key as a statement defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyDef {
    pub(super) kind: KeyKind,
    pub(super) name: Option<String>,
    /// The columns it names; parts that are expressions are left out.
    pub(super) columns: Vec<String>,
    /// Whether it has such parts: its columns alone are then no key.
    pub(super) has_expressions: bool,
    pub(super) if_not_exists: bool,
}

impl KeyDef {
    /// A key that is written with its only column.
    pub(super) fn inline(kind: KeyKind, column: &str) -> Self {
        let name = (kind == KeyKind::Primary).then(|| "PRIMARY".to_owned());
        Self { kind, name, columns: vec![column.to_owned()], has_expressions: false, if_not_exists: false }
    }
}

/// MariaDB's `PERIOD FOR name (start, end)`: a stretch of time that a key can name like a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Period {
    pub(super) name: String,
    pub(super) columns: [String; 2],
}

/// What a definition that is not a column defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Definition {
    Key(KeyDef),
    ForeignKey,
    Check,
    /// `PERIOD FOR name (start, end)`. That of system versioning is called `SYSTEM_TIME`.
    Period(Period),
}

/// Whether a definition that is not a column begins here. Its first words are reserved, but for two.
pub(super) fn begins(cursor: &Cursor<'_>) -> bool {
    let reserved =
        ["PRIMARY", "UNIQUE", "KEY", "INDEX", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK"];
    reserved.iter().any(|word| cursor.is_word(word))
        || begins_period(cursor)
        || (cursor.is_word("VECTOR") && (cursor.is_word_at(1, "INDEX") || cursor.is_word_at(1, "KEY")))
}

/// `PERIOD FOR`, and with `IF EXISTS` between.
pub(super) fn begins_period(cursor: &Cursor<'_>) -> bool {
    cursor.is_word("PERIOD") && (cursor.is_word_at(1, "FOR") || cursor.is_word_at(1, "IF"))
}

/// Reads such a definition to its end.
pub(super) fn expect_definition(cursor: &mut Cursor<'_>) -> Result<Definition, Refusal> {
    let symbol = take_constraint_name(cursor)?;
    let definition = if cursor.take_words(&["PRIMARY", "KEY"]) {
        let key = expect_key(cursor, KeyKind::Primary)?;
        Definition::Key(KeyDef { name: Some("PRIMARY".into()), ..key })
    } else if cursor.take_word("UNIQUE") {
        cursor.take_one_of(&["KEY", "INDEX"]);
        let key = expect_key(cursor, KeyKind::Unique)?;
        Definition::Key(KeyDef { name: key.name.or(symbol), ..key })
    } else if cursor.take_words(&["FOREIGN", "KEY"]) {
        cursor.take_if_not_exists();
        if !cursor.is_symbol('(') {
            cursor.expect_name("a foreign key's name")?;
        }
        cursor.expect_group()?;
        cursor.expect_word("REFERENCES")?;
        expect_reference(cursor)?;
        Definition::ForeignKey
    } else if cursor.take_word("CHECK") {
        Definition::Check
    } else if cursor.take_word("PERIOD") {
        Definition::Period(expect_period(cursor)?)
    } else if cursor.take_one_of(&["FULLTEXT", "SPATIAL", "VECTOR"]) {
        cursor.take_one_of(&["KEY", "INDEX"]);
        Definition::Key(expect_key(cursor, KeyKind::Plain)?)
    } else if cursor.take_one_of(&["KEY", "INDEX"]) {
        Definition::Key(expect_key(cursor, KeyKind::Plain)?)
    } else {
        return Err(cursor.unexpected("a key or a constraint"));
    };
    cursor.skip_clause()?;
    Ok(definition)
}

/// `[IF NOT EXISTS] FOR name (start, end)`.
fn expect_period(cursor: &mut Cursor<'_>) -> Result<Period, Refusal> {
    cursor.take_if_not_exists();
    cursor.expect_word("FOR")?;
    let name = cursor.expect_name("a period")?;
    let (columns, _) = expect_parts(cursor)?;
    let columns = <[String; 2]>::try_from(columns);
    let columns = columns.map_err(|_| cursor.unexpected("two columns of a period"))?;
    Ok(Period { name, columns })
}

/// `CONSTRAINT [name]`, if it is there.
pub(super) fn take_constraint_name(cursor: &mut Cursor<'_>) -> Result<Option<String>, Refusal> {
    if !cursor.take_word("CONSTRAINT") {
        return Ok(None);
    }
    cursor.take_if_not_exists();
    let unnamed = ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"].iter().any(|word| cursor.is_word(word));
    if unnamed { Ok(None) } else { cursor.expect_name("a constraint name").map(Some) }
}

/// What follows REFERENCES.
pub(super) fn expect_reference(cursor: &mut Cursor<'_>) -> Result<(), Refusal> {
    cursor.expect_referenced_table()?;
    if cursor.is_symbol('(') {
        cursor.expect_group()?;
    }
    while take_reference_option(cursor)? {}
    Ok(())
}

fn take_reference_option(cursor: &mut Cursor<'_>) -> Result<bool, Refusal> {
    if cursor.take_word("MATCH") {
        cursor.expect_name("a match type")?;
        return Ok(true);
    }
    if !cursor.take_words(&["ON", "DELETE"]) && !cursor.take_words(&["ON", "UPDATE"]) {
        return Ok(false);
    }
    let changes_rows = cursor.take_words(&["SET", "NULL"])
        || cursor.take_words(&["SET", "DEFAULT"])
        || cursor.take_word("CASCADE");
    cursor.cascades |= changes_rows;
    if !changes_rows && !cursor.take_words(&["NO", "ACTION"]) && !cursor.take_word("RESTRICT") {
        return Err(cursor.unexpected("a reference option"));
    }
    Ok(true)
}

/// `[IF NOT EXISTS] [name] [USING x] (parts)`.
fn expect_key(cursor: &mut Cursor<'_>, kind: KeyKind) -> Result<KeyDef, Refusal> {
    let if_not_exists = cursor.take_if_not_exists();
    let named = !cursor.is_symbol('(') && !cursor.is_word("USING");
    let name = if named { Some(cursor.expect_name("a key name")?) } else { None };
    take_index_type(cursor)?;
    let (columns, has_expressions) = expect_parts(cursor)?;
    Ok(KeyDef { kind, name, columns, has_expressions, if_not_exists })
}

/// `USING BTREE`, or the older `TYPE BTREE`, if it is there.
pub(super) fn take_index_type(cursor: &mut Cursor<'_>) -> Result<(), Refusal> {
    if cursor.take_one_of(&["USING", "TYPE"]) {
        cursor.expect_name("an index type")?;
    }
    Ok(())
}

/// `(a, b(10) DESC, (expression))`: the columns, and whether there are expressions.
pub(super) fn expect_parts(cursor: &mut Cursor<'_>) -> Result<(Vec<String>, bool), Refusal> {
    let (mut columns, mut has_expressions) = (Vec::new(), false);
    cursor.expect_symbol('(')?;
    loop {
        if cursor.is_symbol('(') {
            cursor.expect_group()?;
            has_expressions = true;
        } else {
            columns.push(cursor.expect_name("a column of the key")?);
        }
        cursor.skip_clause()?;
        if !cursor.take_symbol(',') {
            break;
        }
    }
    cursor.expect_symbol(')')?;
    Ok((columns, has_expressions))
}
