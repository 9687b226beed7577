//! What a transaction does, by chance.

use crate::dice::Dice;
use crate::tables::{Domain, LASTING, MARKS, TABLES, Table};

/// Short ones first. A reader that cuts the others at a blank or a quote takes one for another. Which of the last are one is
/// the server's to say.
const SAVEPOINTS: [&str; 12] =
    ["a", "B", "sp2", "`a b`", "`a c`", "`b``b`", "`to savepoint a`", "A", "`a `", "ä", "s", "ß"];

/// What ends no transaction and changes no row, but makes servers log savepoints that they forget otherwise.
const PASSING: [&str; 2] = [
    "CREATE TEMPORARY TABLE IF NOT EXISTS passing (id INT PRIMARY KEY)",
    "DROP TEMPORARY TABLE IF EXISTS passing",
];

/// Tables whose first column is a small number: they can be joined.
const JOINED: [&str; 7] = ["int_pk", "parted", "pair_pk", "with_uk", "only_uk", "keyless", "lasting"];

/// The statements of the next transaction. Tables that have become too big are made smaller first.
pub fn next(dice: &mut Dice, number: u64, crowded: &[&Table]) -> Vec<String> {
    let mark = format!("INSERT INTO {MARKS} VALUES ({number})");
    let mut script: Vec<String> = crowded
        .iter()
        .map(|table| format!("DELETE FROM {} ORDER BY {} DESC LIMIT 8", table.name, table.columns[0].0))
        .collect();
    if dice.once_in(8) {
        // Every statement is its own transaction.
        (0..=dice.below(2)).for_each(|_| change(dice, &mut script));
        script.push(mark);
        return script;
    }
    script.push(dice.one_of(&["BEGIN", "START TRANSACTION"]).to_owned());
    let mark_first = dice.once_in(2);
    if mark_first {
        script.push(mark.clone());
    }
    for _ in 0..=dice.below(6) {
        if dice.once_in(4) {
            script.push(savepoint(dice));
        } else if dice.once_in(4) {
            nested(dice, &mut script);
        } else {
            change(dice, &mut script);
        }
    }
    if !mark_first {
        script.push(mark);
    }
    script.push(if dice.once_in(8) { "ROLLBACK" } else { "COMMIT" }.to_owned());
    script
}

fn name(dice: &mut Dice) -> &'static str {
    dice.one_of(&SAVEPOINTS)
}

/// Changes under one savepoint and another, back to one of them, and on: in a transaction whose savepoints are logged.
fn nested(dice: &mut Dice, script: &mut Vec<String>) {
    let (one, other) = (name(dice), name(dice));
    script.push(dice.one_of(&PASSING).to_owned());
    for name in [one, other] {
        script.push(format!("SAVEPOINT {name}"));
        change(dice, script);
    }
    script.push(format!("ROLLBACK TO {}", dice.one_of(&[one, other])));
    change(dice, script);
}

fn savepoint(dice: &mut Dice) -> String {
    let name = name(dice);
    let word =
        dice.one_of(&["SAVEPOINT", "SAVEPOINT", "ROLLBACK TO", "ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT"]);
    format!("{word} {name}")
}

/// Adds one change: mostly one statement, sometimes several that belong together.
fn change(dice: &mut Dice, script: &mut Vec<String>) {
    let table = if dice.once_in(6) { LASTING } else { &TABLES[dice.below(TABLES.len() as u64) as usize] };
    let (name, list) = (table.name, table.list());
    let (key, domain) = table.columns[0];
    let statement = match dice.below(16) {
        0..=2 => format!("INSERT INTO {name} {list} VALUES {}", table.rows(dice, 3)),
        3 => format!("INSERT IGNORE INTO {name} {list} VALUES {}", table.rows(dice, 3)),
        4 | 5 => format!("REPLACE INTO {name} {list} VALUES {}", table.rows(dice, 2)),
        6 => {
            let rows = table.rows(dice, 3);
            format!(
                "INSERT INTO {name} {list} VALUES {rows} ON DUPLICATE KEY UPDATE {}",
                assignment(dice, table)
            )
        }
        7 => copied(dice, table),
        8 | 9 => format!("UPDATE {name} SET {} WHERE {}", assignment(dice, table), condition(dice, table)),
        10 => shifted(dice, table),
        11 => return moved_on(dice, table, script),
        12 => return traded(dice, table, script),
        13 => format!("DELETE FROM {name} WHERE {}", condition(dice, table)),
        14 => joined(dice),
        _ => format!("DELETE FROM {name} WHERE {key} = {} LIMIT 1", domain.literal(dice)),
    };
    script.push(statement);
}

fn column(dice: &mut Dice, table: &Table) -> (&'static str, Domain) {
    dice.one_of(table.columns)
}

fn assignment(dice: &mut Dice, table: &Table) -> String {
    let (name, domain) = column(dice, table);
    match dice.once_in(2) {
        true => format!("{name} = {}", domain.literal(dice)),
        false => format!("{name} = {}", domain.near(name, dice.once_in(2))),
    }
}

fn condition(dice: &mut Dice, table: &Table) -> String {
    let (name, domain) = column(dice, table);
    match dice.below(5) {
        0 => format!("{name} >= {}", domain.literal(dice)),
        1 => format!("{name} IN ({}, {})", domain.literal(dice), domain.spare()),
        2 => format!("{name} IS NULL OR {name} < {}", domain.literal(dice)),
        _ => format!("{name} = {}", domain.literal(dice)),
    }
}

/// Rows of the table, or of another one like it, come again a little changed.
fn copied(dice: &mut Dice, table: &Table) -> String {
    let (first, domain) = table.columns[0];
    let near = domain.near(first, dice.once_in(2));
    let rest: String = table.columns[1..].iter().map(|(name, _)| format!(", {name}")).collect();
    let like: Vec<&Table> = TABLES.iter().filter(|other| other.list() == table.list()).collect();
    let from = dice.one_of(&like);
    let condition = condition(dice, from);
    format!(
        "INSERT INTO {} {} SELECT {near}{rest} FROM {} WHERE {condition}",
        table.name,
        table.list(),
        from.name
    )
}

/// Many rows move by one, in an order in which they may not meet.
fn shifted(dice: &mut Dice, table: &Table) -> String {
    let (column, domain) = column(dice, table);
    let up = dice.once_in(2);
    let order = dice.one_of(&["DESC", "ASC"]);
    let limit = if dice.once_in(4) { " LIMIT 2" } else { "" };
    format!(
        "UPDATE {} SET {column} = {} ORDER BY {column} {order}{limit}",
        table.name,
        domain.near(column, up)
    )
}

/// One row takes key after key, and is changed or deleted under the last.
fn moved_on(dice: &mut Dice, table: &Table, script: &mut Vec<String>) {
    let (key, domain) = table.columns[0];
    let name = table.name;
    let mut at = domain.literal(dice);
    for _ in 0..=dice.below(3) {
        let to = domain.literal(dice);
        script.push(format!("UPDATE {name} SET {key} = {to} WHERE {key} = {at}"));
        at = to;
    }
    script.push(match dice.once_in(2) {
        true => format!("UPDATE {name} SET {} WHERE {key} = {at}", assignment(dice, table)),
        false => format!("DELETE FROM {name} WHERE {key} = {at}"),
    });
}

/// Two rows trade a value through a spare one.
fn traded(dice: &mut Dice, table: &Table, script: &mut Vec<String>) {
    let (column, domain) = column(dice, table);
    let (one, other, spare) = (domain.literal(dice), domain.literal(dice), domain.spare());
    for (from, to) in [(one.as_str(), spare), (&other, &one), (spare, &other)] {
        script.push(format!("UPDATE {} SET {column} = {to} WHERE {column} = {from}", table.name));
    }
}

/// One statement changes two tables.
fn joined(dice: &mut Dice) -> String {
    let named = |name| TABLES.iter().find(|table| table.name == name).expect("it is one of the tables");
    let one = dice.below(JOINED.len() as u64);
    let other = (one + 1 + dice.below(JOINED.len() as u64 - 1)) % JOINED.len() as u64;
    let [one, other] = [one, other].map(|at| named(JOINED[at as usize]));
    let both = format!(
        "{} AS x JOIN {} AS y ON x.{} = y.{}",
        one.name, other.name, one.columns[0].0, other.columns[0].0
    );
    if dice.once_in(3) {
        return format!("DELETE x, y FROM {both} WHERE x.{} = {}", one.columns[0].0, 1 + dice.below(5));
    }
    let mut set = |alias: &str, table: &Table| {
        let (column, domain) = column(dice, table);
        let near = domain.near(&format!("{alias}.{column}"), dice.once_in(2));
        format!("{alias}.{column} = {near}")
    };
    let (x, y) = (set("x", one), set("y", other));
    let condition =
        if dice.once_in(2) { String::new() } else { format!(" WHERE x.v = {}", 1 + dice.below(5)) };
    format!("UPDATE {both} SET {x}, {y}{condition}")
}
