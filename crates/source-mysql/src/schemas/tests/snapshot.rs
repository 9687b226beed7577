//! The stored form.

use super::{Log, named};
use crate::schemas::Schemas;

fn log() -> Log {
    let mut log = Log::of(&[
        "CREATE DATABASE e CHARACTER SET latin1",
        "CREATE TABLE e.t (id INT PRIMARY KEY, a VARCHAR(9) DEFAULT 'x', b ENUM('x','y'), UNIQUE u (a))",
        "CREATE TABLE gone (a INT)",
        "ALTER TABLE e.t DROP b",
    ]);
    log.unparsed("ALTER TABLE gone ADD MYSTERY");
    log
}

#[test]
fn what_is_stored_comes_back_whole() {
    let log = log();
    let stored = serde_json::to_string(&log.schemas).unwrap();
    let mut restored: Log = Log { schemas: serde_json::from_str(&stored).unwrap(), at: log.at };
    assert_eq!(restored.schemas, log.schemas);
    // Keys, charsets and ids go on as if nothing had happened.
    restored.ddl("ALTER TABLE e.t DROP KEY u, ADD c TEXT");
    assert_eq!(restored.shape("e.t"), "id* a c");
    let column = restored.column("e.t", "c");
    assert_eq!((column.id, column.charset.as_deref()), (4, Some("latin1")));
    restored.unparsed("ALTER TABLE gone ADD x INT");
}

#[test]
fn the_stored_form_is_a_list_of_tables() {
    let stored = serde_json::to_value(log().schemas).unwrap();
    assert_eq!(stored["server_charset"], "utf8mb4");
    assert_eq!(stored["databases"]["e"], "latin1");
    assert_eq!(stored["tables"].as_array().map(Vec::len), Some(1));
    assert_eq!(stored["tables"][0]["schema"]["name"]["table"], "t");
    assert_eq!(stored["tables"][0]["keys"][1]["kind"], "unique");
    assert_eq!(stored["forgotten"][0]["name"]["table"], "gone");
}

#[test]
fn no_tables_are_stored_as_no_tables() {
    let stored = serde_json::to_string(&Schemas::default()).unwrap();
    let restored: Schemas = serde_json::from_str(&stored).unwrap();
    assert_eq!(restored, Schemas::default());
    assert_eq!(restored.get(&named("t")), None);
}

/// Every moment of a long history, against every earlier one.
#[test]
fn the_changes_between_two_moments_make_the_later_one_of_the_earlier() {
    let mut log = Log::of(&["CREATE DATABASE e", "CREATE TABLE e.t0 (id INT PRIMARY KEY)"]);
    let mut moments = vec![log.schemas.clone()];
    let mut dice = 7_u64;
    for number in 1..60 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let names: Vec<_> = log.schemas.tables.of_database("e");
        let any = names
            .get((dice >> 33) as usize % names.len().max(1))
            .map_or("e.t0".to_owned(), ToString::to_string);
        match dice >> 61 {
            0 | 1 => drop(log.apply(&format!("CREATE TABLE e.t{number} (id INT PRIMARY KEY, v TEXT)"))),
            2 => drop(log.apply(&format!("ALTER TABLE {any} ADD c{number} INT"))),
            3 => drop(log.apply(&format!("RENAME TABLE {any} TO e.r{number}"))),
            4 if names.len() > 1 => drop(log.apply(&format!("DROP TABLE {any}"))),
            5 => drop(log.apply(&format!("CREATE DATABASE d{number} CHARACTER SET latin1"))),
            6 if number % 2 == 0 => log.schemas.note_sequence(named(&format!("sequence{number}"))),
            6 => {
                drop(log.apply(&format!("CREATE VIEW e.v{number} AS SELECT c{number}, 1 AS one FROM {any}")))
            }
            _ => drop(log.apply(&format!("ALTER TABLE {any} ADD MYSTERY"))),
        }
        moments.push(log.schemas.clone());
    }
    for (at, earlier) in moments.iter().enumerate() {
        for later in &moments[at..] {
            let changes = serde_json::to_string(&later.changes_since(earlier)).unwrap();
            let made = earlier.clone().with_changes(serde_json::from_str(&changes).unwrap());
            assert_eq!(made, *later);
        }
        assert!(earlier.changes_since(earlier).is_empty());
    }
}
