//! The tables, and what is written into them.

use super::Dice;

/// Every database that is written to. `scratch` comes and goes.
pub const DATABASES: [&str; 3] = ["shop", "ware", "scratch"];

pub(super) const CREATE: [&str; 10] = [
    "CREATE DATABASE shop CHARACTER SET utf8mb4",
    "CREATE DATABASE ware CHARACTER SET latin1",
    "CREATE DATABASE scratch",
    "CREATE TABLE shop.items (id INT PRIMARY KEY, label VARCHAR(60), price DECIMAL(10,2), note TEXT,
        made DATETIME(6), weight DOUBLE, raw VARBINARY(40), kind ENUM('a', 'b,c', 'd\"e'))",
    "CREATE TABLE shop.item_lines (item BIGINT UNSIGNED, line SMALLINT, text VARCHAR(80), PRIMARY KEY (item, line))",
    "CREATE TABLE ware.stock (sku VARCHAR(20) PRIMARY KEY, quantity INT NOT NULL, place VARCHAR(20))",
    // No key, and rows that are equal.
    "CREATE TABLE ware.log (what VARCHAR(40), level TINYINT)",
    "CREATE TABLE shop.fleeting (id INT PRIMARY KEY, note VARCHAR(40))",
    "CREATE TABLE shop.moving (id INT PRIMARY KEY, note VARCHAR(40))",
    "CREATE TABLE shop.other (id INT PRIMARY KEY, note VARCHAR(40))",
];

/// Texts that a format may stumble over, as SQL.
pub(super) fn text(dice: &mut Dice) -> &'static str {
    dice.one_of(&TEXTS)
}

const TEXTS: [&str; 11] = [
    "NULL",
    "''",
    "'plain'",
    "'a,b'",
    "'a \"quoted\" word'",
    "'it''s'",
    "'back\\\\slash'",
    "'line\\r\\nfeed'",
    "'\\\\N'",
    "'Grüße, 你好 😀'",
    "'  spaces '",
];
