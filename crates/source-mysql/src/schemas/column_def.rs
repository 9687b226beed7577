//! A column as a statement defines it, and as it comes out.

use super::charset::{self, CharsetChoice};
use super::cursor::Cursor;
use super::data_type::{DataType, expect_type};
use super::default_value::{Written, expect_default, take_now};
use super::key_def::{KeyKind, expect_reference, take_constraint_name};
use super::refusal::Refusal;
use crate::sql::LexemeKind;
use change_event::{Column, Generated};

/// A column as a statement defines it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColumnDef {
    pub(super) name: String,
    pub(super) data_type: DataType,
    pub(super) not_null: bool,
    pub(super) default: Option<Written>,
    pub(super) generated: Generated,
    /// `PRIMARY KEY` or `UNIQUE` written with the column.
    pub(super) keys: Vec<KeyKind>,
    /// `GENERATED ALWAYS AS ROW END`.
    pub(super) row_end: bool,
    /// `WITH SYSTEM VERSIONING`, which makes the whole table system-versioned.
    pub(super) versioned: bool,
}

impl ColumnDef {
    /// The column in a table whose default charset is this. Its keys are the table's matter.
    pub(super) fn resolve(self, table_charset: &str) -> Column {
        let data_type = self.data_type.resolve(table_charset);
        let default = self.default.and_then(|written| written.resolve(data_type.kind, &data_type.members));
        Column {
            unsigned: data_type.unsigned,
            zerofill: data_type.zerofill,
            length: data_type.length,
            decimals: data_type.decimals,
            charset: data_type.charset,
            members: data_type.members,
            nullable: !self.not_null,
            generated: self.generated,
            default,
            ..Column::new(self.name, data_type.kind)
        }
    }
}

/// Reads `name type attributes`, up to whatever is no attribute.
pub(super) fn expect_column(cursor: &mut Cursor<'_>) -> Result<ColumnDef, Refusal> {
    let name = cursor.expect_column_name()?;
    let data_type = expect_type(cursor)?;
    let mut column = ColumnDef {
        name,
        not_null: data_type.serial,
        default: None,
        generated: Generated::No,
        keys: if data_type.serial { vec![KeyKind::Unique] } else { Vec::new() },
        data_type,
        row_end: false,
        versioned: false,
    };
    while take_attribute(cursor, &mut column)? {}
    Ok(column)
}

fn take_attribute(cursor: &mut Cursor<'_>, column: &mut ColumnDef) -> Result<bool, Refusal> {
    Ok(take_type_attribute(cursor, column)?
        || take_value_attribute(cursor, column)?
        || take_key_attribute(cursor, column)?
        || take_constraint(cursor)?
        || take_versioning(cursor, column)
        || take_storage_attribute(cursor)?)
}

/// Sign, charset and collation.
fn take_type_attribute(cursor: &mut Cursor<'_>, column: &mut ColumnDef) -> Result<bool, Refusal> {
    let data_type = &mut column.data_type;
    if cursor.take_word("UNSIGNED") {
        data_type.unsigned = true;
    } else if cursor.take_word("ZEROFILL") {
        data_type.unsigned = true;
        data_type.zerofill = true;
    } else if cursor.take_word("ASCII") {
        data_type.charset = Some("latin1".into());
    } else if cursor.take_word("UNICODE") {
        data_type.charset = Some("ucs2".into());
    } else if cursor.take_word("BYTE") {
        data_type.charset = Some("binary".into());
    } else if let Some(choice) = charset::take_choice(cursor)? {
        // A plug-in type or a BLOB stays bytes, whatever collation its expression has.
        if let Some(CharsetChoice::Named(name)) = choice
            && data_type.charset.as_deref() != Some("binary")
        {
            data_type.charset = Some(name);
        }
    } else {
        return Ok(cursor.take_one_of(&["SIGNED", "BINARY"]));
    }
    Ok(true)
}

/// NULL, default and generation.
fn take_value_attribute(cursor: &mut Cursor<'_>, column: &mut ColumnDef) -> Result<bool, Refusal> {
    if cursor.take_words(&["SERIAL", "DEFAULT", "VALUE"]) {
        column.not_null = true;
        column.keys.push(KeyKind::Unique);
    } else if cursor.take_words(&["NOT", "NULL"]) {
        column.not_null = true;
    } else if cursor.take_word("NULL") {
        column.not_null = false;
    } else if cursor.take_word("DEFAULT") {
        column.default = Some(expect_default(cursor)?);
    } else if cursor.take_words(&["ON", "UPDATE"]) {
        if take_now(cursor)?.is_none() {
            return Err(cursor.unexpected("CURRENT_TIMESTAMP"));
        }
    } else if cursor.take_words(&["GENERATED", "ALWAYS"]) || cursor.is_word("AS") {
        cursor.expect_word("AS")?;
        if cursor.take_word("ROW") {
            column.not_null = true;
            column.row_end = cursor.take_word("END");
            if !column.row_end {
                cursor.expect_word("START")?;
            }
        } else {
            cursor.expect_group()?;
            column.generated = Generated::Virtual;
        }
    } else if cursor.take_one_of(&["STORED", "PERSISTENT"]) {
        column.generated = Generated::Stored;
    } else if cursor.take_word("AUTO_INCREMENT") {
        // A NULL counts only behind it.
        column.not_null = true;
    } else {
        return Ok(cursor.take_word("VIRTUAL"));
    }
    Ok(true)
}

fn take_key_attribute(cursor: &mut Cursor<'_>, column: &mut ColumnDef) -> Result<bool, Refusal> {
    if cursor.take_word("UNIQUE") {
        cursor.take_word("KEY");
        column.keys.push(KeyKind::Unique);
        return Ok(true);
    }
    // `KEY` alone means the primary key here.
    let primary = cursor.take_words(&["PRIMARY", "KEY"]) || cursor.take_word("KEY");
    if primary {
        column.keys.push(KeyKind::Primary);
    }
    Ok(primary)
}

/// Checks and references, which change nothing that is tracked.
fn take_constraint(cursor: &mut Cursor<'_>) -> Result<bool, Refusal> {
    let named = take_constraint_name(cursor)?.is_some();
    if cursor.take_word("CHECK") {
        cursor.expect_group()?;
        cursor.take_word("NOT");
        cursor.take_word("ENFORCED");
        return Ok(true);
    }
    if cursor.take_word("REFERENCES") {
        expect_reference(cursor)?;
        return Ok(true);
    }
    Ok(named)
}

fn take_versioning(cursor: &mut Cursor<'_>, column: &mut ColumnDef) -> bool {
    let with = cursor.take_words(&["WITH", "SYSTEM", "VERSIONING"]);
    column.versioned |= with;
    with || cursor.take_words(&["WITHOUT", "SYSTEM", "VERSIONING"])
}

/// Comments, visibility, storage: nothing that is tracked.
fn take_storage_attribute(cursor: &mut Cursor<'_>) -> Result<bool, Refusal> {
    if cursor.take_words(&["NOT", "SECONDARY"]) || cursor.take_one_of(&["VISIBLE", "INVISIBLE"]) {
        return Ok(true);
    }
    let with_value = ["COMMENT", "COLUMN_FORMAT", "STORAGE", "SRID", "ENGINE_ATTRIBUTE", "COMPRESSED"];
    let known =
        with_value.iter().any(|word| cursor.is_word(word)) || cursor.is_word("SECONDARY_ENGINE_ATTRIBUTE");
    let assigned = cursor.peek(1) == Some(&LexemeKind::Symbol('='));
    // Engines of MariaDB add options of their own: `name=value`.
    let option = known || (assigned && cursor.peek_name().is_some());
    if !option {
        return Ok(false);
    }
    let bare = cursor.take_word("COMPRESSED");
    if !bare {
        cursor.next();
    }
    if cursor.take_symbol('=') || !bare {
        cursor.next();
    }
    Ok(true)
}
