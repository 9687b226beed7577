//! Views: their statements are told, and their names are no table's.

use super::{Log, named, tables};
use crate::schemas::{Applied, Schemas};
use crate::sql::Dialect;
use change_event::{ColumnKind, CommitTs, DdlChange, DdlKind, Influence};

/// The columns of a change, which have no types.
fn columns(change: &DdlChange) -> Vec<String> {
    let columns = change.columns.iter().flat_map(|table| &table.columns);
    columns
        .map(|column| {
            assert_eq!((column.kind, column.nullable), (ColumnKind::Unspecified, true));
            column.name.clone()
        })
        .collect()
}

#[test]
fn what_is_done_to_a_view_is_told_as_it_stands_alone() {
    let mut log = Log::of(&["CREATE TABLE t (x INT)"]);
    for (sql, kind, query, names) in [
        (
            "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS SELECT x AS a, x FROM t",
            DdlKind::CreateView,
            "CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `d`.`v` AS SELECT x AS a, x FROM `d`.`t`",
            &["a", "x"][..],
        ),
        ("RENAME TABLE v TO w", DdlKind::RenameTable, "RENAME TABLE `d`.`v` TO `d`.`w`", &["a", "x"]),
        (
            "ALTER DEFINER=CURRENT_USER SQL SECURITY INVOKER VIEW w (`p q`) AS SELECT * FROM e.u WITH CHECK OPTION;",
            DdlKind::CreateView,
            "CREATE OR REPLACE SQL SECURITY INVOKER VIEW `d`.`w` (`p q`) AS SELECT * FROM `e`.`u` WITH CHECK OPTION",
            &["p q"],
        ),
        ("DROP VIEW w", DdlKind::DropView, "DROP VIEW IF EXISTS `d`.`w`", &["p q"]),
        (
            "CREATE OR REPLACE VIEW e.v AS SELECT 1",
            DdlKind::CreateView,
            "CREATE OR REPLACE VIEW `e`.`v` AS SELECT 1",
            &[],
        ),
        ("DROP VIEW IF EXISTS e.v, nobody", DdlKind::DropView, "DROP VIEW IF EXISTS `e`.`v`", &[]),
    ] {
        let change = log.change(sql);
        assert_eq!((change.kind, change.query.as_str()), (kind, query));
        assert_eq!(columns(&change), names, "{sql}");
    }
    assert_eq!(log.shape("t"), "x");
}

#[test]
fn a_new_view_waits_for_every_table_and_a_dropped_one_for_none() {
    let mut log = Log::of(&["CREATE TABLE t (x INT)"]);
    assert_eq!(log.ddl("CREATE VIEW v AS SELECT 1 FROM t").influence, Influence::All);
    log.ddl("CREATE VIEW e.w AS SELECT 1 FROM d.t");
    let event = log.ddl("DROP VIEW v, e.w");
    assert_eq!(event.influence, tables(&[]));
    let dropped: Vec<_> = event.changes.iter().map(|change| change.query.as_str()).collect();
    assert_eq!(dropped, ["DROP VIEW IF EXISTS `d`.`v`", "DROP VIEW IF EXISTS `e`.`w`"]);
}

#[test]
fn a_name_may_be_that_of_a_table_then_of_a_view_and_of_a_table_again() {
    let mut log = Log::of(&["CREATE TABLE t (a INT)", "CREATE TABLE u (a INT)", "DROP TABLE t"]);
    log.ddl("CREATE VIEW t AS SELECT a FROM u");
    assert!(log.schemas.is_other(&named("t")) && log.schemas.get(&named("t")).is_none());
    for nothing in [
        "CREATE TABLE IF NOT EXISTS t (b INT)",
        "CREATE VIEW IF NOT EXISTS t AS SELECT 1",
        "DROP TABLE IF EXISTS t",
        "DROP VIEW IF EXISTS u",
    ] {
        assert_eq!(log.apply(nothing), Applied::Ignored, "{nothing}");
    }
    assert_eq!(log.kind("DROP VIEW IF EXISTS t"), DdlKind::DropView);
    assert_eq!(log.kind("CREATE TABLE t (b INT)"), DdlKind::CreateTable);
    assert_eq!((log.shape("t"), log.shape("u")), ("b".to_owned(), "a".to_owned()));
    log.ddl("CREATE VIEW w AS SELECT 1");
    log.ddl("DROP DATABASE d");
    assert_eq!(log.kind("CREATE TABLE w (c INT)"), DdlKind::CreateTable);
}

/// A reader that was never told of a view cannot rename it, and need not be told of its end.
#[test]
fn a_view_that_was_there_before_the_log_is_renamed_in_silence() {
    let mut schemas = Schemas::default();
    schemas.note_view(named("noted"));
    schemas.follow_given("CREATE VIEW given AS SELECT 1 AS a", "d", Dialect::default()).unwrap();
    let mut log = Log { schemas, at: 0 };
    assert_eq!(log.apply("RENAME TABLE noted TO v, given TO w"), Applied::Ignored);
    assert_eq!(log.change("DROP VIEW v").query, "DROP VIEW IF EXISTS `d`.`v`");
    assert_eq!(log.kind("ALTER VIEW w AS SELECT 2 AS b"), DdlKind::CreateView);
    let id = |change: DdlChange| change.columns.unwrap().table_id;
    let renamed = id(log.change("RENAME TABLE w TO x"));
    assert_eq!(id(log.change("CREATE TABLE w (a INT)")), log.table("w").table_id);
    assert_ne!(log.table("w").table_id, renamed, "the number went with the view");
    assert_eq!(id(log.change("DROP VIEW x")), renamed);
    assert_eq!(log.change("DROP VIEW never_seen").columns, None);
}

#[test]
fn views_are_stored_with_what_is_known_of_them() {
    let mut log = Log::of(&["CREATE VIEW v AS SELECT 1 AS a"]);
    log.schemas.note_view(named("w"));
    log.schemas.note_sequence(named("s"));
    let stored = serde_json::to_string(&log.schemas).unwrap();
    let mut read: Schemas = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, log.schemas);
    let Applied::Ddl(events) = read.apply("DROP VIEW v", "d", Dialect::default(), CommitTs(9)) else {
        panic!()
    };
    assert_eq!(columns(&events[0].changes[0]), ["a"]);
    // An earlier version told views and sequences not apart.
    let before = stored
        .replace("\"views\"", "\"forgotten_field\"")
        .replace("\"sequences\":[", "\"others\":[{\"schema\":\"d\",\"table\":\"v\"},");
    let mut read: Schemas = serde_json::from_str(&before).unwrap();
    assert!(read.is_other(&named("v")));
    assert!(matches!(read.apply("DROP VIEW v", "d", Dialect::default(), CommitTs(9)), Applied::Ddl(_)));
}
