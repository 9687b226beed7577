//! DDLs and rows in random order, over a few tables that are created, changed, partitioned, exchanged, renamed, swapped and
//! dropped, views of them, and a database that comes and goes.
//!
//! Tables are `t0` to `t3` in two databases, columns `c0` to `c4`; views are `v0` to `v2`, or take a table's name; `q0`
//! and `q1` are sequences, tables and views in turn: few names, so that they come back soon. What the server refuses is in no log,
//! and counts for nothing.

use super::super::dice::Dice;

/// The databases of one round.
pub fn databases(round: usize) -> [String; 2] {
    [format!("mixed_{round}"), format!("mixed_{round}_too")]
}

/// The next statement, for a session that uses one of these databases.
pub fn next(dice: &mut Dice, databases: &[String; 2], server_is_mariadb: bool) -> String {
    let statement = if dice.once_in(3) { ddl(dice, server_is_mariadb) } else { rows(dice) };
    statement.replace("{a}", &databases[0]).replace("{b}", &databases[1])
}

/// A table, qualified or in the database in use.
fn table(dice: &mut Dice) -> String {
    let name = format!("t{}", dice.below(4));
    match dice.below(4) {
        0 => format!("{{a}}.{name}"),
        1 => format!("`{{b}}`.`{name}`"),
        _ => name,
    }
}

/// A view, or what may be a table's name.
fn view(dice: &mut Dice) -> String {
    let name = if dice.once_in(3) { table(dice) } else { format!("v{}", dice.below(3)) };
    if name.contains('.') || dice.once_in(2) { name } else { format!("{{b}}.{name}") }
}

fn column(dice: &mut Dice) -> String {
    format!("c{}", dice.below(5))
}

fn rows(dice: &mut Dice) -> String {
    let (table, id, value) = (table(dice), dice.below(40), dice.below(1000));
    let column = column(dice);
    match dice.below(8) {
        0..=3 => format!("REPLACE INTO {table} (id) VALUES ({id}), ({id} + 1), ({id} + 2)"),
        4 => format!("UPDATE {table} SET {column} = {value} WHERE id > {id}"),
        5 => format!("UPDATE {table} SET id = id + 100 WHERE id = {id}"),
        6 => format!("DELETE FROM {table} WHERE id BETWEEN {id} AND {id} + 5"),
        _ => format!("INSERT IGNORE INTO {table} (id, {column}) VALUES ({id}, '{value}')"),
    }
}

/// The partitions of a table.
const RANGES: &str = "PARTITION p0 VALUES LESS THAN (20), PARTITION p1 VALUES LESS THAN (1000)";

fn ddl(dice: &mut Dice, server_is_mariadb: bool) -> String {
    let (one, other, third) = (table(dice), table(dice), table(dice));
    let (column, second) = (column(dice), column(dice));
    let number = dice.below(100);
    let part = dice.one_of(&["p0", "p1", "p2"]);
    let (seen, seen_too) = (view(dice), view(dice));
    // Sequences, tables and views in turn, which no view looks at: a sequence is in no bucket.
    let own = format!("q{}", number % 2);
    let every = [
        format!("CREATE TABLE {one} (id INT PRIMARY KEY, c0 INT, c1 VARCHAR(20) DEFAULT 'it''s {number}')"),
        format!("CREATE TABLE IF NOT EXISTS {one} (id BIGINT PRIMARY KEY, c1 INT, c2 TEXT, KEY k (c1))"),
        format!("CREATE TABLE {one} (id INT, c0 INT)"),
        format!("CREATE TABLE {one} LIKE {other}"),
        format!("CREATE TABLE IF NOT EXISTS {one} LIKE {other}"),
        format!("CREATE TABLE {one} (PRIMARY KEY (id)) AS SELECT * FROM {other}"),
        format!("ALTER TABLE {one} ADD COLUMN {column} INT DEFAULT {number}"),
        format!("ALTER TABLE {one} ADD {column} VARCHAR(20) FIRST, ADD {second} BIGINT AFTER id"),
        format!("ALTER TABLE {one} DROP COLUMN {column}"),
        format!("ALTER TABLE {one} MODIFY {column} VARCHAR(30) DEFAULT 'm' AFTER id"),
        format!("ALTER TABLE {one} CHANGE {column} {second} VARCHAR(40)"),
        format!("ALTER TABLE {one} ADD INDEX i{number} ({column}), COMMENT = 'number {number}'"),
        format!("CREATE INDEX k ON {one} ({column})"),
        format!("DROP INDEX k ON {one}"),
        format!("ALTER TABLE {one} DROP PRIMARY KEY"),
        format!("ALTER TABLE {one} ADD PRIMARY KEY (id)"),
        format!("ALTER TABLE {one} RENAME TO {other}"),
        format!("ALTER TABLE {one} ADD {column} INT, RENAME TO {other}"),
        format!("RENAME TABLE {one} TO {other}"),
        format!("RENAME TABLE {one} TO {{a}}.tmp, {other} TO {one}, {{a}}.tmp TO {other}"),
        format!("RENAME TABLE {one} TO {other}, {third} TO {one}"),
        format!("TRUNCATE TABLE {one}"),
        format!("DROP TABLE {one}"),
        format!("DROP TABLE IF EXISTS {one}, {other}"),
        // All of one database, which is there then: of a missing one in a missing database no consumer can be told.
        format!("DROP TABLE t{}, t{}, t{}", number % 4, number % 3, number / 25),
        format!("ALTER TABLE {one} ALTER {column} SET DEFAULT {number}"),
        format!("ALTER TABLE {one} CONVERT TO CHARACTER SET utf8mb4"),
        format!("ALTER TABLE {one} PARTITION BY HASH (id) PARTITIONS 3"),
        format!("ALTER TABLE {one} REMOVE PARTITIONING"),
        format!("CREATE TABLE {one} (id INT PRIMARY KEY, c0 INT) PARTITION BY RANGE (id) ({RANGES})"),
        format!("ALTER TABLE {one} PARTITION BY RANGE (id) ({RANGES})"),
        format!("ALTER TABLE {one} ADD PARTITION (PARTITION p2 VALUES LESS THAN (2000))"),
        format!("ALTER TABLE {one} DROP PARTITION {part}"),
        format!("ALTER TABLE {one} TRUNCATE PARTITION {part}"),
        format!(
            "ALTER TABLE {one} REORGANIZE PARTITION p1 INTO (PARTITION p{number} VALUES LESS THAN (50), PARTITION p1 VALUES LESS THAN (1000))"
        ),
        format!("ALTER TABLE {one} COALESCE PARTITION 1"),
        format!("ALTER TABLE {one} EXCHANGE PARTITION {part} WITH TABLE {other}"),
        format!("CREATE VIEW {seen} AS SELECT id, {column} FROM {one}"),
        format!("CREATE VIEW {seen} (a, b) AS SELECT * FROM {one}"),
        format!(
            "CREATE OR REPLACE VIEW {seen} AS SELECT o.id AS x FROM {one} o JOIN {other} AS p USING (id), {third} WHERE o.id IN (SELECT id FROM {third})"
        ),
        format!(
            "CREATE OR REPLACE SQL SECURITY INVOKER VIEW {seen} AS SELECT {number} AS n UNION SELECT count(*) FROM {seen_too}"
        ),
        format!("ALTER VIEW {seen} AS SELECT max(id) AS m FROM {one}"),
        format!("RENAME TABLE {seen} TO {seen_too}"),
        format!("DROP VIEW {seen}"),
        format!("DROP VIEW IF EXISTS {seen}, {seen_too}"),
        format!("DROP TABLE IF EXISTS {seen}, {one}"),
        "DROP DATABASE {b}".to_owned(),
        "CREATE DATABASE {b}".to_owned(),
        "CREATE DATABASE IF NOT EXISTS {b}".to_owned(),
        format!("ALTER DATABASE {{a}} CHARACTER SET {}", dice.one_of(&["latin1", "utf8mb4"])),
        format!("USE {}", dice.one_of(&["{a}", "{b}"])),
        format!("CREATE VIEW {one} AS SELECT 1 AS id"),
        format!("DROP VIEW IF EXISTS {one}, {other}"),
    ];
    // With tables by chance, the reverse of CONVERT PARTITION ends MariaDB 10.11 by a signal, and an IF NOT EXISTS view of a
    // table of its own name never ends.
    let of_mariadb = [
        format!("CREATE OR REPLACE TABLE {one} (id INT PRIMARY KEY, c3 INT, c4 DECIMAL(9, 2))"),
        format!("CREATE OR REPLACE TABLE {one} LIKE {other}"),
        format!("ALTER TABLE {one} CONVERT PARTITION {part} TO TABLE {other}"),
        format!("CREATE VIEW IF NOT EXISTS v{} AS SELECT id FROM {one}", number % 3),
        format!("CREATE VIEW IF NOT EXISTS {one} AS SELECT 2 AS id"),
        format!("CREATE SEQUENCE {own}"),
        format!("CREATE OR REPLACE SEQUENCE {own}"),
        format!("DROP SEQUENCE IF EXISTS {own}, {other}"),
        format!("SELECT NEXT VALUE FOR {own}"),
        format!("CREATE VIEW IF NOT EXISTS {own} AS SELECT 2 AS id"),
        format!("DROP VIEW IF EXISTS {own}, {other}"),
        format!("CREATE TABLE IF NOT EXISTS {own} (id INT PRIMARY KEY)"),
        format!("CREATE OR REPLACE TABLE {own} (id INT PRIMARY KEY, c1 INT)"),
        format!("REPLACE INTO {own} (id) VALUES ({number}), ({number} + 1)"),
        format!("DROP TABLE IF EXISTS {own}, {other}"),
        format!("ALTER TABLE {one} ADD COLUMN IF NOT EXISTS {column} INT, DROP COLUMN IF EXISTS {second}"),
        format!("RENAME TABLE IF EXISTS {one} TO {other}, {third} TO {one}"),
        format!("ALTER TABLE IF EXISTS {one} RENAME COLUMN {column} TO {second}, RENAME TO {other}"),
    ];
    let known = if server_is_mariadb { every.iter().chain(&of_mariadb) } else { every.iter().chain(&[]) };
    let known: Vec<String> = known.cloned().collect();
    dice.one_of(&known)
}
