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
