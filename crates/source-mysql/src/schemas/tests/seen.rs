//! What table maps show, against what statements said.

use super::{Log, named};
use crate::schemas::{Reconciled, Schemas};
use change_event::{Column, ColumnKind, CommitTs, DefaultValue, Generated, TableSchema};
use std::sync::Arc;

fn seen(columns: Vec<Column>) -> TableSchema {
    TableSchema { name: named("t"), table_id: 0, partition: None, version: 0, columns }
}

fn text(name: &str, kind: ColumnKind, length: Option<u32>, charset: &str) -> Column {
    Column { length, charset: Some(charset.into()), ..Column::new(name, kind) }
}

/// What a table map shows of a table: no widths, defaults, unique keys, generated columns, ids.
fn table_map_of(schema: &TableSchema) -> TableSchema {
    let columns = schema.columns.iter().map(|column| {
        let keeps_length = matches!(
            column.kind,
            ColumnKind::Decimal | ColumnKind::Bit | ColumnKind::Char | ColumnKind::VarChar
        );
        let json = column.kind == ColumnKind::Json;
        Column {
            id: 0,
            kind: if json { ColumnKind::LongText } else { column.kind },
            charset: if json { Some("utf8mb4".into()) } else { column.charset.clone() },
            length: column.length.filter(|_| keeps_length),
            decimals: column
                .decimals
                .filter(|_| !matches!(column.kind, ColumnKind::Float | ColumnKind::Double)),
            zerofill: false,
            unique_key: false,
            handle_key: false,
            generated: Generated::No,
            default: None,
            ..column.clone()
        }
    });
    TableSchema { table_id: 0, version: 0, columns: columns.collect(), ..schema.clone() }
}

fn reconcile(log: &mut Log, seen: TableSchema) -> Reconciled {
    log.at += 1;
    log.schemas.reconcile(seen, CommitTs(log.at), CommitTs(1))
}

#[test]
fn what_a_table_map_cannot_show_is_no_difference() {
    let mut log = Log::of(&["CREATE TABLE t (
        id BIGINT(20) UNSIGNED ZEROFILL PRIMARY KEY COMMENT 'x', b BOOL DEFAULT 1, y YEAR(4), f FLOAT(7,3), d DECIMAL,
        v VARCHAR(20) CHARACTER SET utf8 UNIQUE, vb VARBINARY(9), tt TEXT(9), bl LONGBLOB, e ENUM('a','b') DEFAULT 'a',
        bits BIT, dt DATETIME, ts TIMESTAMP(6) NOT NULL, j JSON, u UUID, g INT AS (b) STORED, p POINT)"]);
    let tracked = log.table("t");
    let map = table_map_of(&tracked);
    assert_eq!(reconcile(&mut log, map), Reconciled::Known(Arc::clone(&tracked)));
    assert_eq!(tracked.columns.iter().find(|c| c.name == "j").map(|c| c.kind), Some(ColumnKind::Json));
}

#[test]
fn every_difference_that_a_table_map_shows_is_a_change() {
    let create = "CREATE TABLE t (id INT PRIMARY KEY, n INT UNSIGNED, c CHAR(3), d DECIMAL(7,2), t TEXT, \
                  e ENUM('a','b'), ts TIMESTAMP(3) NULL, b BIT(4), j JSON)";
    type Edit = fn(&mut Vec<Column>);
    let edits: &[(&str, Edit)] = &[
        ("a name", |columns| columns[1].name = "N".into()),
        ("an order", |columns| columns.swap(1, 2)),
        ("a type", |columns| columns[1].kind = ColumnKind::BigInt),
        ("a sign", |columns| columns[1].unsigned = false),
        ("nullability", |columns| columns[1].nullable = false),
        ("a length", |columns| columns[2].length = Some(4)),
        ("a charset", |columns| columns[2].charset = Some("latin1".into())),
        ("digits", |columns| columns[3].length = Some(8)),
        ("a scale", |columns| columns[3].decimals = Some(3)),
        ("a text's charset", |columns| columns[4].charset = Some("gbk".into())),
        ("a text's size", |columns| columns[4].kind = ColumnKind::LongText),
        ("members", |columns| columns[5].members.push("c".into())),
        ("fractions", |columns| columns[6].decimals = Some(6)),
        ("bits", |columns| columns[7].length = Some(5)),
        ("text that is no JSON", |columns| columns[8].charset = Some("latin1".into())),
        ("a primary key", |columns| columns[0].primary_key = false),
        ("another primary key", |columns| columns[1].primary_key = true),
        ("a column less", |columns| drop(columns.pop())),
        ("a column more", |columns| columns.push(Column::new("z", ColumnKind::Int))),
    ];
    for (what, edit) in edits {
        let mut log = Log::of(&[create]);
        let mut map = table_map_of(&log.table("t"));
        edit(&mut map.columns);
        let Reconciled::Changed(changed) = reconcile(&mut log, map.clone()) else { panic!("{what}") };
        assert_eq!(changed.version, 2, "{what}");
        assert_eq!(changed.columns.len(), map.columns.len(), "{what}");
        assert_eq!(reconcile(&mut log, map), Reconciled::Known(changed), "{what}");
    }
}

#[test]
fn a_change_keeps_what_statements_said_of_the_columns_that_still_fit() {
    let mut log = Log::of(&["CREATE TABLE t (id INT(5) PRIMARY KEY, a INT DEFAULT 7, b INT UNIQUE, c INT)"]);
    let id = log.table("t").table_id;
    let mut map = table_map_of(&log.table("t"));
    map.columns[3].kind = ColumnKind::BigInt;
    map.columns.insert(0, Column::new("z", ColumnKind::Int));
    let Reconciled::Changed(changed) = reconcile(&mut log, map) else { panic!() };
    assert_eq!(changed.table_id, id);
    assert_eq!(log.shape("t"), "z id* a b+ c");
    let ids: Vec<i64> = changed.columns.iter().map(|column| column.id).collect();
    assert_eq!(ids, [5, 1, 2, 3, 4]);
    assert_eq!(log.column("t", "a").default, Some(DefaultValue::Text("7".into())));
    assert_eq!(log.column("t", "id").length, Some(5));
    log.ddl("ALTER TABLE t DROP PRIMARY KEY, DROP KEY b");
    assert_eq!(log.shape("t"), "z id a b c");
}

#[test]
fn a_table_seen_for_the_first_time_is_as_old_as_the_source() {
    let mut schemas = Schemas::default();
    let mut key = Column::new("id", ColumnKind::Int);
    (key.primary_key, key.nullable) = (true, false);
    let members = Column { members: vec!["a".into()], ..text("e", ColumnKind::Enum, None, "latin1") };
    let map = seen(vec![key, text("name", ColumnKind::VarChar, Some(20), "latin1"), members]);
    let Reconciled::Learned(learned) = schemas.reconcile(map.clone(), CommitTs(90), CommitTs(40)) else {
        panic!()
    };
    assert_eq!(learned.version, 40);
    assert_eq!(schemas.get(&named("t")), Some(learned.clone()));
    assert!(learned.columns[0].unique_key);
    assert_eq!(learned.columns[2].charset, None, "an ENUM is a number");
    let created = Log::of(&["CREATE TABLE t (a INT)"]);
    assert_eq!(learned.table_id, created.table("t").table_id);
    assert_eq!(schemas.reconcile(map, CommitTs(91), CommitTs(40)), Reconciled::Known(learned));

    // Its default charset is taken to be that of its text, and its primary key is known by name.
    let mut log = Log { schemas, at: 99 };
    log.ddl("ALTER TABLE t DROP PRIMARY KEY, ADD note TEXT");
    assert_eq!(log.shape("t"), "id name e note");
    assert_eq!(log.column("t", "note").charset.as_deref(), Some("latin1"));
}

#[test]
fn a_unique_key_that_stands_in_for_a_primary_one_is_no_difference() {
    let mut log = Log::of(&["CREATE TABLE t (s SERIAL, a INT NOT NULL, b INT, UNIQUE (a, b))"]);
    let tracked = log.table("t");
    let mut map = table_map_of(&tracked);
    map.columns[0].primary_key = true;
    assert_eq!(reconcile(&mut log, map.clone()), Reconciled::Known(tracked));
    (map.columns[0].primary_key, map.columns[1].primary_key) = (false, true);
    assert!(matches!(reconcile(&mut log, map), Reconciled::Changed(_)), "b may be NULL");
}

#[test]
fn a_unique_key_stands_in_for_no_primary_key_that_is_there() {
    let mut log = Log::of(&["CREATE TABLE t (a INT PRIMARY KEY, b INT NOT NULL UNIQUE)"]);
    let mut map = table_map_of(&log.table("t"));
    (map.columns[0].primary_key, map.columns[1].primary_key) = (false, true);
    assert!(matches!(reconcile(&mut log, map), Reconciled::Changed(_)));
    assert_eq!(log.shape("t"), "a b*");
}

#[test]
fn a_table_that_was_dropped_and_comes_back_unannounced_is_learned_anew() {
    let mut log = Log::of(&["CREATE TABLE t (a INT)", "DROP TABLE t"]);
    assert!(matches!(
        reconcile(&mut log, seen(vec![Column::new("a", ColumnKind::Int)])),
        Reconciled::Learned(_)
    ));
}

/// A table that is made where no log is kept, under a name that was free again.
#[test]
fn a_table_that_comes_without_a_statement_is_younger_than_the_last_one_of_its_name() {
    for gone in [
        "DROP TABLE t",
        "RENAME TABLE t TO elsewhere",
        "ALTER TABLE t RENAME elsewhere",
        "CREATE OR REPLACE SEQUENCE t",
        "DROP DATABASE d",
    ] {
        let mut log = Log::of(&["CREATE TABLE t (x INT)"]);
        let map = TableSchema::clone(&log.table("t"));
        log.ddl(gone);
        let stored = serde_json::to_string(&log.schemas).unwrap();
        let mut restored: Schemas = serde_json::from_str(&stored).unwrap();
        for schemas in [&mut log.schemas, &mut restored] {
            let Reconciled::Learned(learned) = schemas.reconcile(map.clone(), CommitTs(90), CommitTs(1))
            else {
                panic!("{gone}")
            };
            assert_eq!(learned.version, 90, "{gone}");
        }
    }
}
