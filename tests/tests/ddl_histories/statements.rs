//! One statement by chance: its text, and what it does to the model.

use super::dice::Dice;
use super::model::{Kind, Model, Table};
use change_event::TableName;

/// Few names, so that they come back soon: as a table's, as a view's.
const NAMES: u64 = 5;
const DATABASES: [&str; 2] = ["a", "b"];

/// A statement that a server would take.
pub fn next(dice: &mut Dice, model: &mut Model, with_databases: bool) -> String {
    loop {
        if let Some(statement) = try_next(dice, model, with_databases) {
            return statement;
        }
    }
}

fn try_next(dice: &mut Dice, model: &mut Model, with_databases: bool) -> Option<String> {
    match dice.below(26) {
        0..=3 => create(dice, model),
        4 => replace(dice, model),
        5 => like(dice, model),
        6 | 7 => drop_tables(dice, model),
        8 | 9 => truncate(dice, model),
        10 | 11 => rename(dice, model),
        12 => swap(dice, model),
        13..=17 => alter(dice, model),
        18 => alter_and_rename(dice, model),
        19 | 20 => same_columns(dice, model),
        21 | 22 => create_view(dice, model),
        23 => drop_view(dice, model),
        24 => rename_view(dice, model),
        _ if with_databases => database(dice, model),
        _ => None,
    }
}

fn name(dice: &mut Dice) -> TableName {
    TableName::new(dice.one_of(&DATABASES), format!("t{}", dice.below(NAMES)))
}

fn free(dice: &mut Dice, model: &Model) -> Option<TableName> {
    Some(name(dice)).filter(|name| model.is_free(name))
}

pub fn table(dice: &mut Dice, model: &Model) -> Option<TableName> {
    let names: Vec<&TableName> = model.tables.keys().collect();
    (!names.is_empty()).then(|| dice.one_of(&names).clone())
}

fn columns(dice: &mut Dice) -> Vec<(String, Kind)> {
    let kinds = (0..4).map(|at| (format!("c{at}"), dice.one_of(&[Kind::Number, Kind::Text])));
    let kinds: Vec<_> = kinds.collect();
    kinds.into_iter().filter(|_| dice.once_in(2)).collect()
}

fn definition(table: &Table) -> String {
    let others = table.others().into_iter().map(|(name, kind)| format!(", {name} {}", kind.sql()));
    format!("(id INT PRIMARY KEY{})", others.collect::<String>())
}

fn create(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let name = free(dice, model)?;
    let table = Table::new(columns(dice));
    let text = format!("CREATE TABLE {name} {}", definition(&table));
    model.tables.insert(name, table);
    Some(text)
}

fn replace(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let name = table(dice, model)?;
    let table = Table::new(columns(dice));
    let text = format!("CREATE OR REPLACE TABLE {name} {}", definition(&table));
    model.tables.insert(name, table);
    Some(text)
}

fn like(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let (name, other) = (free(dice, model)?, table(dice, model)?);
    let table = model.tables[&other].emptied();
    let text = format!("CREATE TABLE {name} LIKE {other}");
    model.tables.insert(name, table);
    Some(text)
}

fn drop_tables(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let (one, other) = (table(dice, model)?, name(dice));
    model.tables.remove(&one);
    if dice.once_in(2) {
        return Some(format!("DROP TABLE {one}"));
    }
    // The other may be no table, or a view, which stays.
    model.tables.remove(&other);
    Some(format!("DROP TABLE IF EXISTS {one}, {other}, a.nothing"))
}

fn truncate(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let name = table(dice, model)?;
    model.tables.get_mut(&name)?.rows.clear();
    Some(format!("TRUNCATE TABLE {name}"))
}

fn rename(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let (from, to) = (table(dice, model)?, free(dice, model)?);
    model.rename(&from, &to);
    Some(format!("RENAME TABLE {from} TO {to}"))
}

fn swap(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let (one, other) = (table(dice, model)?, table(dice, model)?);
    let tmp = TableName::new(one.schema.clone(), "tmp");
    if one == other {
        return None;
    }
    model.rename(&one, &tmp);
    model.rename(&other, &one);
    model.rename(&tmp, &other);
    Some(format!("RENAME TABLE {one} TO {tmp}, {other} TO {one}, {tmp} TO {other}"))
}

/// One to three changes of columns, each about a column of before.
fn changes(dice: &mut Dice, table: &mut Table) -> Option<String> {
    let mut touched = Vec::new();
    let mut clauses = Vec::new();
    for _ in 0..=dice.below(3) {
        let column = format!("c{}", dice.below(4));
        let other = format!("c{}", dice.below(4));
        if touched.contains(&column) || touched.contains(&other) || column == other {
            continue;
        }
        match (table.has(&column), table.has(&other)) {
            (true, true) => {
                table.drop_column(&column);
                clauses.push(format!("DROP COLUMN {column}"));
            }
            (true, false) => {
                let kind = table.others().into_iter().find(|(name, _)| *name == column)?.1;
                table.rename_column(&column, &other);
                clauses.push(format!("CHANGE {column} {other} {}", kind.sql()));
            }
            (false, _) => {
                let kind = dice.one_of(&[Kind::Number, Kind::Text]);
                let (behind, place) = match dice.below(3) {
                    0 => (None, "FIRST".to_owned()),
                    1 => (Some("id".to_owned()), "AFTER id".to_owned()),
                    _ => (table.columns.last().map(|(name, _)| name.clone()), String::new()),
                };
                table.add(&column, kind, behind.as_deref());
                clauses.push(format!("ADD COLUMN {column} {} {place}", kind.sql()));
            }
        }
        touched.extend([column, other]);
        // Positions are by the columns of after, drops and renames come first: one kind of change a statement.
        if clauses.len() == 1 && dice.once_in(2) {
            break;
        }
        if !clauses.iter().all(|clause| clause.starts_with(&clauses[0][..4])) {
            return None;
        }
    }
    (!clauses.is_empty()).then(|| clauses.join(", "))
}

fn alter(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let name = table(dice, model)?;
    let mut table = model.tables[&name].clone();
    let clauses = changes(dice, &mut table)?;
    model.tables.insert(name.clone(), table);
    Some(format!("ALTER TABLE {name} {clauses}"))
}

fn alter_and_rename(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let to = free(dice, model)?;
    let name = table(dice, model)?;
    let mut table = model.tables[&name].clone();
    let clauses = changes(dice, &mut table)?;
    model.tables.remove(&name);
    model.tables.insert(to.clone(), table);
    Some(format!("ALTER TABLE {name} {clauses}, RENAME TO {to}"))
}

/// What leaves columns and rows as they are.
fn same_columns(dice: &mut Dice, model: &Model) -> Option<String> {
    let name = table(dice, model)?;
    let number = dice.below(100);
    Some(dice.one_of(&[
        format!("ALTER TABLE {name} ADD INDEX i{number} (id)"),
        format!("CREATE INDEX i{number} ON {name} (id)"),
        format!("DROP INDEX i{number} ON {name}"),
        format!("ALTER TABLE {name} COMMENT = 'number {number}'"),
        format!("ALTER TABLE {name} ADD CONSTRAINT k{number} CHECK (id < {number})"),
        format!("ALTER TABLE {name} PARTITION BY HASH (id) PARTITIONS 3"),
        format!("ALTER TABLE {name} COALESCE PARTITION 1"),
        format!("ALTER TABLE {name} REMOVE PARTITIONING"),
        format!("ALTER TABLE {name} AUTO_INCREMENT = {number}"),
        format!("ALTER DATABASE {} CHARACTER SET utf8mb4", name.schema),
    ]))
}

fn create_view(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let name = name(dice);
    let is_there = model.views.contains(&name);
    if !is_there && !model.is_free(&name) {
        return None;
    }
    let of = table(dice, model).map_or_else(String::new, |table| format!(" FROM {table}"));
    let how = match is_there {
        false => "CREATE",
        true => dice.one_of(&["CREATE OR REPLACE", "ALTER"]),
    };
    model.views.insert(name.clone());
    let columns = dice.one_of(&["1 AS id", "1", "2 AS c0, 3 AS c1"]);
    Some(format!("{how} SQL SECURITY INVOKER VIEW {name} AS SELECT {columns}{of}"))
}

fn view(dice: &mut Dice, model: &Model) -> Option<TableName> {
    let views: Vec<&TableName> = model.views.iter().collect();
    (!views.is_empty()).then(|| dice.one_of(&views).clone())
}

fn drop_view(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let (one, other) = (view(dice, model)?, view(dice, model)?);
    model.views.remove(&one);
    if one == other {
        return Some(format!("DROP VIEW {one}"));
    }
    model.views.remove(&other);
    Some(format!("DROP VIEW IF EXISTS {one}, b.nothing, {other}"))
}

fn rename_view(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let from = view(dice, model)?;
    let to = free(dice, model).filter(|to| to.schema == from.schema)?;
    model.views.remove(&from);
    model.views.insert(to.clone());
    Some(format!("RENAME TABLE {from} TO {to}"))
}

fn database(dice: &mut Dice, model: &mut Model) -> Option<String> {
    let database = dice.one_of(&DATABASES);
    if model.databases.insert(database.to_owned()) {
        return Some(format!("CREATE DATABASE {database}"));
    }
    dice.once_in(3).then(|| {
        model.drop_database(database);
        format!("DROP DATABASE {database}")
    })
}
