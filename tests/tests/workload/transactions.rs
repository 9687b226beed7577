//! What one client does in one transaction.

use super::Dice;
use super::tables::text;

/// Ids of one client are its own; updates and deletes reach for those of all.
const IDS: u64 = 1_000_000;

/// The statements of a client's next transaction.
pub(super) fn next(dice: &mut Dice, writer: u64, number: u64) -> Vec<String> {
    let id = writer * IDS + number * 8;
    let any = dice.below(4) * IDS + dice.below(number.max(1)) * 8;
    let end = if dice.once_in(6) { "ROLLBACK" } else { "COMMIT" };
    match dice.below(9) {
        0 | 1 => {
            let mut statements = vec!["BEGIN".to_owned(), item(dice, id)];
            statements
                .extend((0..=dice.below(3)).map(|line| {
                    format!("INSERT INTO shop.item_lines VALUES ({id}, {line}, {})", text(dice))
                }));
            statements.push(stock(dice));
            statements.push(end.to_owned());
            statements
        }
        2 => vec![
            "BEGIN".to_owned(),
            format!("UPDATE shop.items SET note = {} WHERE id BETWEEN {any} AND {any} + 40", text(dice)),
            format!("UPDATE shop.item_lines SET text = {} WHERE item = {any}", text(dice)),
            end.to_owned(),
        ],
        // Keys change, one row and many.
        3 => vec![format!("UPDATE shop.items SET id = id + 100000000 WHERE id = {any}")],
        4 => vec![
            "BEGIN".to_owned(),
            format!("UPDATE shop.item_lines SET line = line + 10 WHERE item = {any} ORDER BY line DESC"),
            format!("DELETE FROM shop.items WHERE id BETWEEN {any} AND {any} + 8"),
            end.to_owned(),
        ],
        5 => vec![
            "BEGIN".to_owned(),
            log(dice),
            "SAVEPOINT half".to_owned(),
            stock(dice),
            "ROLLBACK TO SAVEPOINT half".to_owned(),
            "DELETE FROM ware.log LIMIT 2".to_owned(),
            end.to_owned(),
        ],
        6 => vec![item(dice, id)],
        7 => {
            let table = dice.one_of(&["shop.fleeting", "shop.moving", "ware.moved", "shop.other"]);
            vec![format!("REPLACE INTO {table} (id, note) VALUES ({id}, {0}), ({id} + 1, {0})", text(dice))]
        }
        _ => {
            let table = dice.below(3);
            vec![format!("INSERT INTO scratch.t{table} (id, note) VALUES ({id}, {})", text(dice))]
        }
    }
}

fn item(dice: &mut Dice, id: u64) -> String {
    let price = dice.below(100_000);
    let second = dice.below(86_400);
    format!(
        "INSERT INTO shop.items (id, price, note, made, weight, raw, kind) VALUES ({id}, {price} / 100, {}, \
         '2024-02-29' + INTERVAL {second} SECOND + INTERVAL {price} MICROSECOND, {price} / 7, X'00FF0D0A{price:06}', \
         {} + 1)",
        text(dice),
        dice.below(3)
    )
}

fn stock(dice: &mut Dice) -> String {
    let (sku, quantity) = (dice.below(30), dice.below(100));
    format!(
        "INSERT INTO ware.stock VALUES ('Süd-{sku}', {quantity}, NULL) ON DUPLICATE KEY UPDATE quantity = quantity + {quantity}"
    )
}

fn log(dice: &mut Dice) -> String {
    let rows: Vec<String> = (0..=dice.below(20)).map(|_| format!("('käufer', {})", dice.below(4))).collect();
    format!("INSERT INTO ware.log VALUES {}", rows.join(", "))
}
