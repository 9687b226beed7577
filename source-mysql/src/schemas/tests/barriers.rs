//! Statements that touch no table, and those that cannot be followed.

use super::{Log, named, tables};
use crate::schemas::{Applied, Reconciled};
use change_event::{Column, ColumnKind, CommitTs, Influence, TableSchema};
use proptest::prelude::*;

#[test]
fn statements_that_touch_no_table_are_ignored() {
    let mut log = Log::default();
    for sql in [
        "",
        "BEGIN",
        "COMMIT",
        "START TRANSACTION",
        "# Dummy event replacing event type 162 that slave cannot handle.",
        "/* only a comment */ ;",
        "GRANT ALL ON d.* TO u1",
        "REVOKE SELECT ON d.t FROM u1",
        "CREATE USER u1 IDENTIFIED BY 'x'",
        "ALTER USER u1 IDENTIFIED BY 'y'",
        "RENAME USER a TO b",
        "DROP ROLE IF EXISTS r",
        "SET PASSWORD FOR u = 'x'",
        "FLUSH TABLES",
        "ANALYZE TABLE t",
        "OPTIMIZE TABLE t",
        "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS SELECT * FROM sw",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "ALTER DEFINER=root@localhost VIEW v AS SELECT 2",
        "DROP VIEW v2",
        "CREATE DEFINER=`root`@`localhost` TRIGGER tr BEFORE INSERT ON c1 FOR EACH ROW BEGIN SET NEW.z = 1; END",
        "CREATE DEFINER=`root`@`localhost` PROCEDURE `pr`()\nBEGIN SELECT 'x'; END",
        "CREATE DEFINER='root'@'localhost' AGGREGATE FUNCTION `fu`() RETURNS int(11)\n    DETERMINISTIC\nRETURN 1",
        "CREATE DEFINER=CURRENT_USER() PROCEDURE p() SELECT 'this breaks off",
        "CREATE DEFINER=`r``o`@`%` EVENT ev ON SCHEDULE EVERY 1 DAY DO SET @x=1",
        "DROP TRIGGER IF EXISTS tr",
        "CREATE SEQUENCE sq",
        "CREATE TEMPORARY TABLE x (a INT)",
        "DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `x`",
        "DROP TEMPORARY TABLE `d`.`tmpx`",
        "XA START 'x'",
        "SAVEPOINT `a`",
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h')",
        "INSTALL PLUGIN p SONAME 'p.so'",
        "ALTER DATABASE d COMMENT 'x'",
        "SET STATEMENT max_statement_time=1 FOR ANALYZE TABLE t",
        "DROP UNDO TABLESPACE x",
    ] {
        assert_eq!(log.apply(sql), Applied::Ignored, "{sql}");
    }
    assert_eq!(log.schemas, crate::schemas::Schemas::default());
}

#[test]
fn what_cannot_be_followed_waits_for_as_little_as_can_be_guessed() {
    let mut log = Log::of(&["CREATE TABLE t (a INT)"]);
    for (sql, influence, reason) in [
        ("ALTER TABLE nobody ADD x INT", tables(&["nobody"]), "the shape of d.nobody is not known yet"),
        ("CREATE INDEX i ON e.nobody (x)", tables(&["e.nobody"]), "the shape of e.nobody is not known yet"),
        ("ALTER TABLE t FROBNICATE ALL", tables(&["t"]), "a change of a table expected, FROBNICATE found"),
        (
            "CREATE TABLE s (a INT) AS SELECT 1",
            tables(&["s"]),
            "a table with columns from a query is not followed",
        ),
        (
            "CREATE TABLE s SELECT 1 AS a",
            tables(&["s"]),
            "a table whose columns come from a query is not followed",
        ),
        ("CREATE TABLE s (a MONEY)", tables(&["s"]), "a column type expected, MONEY found"),
        ("TRUNCATE TABLE t 'x'", tables(&["t"]), "the end of the statement expected, 'x' found"),
        ("DROP TABLE a, b, ;", tables(&["a", "b"]), "a table name expected, ; found"),
        ("RENAME TABLE a TO b c", tables(&["a", "b"]), "the end of the statement expected, c found"),
        ("DROP DATABASE d d", Influence::Database("d".into()), "the end of the statement expected, d found"),
        ("ALTER SCHEMA d CHARSET", Influence::Database("d".into()), "a charset expected, the end found"),
        ("FROBNICATE", Influence::All, "a statement expected, FROBNICATE found"),
        ("'", Influence::All, "the statement cannot be split into words"),
        ("ALTER TABLE u COMMENT 'open", tables(&["u"]), "the statement cannot be split into words"),
        ("DELETE FROM `d`.`heap`", tables(&[]), "DELETE changes rows by a statement; set binlog_format=ROW"),
        ("insert into t values (1)", tables(&[]), "INSERT changes rows by a statement"),
    ] {
        let (said, waits_for) = log.unparsed(sql);
        assert!(said.starts_with(reason), "{sql}: {said}");
        assert_eq!(waits_for, influence, "{sql}");
        if sql.contains("FROBNICATE ALL") {
            assert_eq!(log.schemas.get(&named("t")), None);
        }
    }
}

#[test]
fn a_change_that_does_not_fit_the_table_is_not_made_by_halves() {
    for (change, reason) in [
        ("ADD x INT, DROP nope", "d.t has no column nope; the next rows show its shape"),
        ("ADD x INT AFTER nope", "d.t has no column nope; the next rows show its shape"),
        ("ADD x INT, ADD a INT", "d.t already has a column a; the next rows show its shape"),
        ("EXCHANGE PARTITION p WITH TABLE o", "a partition that is exchanged or moved is not followed"),
    ] {
        let mut log = Log::of(&["CREATE TABLE t (a INT)"]);
        let (said, influence) = log.unparsed(&format!("ALTER TABLE t {change}"));
        assert!(said.starts_with(reason), "{said}");
        assert_eq!(influence, tables(&["t"]));
        assert_eq!(log.schemas.get(&named("t")), None, "{change}");
    }
}

#[test]
fn a_forgotten_table_is_changed_when_it_is_seen_again() {
    let mut log = Log::of(&["CREATE TABLE t (a INT)"]);
    let id = log.table("t").table_id;
    log.unparsed("ALTER TABLE t ADD MYSTERY");
    log.unparsed("ALTER TABLE t ADD x INT");
    let columns = vec![Column::new("a", ColumnKind::Int)];
    let seen = TableSchema { name: named("t"), table_id: 7, partition: None, version: 0, columns };
    let Reconciled::Changed(table) = log.schemas.reconcile(seen.clone(), CommitTs(50), CommitTs(1)) else {
        panic!("a tombstone is not the first sight");
    };
    assert_eq!((table.version, table.table_id), (50, id));
    assert_eq!(table.columns[0].id, 2, "the old column was another one");
    assert_eq!(log.schemas.reconcile(seen, CommitTs(51), CommitTs(1)), Reconciled::Known(table));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "CREATE", "TABLE", "ALTER", "t", "(", ")", ",", "a", "INT", "ADD", "COLUMN", "DEFAULT", "'x'", "`b`",
            "DROP", "PRIMARY", "KEY", "RENAME", "TO", "AFTER", "FIRST", "MODIFY", "CHANGE", "ENUM", ".", "=", "IF",
            "NOT", "EXISTS", "UNIQUE", "INDEX", "ON", "LIKE", "DATABASE", "CHARACTER", "SET", "COLLATE", "5", "-",
            "CONVERT", "PARTITION", "BY", "AS", "NULL", "CHECK", "/*!", "*/", "VARCHAR", "TEXT", ";", "COMMENT",
        ]), 0..25),
    ) {
        let mut log = Log::of(&["CREATE TABLE t (a INT UNIQUE, b TEXT)"]);
        log.apply(&words.join(" "));
        log.apply(&format!("ALTER TABLE t {}", words.join(" ")));
        log.apply(&format!("CREATE TABLE n (a INT {}", words.join(" ")));
    }
}
