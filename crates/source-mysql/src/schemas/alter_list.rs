//! Reads the changes that one ALTER TABLE lists.

use super::alter_spec::{AlterSpec, Position};
use super::charset::{CharsetChoice, expect_charset};
use super::column_def::expect_column;
use super::cursor::Cursor;
use super::default_value::expect_default;
use super::key_def::{self, Definition};
use super::refusal::Refusal;
use super::table_option;
use change_event::DdlKind;

/// Reads the list to the end of the statement. What only says how to do it (`ALGORITHM=…`) is not in it.
pub(super) fn expect_specs(cursor: &mut Cursor<'_>) -> Result<Vec<AlterSpec>, Refusal> {
    let mut specs = Vec::new();
    // The comma before the clause at hand.
    let mut comma = None;
    while !cursor.at_end() {
        let (start, before) = (cursor.here(), specs.len());
        expect_spec(cursor, &mut specs)?;
        let end = cursor.behind();
        let next = cursor.here();
        let next_comma = cursor.take_symbol(',').then_some(next);
        if matches!(specs[before..], [AlterSpec::RenameTable(_)]) {
            let cut = match (next_comma, comma) {
                (Some(_), _) => start..cursor.here(),
                (None, Some(comma)) => comma..end,
                (None, None) => start..end,
            };
            cursor.renames.replace(cut, "");
        }
        comma = next_comma;
    }
    Ok(specs)
}

fn expect_spec(cursor: &mut Cursor<'_>, specs: &mut Vec<AlterSpec>) -> Result<(), Refusal> {
    if cursor.take_word("ADD") {
        return expect_add(cursor, specs);
    }
    let spec = if cursor.take_word("DROP") {
        expect_drop(cursor)?
    } else if cursor.take_word("MODIFY") {
        cursor.take_word("COLUMN");
        let if_exists = cursor.take_if_exists();
        let column = expect_column(cursor)?;
        let position = take_position(cursor)?;
        AlterSpec::ModifyColumn { old: column.name.clone(), column, position, if_exists }
    } else if cursor.take_word("CHANGE") {
        cursor.take_word("COLUMN");
        let if_exists = cursor.take_if_exists();
        let old = cursor.expect_column_name()?;
        let column = expect_column(cursor)?;
        AlterSpec::ModifyColumn { old, column, position: take_position(cursor)?, if_exists }
    } else if cursor.take_word("RENAME") {
        expect_rename(cursor)?
    } else if cursor.take_word("ALTER") {
        expect_alter(cursor)?
    } else if cursor.take_words(&["CONVERT", "TO"]) {
        let choice = expect_charset(cursor)?.map(|choice| match choice {
            // MySQL means the database in use, MariaDB that of the table.
            CharsetChoice::Default if !cursor.dialect().mariadb => {
                CharsetChoice::Named(cursor.default_charset().to_owned())
            }
            choice => choice,
        });
        AlterSpec::ConvertTo(choice.ok_or(Refusal::Unfollowed("a collation that serves several charsets"))?)
    } else {
        return table_option::expect_option(cursor, specs);
    };
    specs.push(spec);
    Ok(())
}

fn take_position(cursor: &mut Cursor<'_>) -> Result<Position, Refusal> {
    if cursor.take_word("FIRST") {
        return Ok(Position::First);
    }
    if cursor.take_word("AFTER") {
        return cursor.expect_name("a column name").map(Position::After);
    }
    Ok(Position::Unsaid)
}

fn expect_add(cursor: &mut Cursor<'_>, specs: &mut Vec<AlterSpec>) -> Result<(), Refusal> {
    if cursor.take_word("PARTITION") {
        cursor.skip_rest();
        specs.push(AlterSpec::Other(DdlKind::AddPartition));
        return Ok(());
    }
    if cursor.take_words(&["SYSTEM", "VERSIONING"]) {
        specs.push(AlterSpec::SystemVersioning(true));
        return Ok(());
    }
    if key_def::begins(cursor) {
        specs.push(expect_definition(cursor)?);
        return Ok(());
    }
    cursor.take_word("COLUMN");
    let if_not_exists = cursor.take_if_not_exists();
    if !cursor.take_symbol('(') {
        let column = expect_column(cursor)?;
        let position = take_position(cursor)?;
        specs.push(AlterSpec::AddColumn { column, position, if_not_exists });
        return Ok(());
    }
    loop {
        let spec = if key_def::begins(cursor) {
            expect_definition(cursor)?
        } else {
            let column = expect_column(cursor)?;
            AlterSpec::AddColumn { column, position: Position::Unsaid, if_not_exists }
        };
        specs.push(spec);
        if !cursor.take_symbol(',') {
            return cursor.expect_symbol(')');
        }
    }
}

fn expect_definition(cursor: &mut Cursor<'_>) -> Result<AlterSpec, Refusal> {
    Ok(match key_def::expect_definition(cursor)? {
        Definition::Key(key) => AlterSpec::AddKey(key),
        Definition::ForeignKey => AlterSpec::Other(DdlKind::AddForeignKey),
        Definition::Check => AlterSpec::Other(DdlKind::AddCheckConstraint),
        Definition::Period(period) => AlterSpec::AddPeriod(period),
    })
}

fn expect_drop(cursor: &mut Cursor<'_>) -> Result<AlterSpec, Refusal> {
    if cursor.take_words(&["PRIMARY", "KEY"]) {
        return Ok(AlterSpec::DropKey { name: "PRIMARY".into(), if_exists: false });
    }
    if cursor.take_one_of(&["KEY", "INDEX"]) {
        let if_exists = cursor.take_if_exists();
        return Ok(AlterSpec::DropKey { name: cursor.expect_name("a key name")?, if_exists });
    }
    if cursor.take_words(&["FOREIGN", "KEY"]) {
        cursor.skip_clause()?;
        return Ok(AlterSpec::Other(DdlKind::DropForeignKey));
    }
    if cursor.take_word("CHECK") {
        cursor.skip_clause()?;
        return Ok(AlterSpec::Other(DdlKind::DropCheckConstraint));
    }
    if cursor.take_word("CONSTRAINT") {
        cursor.take_if_exists();
        return Ok(AlterSpec::DropConstraint { name: cursor.expect_name("a constraint name")? });
    }
    if cursor.take_word("PARTITION") {
        cursor.skip_rest();
        return Ok(AlterSpec::Other(DdlKind::DropPartition));
    }
    if cursor.take_words(&["SYSTEM", "VERSIONING"]) {
        return Ok(AlterSpec::SystemVersioning(false));
    }
    if key_def::begins_period(cursor) {
        cursor.next();
        cursor.take_if_exists();
        cursor.expect_word("FOR")?;
        return Ok(AlterSpec::DropPeriod(cursor.expect_name("a period")?));
    }
    cursor.take_word("COLUMN");
    let if_exists = cursor.take_if_exists();
    let name = cursor.expect_column_name()?;
    cursor.take_one_of(&["RESTRICT", "CASCADE"]);
    Ok(AlterSpec::DropColumn { name, if_exists })
}

fn expect_rename(cursor: &mut Cursor<'_>) -> Result<AlterSpec, Refusal> {
    let column = cursor.take_word("COLUMN");
    if column || cursor.take_one_of(&["KEY", "INDEX"]) {
        let if_exists = cursor.take_if_exists();
        let from = cursor.expect_name("the old name")?;
        cursor.expect_word("TO")?;
        let to = cursor.expect_name("the new name")?;
        return Ok(if column {
            AlterSpec::RenameColumn { from, to, if_exists }
        } else {
            AlterSpec::RenameKey { from, to, if_exists }
        });
    }
    if !cursor.take_one_of(&["TO", "AS"]) {
        cursor.take_symbol('=');
    }
    cursor.expect_table().map(AlterSpec::RenameTable)
}

fn expect_alter(cursor: &mut Cursor<'_>) -> Result<AlterSpec, Refusal> {
    if cursor.take_one_of(&["INDEX", "KEY"]) {
        cursor.skip_clause()?;
        return Ok(AlterSpec::Other(DdlKind::AlterIndexVisibility));
    }
    if cursor.take_one_of(&["CHECK", "CONSTRAINT"]) {
        cursor.skip_clause()?;
        return Ok(AlterSpec::Other(DdlKind::AlterCheckConstraint));
    }
    cursor.take_word("COLUMN");
    let if_exists = cursor.take_if_exists();
    let column = cursor.expect_column_name()?;
    if cursor.take_words(&["DROP", "DEFAULT"]) {
        return Ok(AlterSpec::SetDefault { column, default: None, if_exists });
    }
    if cursor.take_words(&["SET", "DEFAULT"]) {
        let default = Some(expect_default(cursor)?);
        return Ok(AlterSpec::SetDefault { column, default, if_exists });
    }
    if cursor.take_words(&["SET", "VISIBLE"]) || cursor.take_words(&["SET", "INVISIBLE"]) {
        return Ok(AlterSpec::Other(DdlKind::ModifyColumn));
    }
    Err(cursor.unexpected("SET DEFAULT or DROP DEFAULT"))
}
