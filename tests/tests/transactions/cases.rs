//! What went wrong once: sequences whose result depends on the order of every single change.

/// Each begins with the same three rows in every table that it uses.
const CASES: &[&[&str]] = &[
    // A row that moved and was deleted stayed for ever.
    &["UPDATE int_pk SET id = 5 WHERE id = 1", "DELETE FROM int_pk WHERE id = 5"],
    // A row that moved and was changed lost the change.
    &[
        "DELETE FROM int_pk WHERE id = 2",
        "UPDATE int_pk SET id = 2 WHERE id = 1",
        "UPDATE int_pk SET v = 9 WHERE id = 2",
    ],
    // A row that moved twice stayed where it had been in between.
    &["UPDATE int_pk SET id = 4 WHERE id = 1", "UPDATE int_pk SET id = 5 WHERE id = 4"],
    // Two rows that traded ids left the spare one behind.
    &[
        "UPDATE int_pk SET id = -1 WHERE id = 1",
        "UPDATE int_pk SET id = 1 WHERE id = 2",
        "UPDATE int_pk SET id = 2 WHERE id = -1",
    ],
    // Many rows in one statement, each onto the key of the one before.
    &["UPDATE int_pk SET id = id + 1 ORDER BY id DESC", "DELETE FROM int_pk WHERE id = 4"],
    &["UPDATE int_pk SET id = id - 1 ORDER BY id", "INSERT INTO int_pk VALUES (3, 7)"],
    // A key that is free again is taken by another row.
    &[
        "UPDATE int_pk SET id = 9 WHERE id = 1",
        "INSERT INTO int_pk VALUES (1, 99)",
        "UPDATE int_pk SET v = 98 WHERE id = 1",
    ],
    // A unique key beside the primary key.
    &[
        "UPDATE with_uk SET u = NULL WHERE id = 1",
        "UPDATE with_uk SET u = 1 WHERE id = 2",
        "UPDATE with_uk SET u = 2 WHERE id = 1",
        "UPDATE with_uk SET v = 9 WHERE u = 1",
    ],
    &[
        "REPLACE INTO with_uk VALUES (7, 1, 7)",
        "INSERT INTO with_uk VALUES (8, 2, 8) ON DUPLICATE KEY UPDATE id = 9",
    ],
    // No primary key: which row was it?
    &[
        "UPDATE keyless SET v = 1 WHERE a = 1",
        "UPDATE keyless SET a = 1 WHERE a = 2",
        "DELETE FROM keyless WHERE a = 1 LIMIT 1",
    ],
    &[
        "UPDATE only_uk SET v = 9 WHERE u = 1",
        "UPDATE only_uk SET u = u + 1 ORDER BY u DESC",
        "DELETE FROM only_uk WHERE u = 2",
    ],
    // Keys that are equal to the server and not to a reader, and the other way round.
    &[
        "INSERT INTO word_pk VALUES ('a', 1)",
        "UPDATE word_pk SET id = 'A'",
        "UPDATE word_pk SET v = 2",
        "REPLACE INTO word_pk VALUES ('á', 3)",
    ],
    &[
        "INSERT INTO prefix_pk VALUES ('ab', 1)",
        "UPDATE prefix_pk SET id = 'ac'",
        "REPLACE INTO prefix_pk VALUES ('ad', 2)",
    ],
    &[
        "INSERT INTO real_pk VALUES (0, 1)",
        "UPDATE real_pk SET id = -0e0",
        "UPDATE real_pk SET v = 2",
        "DELETE FROM real_pk",
    ],
    // A trigger's rows stand between those of its statement.
    &["UPDATE int_pk SET id = id + 10", "UPDATE int_pk SET id = id - 10", "DELETE FROM int_pk WHERE id = 2"],
    // Two tables in one statement, and one after the other.
    &[
        "UPDATE int_pk AS x JOIN with_uk AS y ON x.id = y.id SET x.id = x.id + 10, y.id = y.id + 20",
        "UPDATE int_pk AS x JOIN with_uk AS y ON x.id + 10 = y.id SET x.id = x.id - 10, y.id = y.id - 20",
        "DELETE x, y FROM int_pk AS x JOIN with_uk AS y ON x.id = y.id WHERE x.id = 1",
    ],
    // What was rolled back does not appear, beside what cannot be.
    &[
        "SAVEPOINT a",
        "UPDATE int_pk SET id = 5 WHERE id = 1",
        "INSERT INTO lasting VALUES (4, 40)",
        "SAVEPOINT b",
        "UPDATE int_pk SET id = 6 WHERE id = 5",
        "ROLLBACK TO b",
        "UPDATE int_pk SET id = 7 WHERE id = 5",
        "ROLLBACK TO a",
        "UPDATE int_pk SET v = 11 WHERE id = 1",
    ],
];

const ROWS: [(&str, &str); 5] = [
    ("int_pk", "(1, 10), (2, 20), (3, 30)"),
    ("with_uk", "(1, 1, 10), (2, 2, 20), (3, 3, 30)"),
    ("only_uk", "(1, 10), (2, 20), (3, 30)"),
    ("keyless", "(1, 1), (1, 1), (2, 1)"),
    ("lasting", "(1, 10), (2, 20), (3, 30)"),
];

/// Every case as a transaction that puts its rows there, and one that is the case.
pub fn all() -> Vec<Vec<String>> {
    let mut scripts: Vec<Vec<String>> = Vec::new();
    for case in CASES {
        let emptied = crate::tables::TABLES.iter().map(|table| format!("DELETE FROM {}", table.name));
        let filled = ROWS.iter().map(|(table, rows)| format!("INSERT INTO {table} VALUES {rows}"));
        scripts.push(emptied.chain(filled).collect());
        scripts.push(case.iter().map(|&statement| statement.to_owned()).collect());
    }
    for (number, script) in (1..).zip(&mut scripts) {
        script.insert(0, "BEGIN".to_owned());
        script.push(format!("INSERT INTO {} VALUES ({number})", crate::tables::MARKS));
        script.push("COMMIT".to_owned());
    }
    scripts
}
