//! The DDLs between the transactions.

use super::Dice;

/// The next one. The server refuses some of them, as the tables are in that moment; and some change nothing.
pub(super) fn next(dice: &mut Dice, number: u64) -> String {
    let (column, table) = (dice.below(3), dice.below(3));
    let statements = [
        format!("ALTER TABLE shop.items ADD COLUMN c{column} INT DEFAULT 7"),
        format!("ALTER TABLE shop.items ADD COLUMN IF NOT EXISTS c{column} VARCHAR(20) AFTER id"),
        format!("ALTER TABLE shop.items DROP COLUMN c{column}"),
        format!("ALTER TABLE shop.items DROP COLUMN IF EXISTS c{column}"),
        "ALTER TABLE shop.items MODIFY COLUMN label VARCHAR(120), ADD INDEX by_price (price)".to_owned(),
        "ALTER TABLE shop.items MODIFY COLUMN price DECIMAL(14,2) AFTER note, DROP INDEX by_price".to_owned(),
        "ALTER TABLE shop.items RENAME COLUMN label TO title".to_owned(),
        "ALTER TABLE shop.items CHANGE COLUMN title label VARCHAR(60)".to_owned(),
        "TRUNCATE TABLE shop.fleeting".to_owned(),
        "RENAME TABLE shop.moving TO ware.moved".to_owned(),
        "ALTER TABLE ware.moved RENAME TO shop.moving".to_owned(),
        "RENAME TABLE shop.moving TO shop.holding, shop.other TO shop.moving, shop.holding TO shop.other"
            .to_owned(),
        "DROP DATABASE IF EXISTS scratch".to_owned(),
        "CREATE DATABASE IF NOT EXISTS scratch".to_owned(),
        format!("CREATE TABLE IF NOT EXISTS scratch.t{table} (id INT PRIMARY KEY, note VARCHAR(30))"),
        format!("CREATE TABLE IF NOT EXISTS scratch.t{table} LIKE shop.other"),
        format!("CREATE OR REPLACE TABLE scratch.t{table} (id BIGINT PRIMARY KEY, note TEXT, more INT)"),
        format!("DROP TABLE IF EXISTS scratch.t{table}"),
        format!("CREATE TABLE scratch.copy{number} AS SELECT * FROM ware.stock"),
    ];
    dice.one_of(&statements)
}
