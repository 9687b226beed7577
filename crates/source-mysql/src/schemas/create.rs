//! CREATE TABLE.

use super::charset::{self, CharsetChoice};
use super::column_def::{ColumnDef, expect_column};
use super::cursor::Cursor;
use super::key_def::{self, Definition, KeyDef, Period};
use super::refusal::Refusal;
use super::tracked::{Tracked, same_name};
use crate::sql::LexemeKind;
use change_event::{Column, TableName, TableSchema};

/// A CREATE TABLE as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CreateTable {
    pub(super) name: TableName,
    /// `OR REPLACE`.
    pub(super) replaces: bool,
    pub(super) if_not_exists: bool,
    pub(super) body: Body,
}

/// Where the columns come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    /// `LIKE` this table.
    Like(TableName),
    /// It is no table, but MariaDB's `SEQUENCE`, written as one.
    Sequence,
    Defined {
        columns: Vec<ColumnDef>,
        keys: Vec<KeyDef>,
        periods: Vec<Period>,
        charset: Option<CharsetChoice>,
        versioned: bool,
    },
}

/// Reads what follows `CREATE TABLE`.
pub(super) fn expect_create_table(cursor: &mut Cursor<'_>, replaces: bool) -> Result<CreateTable, Refusal> {
    let if_not_exists = cursor.take_if_not_exists();
    let name = cursor.expect_table()?;
    let body = expect_body(cursor)?;
    cursor.expect_end()?;
    Ok(CreateTable { name, replaces, if_not_exists, body })
}

fn expect_body(cursor: &mut Cursor<'_>) -> Result<Body, Refusal> {
    if cursor.take_word("LIKE") {
        return cursor.expect_table_reference().map(Body::Like);
    }
    cursor.expect_symbol('(')?;
    if cursor.take_word("LIKE") {
        let like = cursor.expect_table_reference()?;
        cursor.expect_symbol(')')?;
        return Ok(Body::Like(like));
    }
    let mut columns = Vec::new();
    let mut keys = Vec::new();
    let mut periods = Vec::new();
    loop {
        if !key_def::begins(cursor) {
            let column = expect_column(cursor)?;
            keys.extend(column.keys.iter().map(|kind| KeyDef::inline(*kind, &column.name)));
            columns.push(column);
        } else {
            match key_def::expect_definition(cursor)? {
                Definition::Key(key) => keys.push(key),
                Definition::Period(period) => periods.push(period),
                Definition::ForeignKey | Definition::Check => {}
            }
        }
        if !cursor.take_symbol(',') {
            break;
        }
    }
    cursor.expect_symbol(')')?;
    let Options { charset, versioned, sequence } = expect_options(cursor)?;
    if sequence {
        return Ok(Body::Sequence);
    }
    Ok(Body::Defined { columns, keys, periods, charset, versioned })
}

/// The options that count.
#[derive(Default)]
struct Options {
    charset: Option<CharsetChoice>,
    versioned: bool,
    sequence: bool,
}

/// Reads the options to the end.
fn expect_options(cursor: &mut Cursor<'_>) -> Result<Options, Refusal> {
    let mut options = Options::default();
    while !cursor.at_end() {
        let start = cursor.here();
        if cursor.take_words(&["PARTITION", "BY"]) {
            cursor.skip_rest();
        } else if cursor.take_words(&["START", "TRANSACTION"]) {
            // MySQL's way to say that the rows of its SELECT follow; nobody else can run it.
            cursor.edits.replace(start..cursor.behind(), "");
        } else if cursor.take_words(&["WITH", "SYSTEM", "VERSIONING"]) {
            options.versioned = true;
        } else if let Some(sequence) = take_sequence(cursor)? {
            options.sequence = sequence;
        } else if let Some(choice) = charset::take_choice(cursor)? {
            options.charset = choice.or(options.charset);
        } else if cursor.is_symbol('(') {
            cursor.expect_group()?;
        } else if let Some(LexemeKind::Symbol(symbol)) = cursor.peek(0)
            && !matches!(symbol, '=' | ',')
        {
            return Err(cursor.unexpected("a table option"));
        } else {
            cursor.next();
        }
    }
    Ok(options)
}

/// `SEQUENCE [=] 1`, or 0, if it is there: whether what is called a table is one of MariaDB's sequences.
pub(super) fn take_sequence(cursor: &mut Cursor<'_>) -> Result<Option<bool>, Refusal> {
    let value = cursor.peek(if cursor.is_symbol_at(1, '=') { 2 } else { 1 });
    // An engine of that name is another thing.
    if !cursor.is_word("SEQUENCE") || !matches!(value, Some(LexemeKind::Number(_))) {
        return Ok(None);
    }
    cursor.next();
    cursor.take_symbol('=');
    cursor.expect_number().map(|number| Some(number != 0))
}

/// The new table. Its version and number are the caller's.
pub(super) fn build(
    name: TableName,
    columns: Vec<ColumnDef>,
    keys: Vec<KeyDef>,
    charset: String,
    versioned: bool,
    periods: Vec<Period>,
) -> Result<Tracked, Refusal> {
    let versioned = versioned || columns.iter().any(|column| column.versioned);
    let row_end = columns.iter().position(|column| column.row_end);
    let columns: Vec<Column> = columns.into_iter().map(|column| column.resolve(&charset)).collect();
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].iter().any(|earlier| same_name(&earlier.name, &column.name)) {
            return Err(Refusal::DuplicateColumn { table: name, column: column.name.clone() });
        }
    }
    let schema = TableSchema { name, table_id: 0, partition: None, version: 0, columns };
    let mut tracked = Tracked::new(schema, charset, 1);
    tracked.versioned = Some(versioned);
    tracked.row_end = row_end.map(|index| tracked.schema.columns[index].id);
    periods.into_iter().for_each(|period| tracked.add_period(period));
    for key in keys {
        tracked.add_key(key);
    }
    tracked.settle_keys();
    Ok(tracked)
}

/// A copy of a table under another name: columns, keys and charset, with ids of its own.
pub(super) fn build_like(name: TableName, like: &Tracked) -> Tracked {
    let schema = TableSchema { name, ..TableSchema::clone(&like.schema) };
    let mut tracked = Tracked::new(schema, like.charset.clone(), 1);
    tracked.keys.clone_from(&like.keys);
    tracked.periods.clone_from(&like.periods);
    tracked.versioned = like.versioned;
    let row_end = like.schema.columns.iter().position(|column| Some(column.id) == like.row_end);
    tracked.row_end = row_end.map(|index| tracked.schema.columns[index].id);
    tracked.settle_keys();
    tracked
}
