//! ALTER TABLE, CREATE INDEX and DROP INDEX.

use super::{Log, named, tables};
use crate::schemas::Applied;
use crate::sql::Dialect;
use change_event::{ColumnKind, CommitTs, DdlKind, DefaultValue, TableName};

fn log() -> Log {
    Log::of(&["CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(10) UNIQUE, c INT) CHARSET latin1"])
}

#[test]
fn one_change_has_its_kind_and_several_are_a_multi_schema_change() {
    for (change, kind, shape) in [
        ("ADD COLUMN z INT", DdlKind::AddColumn, "id* a b+ c z"),
        ("ADD z INT FIRST", DdlKind::AddColumn, "z id* a b+ c"),
        ("ADD COLUMN IF NOT EXISTS z INT AFTER `a`", DdlKind::AddColumn, "id* a z b+ c"),
        ("ADD COLUMN (y INT, z INT, UNIQUE KEY (y))", DdlKind::MultiSchemaChange, "id* a b+ c y+ z"),
        ("ADD z INT UNIQUE", DdlKind::AddColumn, "id* a b+ c z+"),
        ("DROP COLUMN a", DdlKind::DropColumn, "id* b+ c"),
        ("DROP COLUMN IF EXISTS b CASCADE", DdlKind::DropColumn, "id* a c"),
        ("DROP A", DdlKind::DropColumn, "id* b+ c"),
        ("MODIFY a BIGINT NOT NULL", DdlKind::ModifyColumn, "id* a b+ c"),
        ("MODIFY COLUMN A BIGINT FIRST", DdlKind::ModifyColumn, "A id* b+ c"),
        ("CHANGE a z BIGINT AFTER c", DdlKind::ModifyColumn, "id* b+ c z"),
        ("CHANGE COLUMN b b2 VARCHAR(20)", DdlKind::ModifyColumn, "id* a b2+ c"),
        ("RENAME COLUMN b TO z", DdlKind::ModifyColumn, "id* a z+ c"),
        ("ALTER COLUMN a SET DEFAULT 5", DdlKind::SetDefault, "id* a b+ c"),
        ("ALTER a DROP DEFAULT", DdlKind::SetDefault, "id* a b+ c"),
        ("ADD INDEX (a)", DdlKind::AddIndex, "id* a b+ c"),
        ("ADD UNIQUE (a, c)", DdlKind::AddIndex, "id* a+ b+ c+"),
        ("ADD UNIQUE INDEX IF NOT EXISTS u USING BTREE (c)", DdlKind::AddIndex, "id* a b+ c+"),
        ("ADD CONSTRAINT u UNIQUE KEY (c)", DdlKind::AddIndex, "id* a b+ c+"),
        ("ADD FULLTEXT INDEX ft (b)", DdlKind::AddIndex, "id* a b+ c"),
        ("DROP INDEX b", DdlKind::DropIndex, "id* a b c"),
        ("DROP KEY IF EXISTS `b`", DdlKind::DropIndex, "id* a b c"),
        ("DROP CONSTRAINT b", DdlKind::DropIndex, "id* a b c"),
        ("DROP CONSTRAINT IF EXISTS some_fk", DdlKind::DropForeignKey, "id* a b+ c"),
        ("DROP PRIMARY KEY", DdlKind::DropPrimaryKey, "id a b+ c"),
        ("DROP PRIMARY KEY, ADD PRIMARY KEY (a, c)", DdlKind::MultiSchemaChange, "id a* b+ c*"),
        ("RENAME INDEX b TO bb", DdlKind::RenameIndex, "id* a b+ c"),
        ("ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES o (id)", DdlKind::AddForeignKey, "id* a b+ c"),
        ("DROP FOREIGN KEY IF EXISTS f", DdlKind::DropForeignKey, "id* a b+ c"),
        ("ADD CONSTRAINT ck CHECK (a > 1)", DdlKind::AddCheckConstraint, "id* a b+ c"),
        ("COMMENT 'a, b'", DdlKind::TableComment, "id* a b+ c"),
        ("DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin", DdlKind::TableCharset, "id* a b+ c"),
        ("CONVERT TO CHARACTER SET utf8mb4", DdlKind::TableCharset, "id* a b+ c"),
        ("AUTO_INCREMENT=5", DdlKind::RebaseAutoId, "id* a b+ c"),
        ("ENGINE=InnoDB ROW_FORMAT=DYNAMIC", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("FORCE", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("SECONDARY_LOAD", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("TABLE_CHECKSUM 0 PAGE_CHECKSUM 1", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("DATA DIRECTORY 'x' INDEX DIRECTORY = 'y'", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("ORDER BY a DESC, c", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("ADD x INT, DROP c, ALGORITHM=INPLACE, LOCK=NONE", DdlKind::MultiSchemaChange, "id* a b+ x"),
        ("ADD x INT, ALGORITHM=INSTANT", DdlKind::AddColumn, "id* a b+ c x"),
        ("WAIT 5 ADD x INT", DdlKind::AddColumn, "id* a b+ c x"),
        ("NOWAIT DROP c", DdlKind::DropColumn, "id* a b+"),
        ("UPGRADE PARTITIONING", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("DISCARD PARTITION p0, p1 TABLESPACE", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("IMPORT PARTITION ALL TABLESPACE", DdlKind::MultiSchemaChange, "id* a b+ c"),
        ("TRUNCATE PARTITION p0", DdlKind::TruncatePartition, "id* a b+ c"),
        ("ADD PARTITION (PARTITION p VALUES LESS THAN (9))", DdlKind::AddPartition, "id* a b+ c"),
        ("DROP PARTITION p0, p1", DdlKind::DropPartition, "id* a b+ c"),
        ("REMOVE PARTITIONING", DdlKind::RemovePartitioning, "id* a b+ c"),
        ("PARTITION BY HASH(id) PARTITIONS 2", DdlKind::AlterTablePartitioning, "id* a b+ c"),
    ] {
        let mut log = log();
        let sql = format!("ALTER TABLE `t` {change}");
        let done = log.change(&sql);
        assert_eq!((done.kind, done.query), (kind, sql.replace("`t`", "`d`.`t`")));
        assert_eq!(log.shape("t"), shape, "{change}");
        assert_eq!(log.table("t").version, 2, "{change}");
        assert_eq!(done.columns, Some(log.table("t")));
    }
}

#[test]
fn an_altered_table_waits_for_its_own_rows_and_keeps_its_number() {
    let mut log = log();
    let id = log.table("t").table_id;
    assert_eq!(log.ddl("ALTER ONLINE IGNORE TABLE d.t ADD x INT").influence, tables(&["t"]));
    assert_eq!(log.table("t").table_id, id);
}

#[test]
fn a_change_that_changes_nothing_is_ignored() {
    let mut log = log();
    for change in [
        "ADD COLUMN IF NOT EXISTS A INT",
        "DROP COLUMN IF EXISTS nope",
        "MODIFY IF EXISTS nope INT",
        "RENAME COLUMN IF EXISTS nope TO x",
        "DROP KEY IF EXISTS nope",
        "ADD UNIQUE KEY IF NOT EXISTS b (b)",
        "ALGORITHM=INPLACE, LOCK=NONE",
        "DISABLE KEYS",
        "ANALYZE PARTITION ALL",
    ] {
        assert_eq!(log.apply(&format!("ALTER TABLE t {change}")), Applied::Ignored, "{change}");
    }
    assert_eq!(log.apply("/*!40000 ALTER TABLE `t` DISABLE KEYS */"), Applied::Ignored);
    assert_eq!(log.apply("DROP INDEX IF EXISTS nope ON t"), Applied::Ignored);
    assert_eq!(log.table("t").version, 1);
}

#[test]
fn changes_are_by_the_names_of_before_and_positions_by_those_of_after() {
    for (changes, shape) in [
        ("RENAME COLUMN a TO c, RENAME COLUMN c TO a", "id* c b+ a"),
        ("CHANGE b a INT, CHANGE a b INT", "id* b a+ c"),
        ("ADD x INT AFTER z, CHANGE a z INT", "id* z x b+ c"),
        ("ADD x INT, ADD y INT AFTER x, ADD z INT FIRST", "z id* a b+ c x y"),
        ("DROP a, ADD a TEXT", "id* b+ c a"),
        ("MODIFY c INT FIRST, ADD UNIQUE (z), CHANGE a z INT", "c id* z+ b+"),
        ("RENAME COLUMN id TO k, DROP b", "k* a c"),
    ] {
        let mut log = log();
        assert_eq!(log.kind(&format!("ALTER TABLE t {changes}")), DdlKind::MultiSchemaChange);
        assert_eq!(log.shape("t"), shape, "{changes}");
    }
}

#[test]
fn columns_keep_their_ids_and_new_ones_never_take_an_old_one() {
    let mut log = log();
    log.ddl("ALTER TABLE t DROP c");
    log.ddl("ALTER TABLE t ADD d INT, CHANGE a e BIGINT FIRST");
    let table = log.table("t");
    let ids: Vec<(&str, i64)> = table.columns.iter().map(|c| (c.name.as_str(), c.id)).collect();
    assert_eq!(ids, [("e", 2), ("id", 1), ("b", 3), ("d", 5)]);
}

#[test]
fn a_modified_column_is_what_its_new_definition_says() {
    let mut log = Log::of(&["CREATE TABLE t (a INT NOT NULL DEFAULT 1, b CHAR(3))"]);
    log.ddl("ALTER TABLE t MODIFY a VARCHAR(9) CHARACTER SET gbk, ALTER b SET DEFAULT 'x'");
    let a = log.column("t", "a");
    assert_eq!((a.kind, a.length, a.charset.as_deref()), (ColumnKind::VarChar, Some(9), Some("gbk")));
    assert_eq!((a.nullable, &a.default), (true, &None));
    assert_eq!(log.column("t", "b").default, Some(DefaultValue::Text("x".into())));
    log.ddl("ALTER TABLE t ALTER COLUMN b SET DEFAULT NULL");
    assert_eq!(log.column("t", "b").default, None);
}

#[test]
fn a_default_may_be_that_of_a_column_that_the_same_statement_adds() {
    let text = |text: &str| Some(DefaultValue::Text(text.into()));
    for (changes, default) in [
        ("ADD z INT DEFAULT 5, ALTER COLUMN z DROP DEFAULT", None),
        ("ADD z INT DEFAULT 5, ALTER z SET DEFAULT 7", text("7")),
        ("ALTER z SET DEFAULT 7, ADD z INT DEFAULT 5", text("7")),
        ("ADD z ENUM('x', 'y'), ALTER z SET DEFAULT 'y'", text("y")),
        ("ADD z INT DEFAULT 5, ALTER COLUMN IF EXISTS z SET DEFAULT 7", text("5")),
    ] {
        let mut log = log();
        log.kind(&format!("ALTER TABLE t {changes}"));
        assert_eq!(log.column("t", "z").default, default, "{changes}");
    }
    let mut log = log();
    log.ddl("ALTER TABLE t ALTER a SET DEFAULT 8, DROP a, ADD a INT DEFAULT 5");
    assert_eq!(log.column("t", "a").default, text("8"));
    let (said, _) = log.unparsed("ALTER TABLE t ADD y INT, ALTER x SET DEFAULT 1");
    assert!(said.starts_with("d.t has no column x"), "{said}");
}

#[test]
fn a_column_may_be_named_with_its_table_and_a_table_with_a_point_before_it() {
    for (sql, written, shape) in [
        ("ALTER TABLE t MODIFY t.a BIGINT", "MODIFY a BIGINT", "id* a b+ c"),
        ("ALTER TABLE t MODIFY .a BIGINT FIRST", "MODIFY a BIGINT FIRST", "a id* b+ c"),
        ("ALTER TABLE t CHANGE `d`.`t`.`a` t.z INT", "CHANGE `a` z INT", "id* z b+ c"),
        ("ALTER TABLE t DROP t.b", "DROP b", "id* a c"),
        ("ALTER TABLE t DROP COLUMN d.t.c", "DROP COLUMN c", "id* a b+"),
        ("ALTER TABLE t ADD t.q INT", "ADD q INT", "id* a b+ c q"),
        ("ALTER TABLE t ALTER t.a SET DEFAULT 4", "ALTER a SET DEFAULT 4", "id* a b+ c"),
        ("ALTER TABLE .t DROP c", "DROP c", "id* a b+"),
        ("ALTER TABLE . `t` DROP c", "DROP c", "id* a b+"),
        ("ALTER TABLE t ADD `a.b` INT, DROP `t`.b", "ADD `a.b` INT, DROP b", "id* a c a.b"),
    ] {
        let mut log = log();
        assert_eq!(log.change(sql).query, format!("ALTER TABLE `d`.`t` {written}"));
        assert_eq!(log.shape("t"), shape, "{sql}");
    }
    let mut log = log();
    log.ddl("CREATE TABLE .n (n.a INT, d.n.b INT REFERENCES .t (id), .e INT, KEY (a))");
    assert_eq!(log.shape("n"), "a b e");
    log.ddl("CREATE UNIQUE INDEX u ON .n (a)");
    log.ddl("RENAME TABLE .n TO .m");
    assert_eq!(log.shape("m"), "a+ b e");
}

#[test]
fn names_in_backticks_may_hold_whatever_else_has_a_meaning() {
    let names = [
        "a.b", "c`d", "e\"f", "g'h", "i\\j", " k", "1", "1e5", "x,y", "(z)", "/*n*/", "--m ", "#h", ";s",
        "é\nü",
    ];
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let columns: Vec<String> = names.iter().map(|name| format!("{} INT", quoted(name))).collect();
    for table in names {
        let mut log = Log::default();
        let table_quoted = quoted(table);
        let created = log.change(&format!("CREATE TABLE {table_quoted} ({})", columns.join(",")));
        assert_eq!(created.query, format!("CREATE TABLE `d`.{table_quoted} ({})", columns.join(",")));
        for name in names {
            let column = quoted(name);
            log.ddl(&format!("ALTER TABLE d.{table_quoted} CHANGE {column} `n` BIGINT"));
            log.ddl(&format!("ALTER TABLE {table_quoted} CHANGE `n` {column} BIGINT UNIQUE"));
        }
        let table = log.schemas.get(&TableName::new("d", table)).unwrap();
        let found: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(found, names);
        assert!(table.columns.iter().all(|c| c.kind == ColumnKind::BigInt && c.unique_key));
    }
}

#[test]
fn without_its_primary_key_a_column_stays_not_null() {
    let mut log = log();
    log.ddl("ALTER TABLE t DROP PRIMARY KEY");
    let id = log.column("t", "id");
    assert!(!id.primary_key && !id.unique_key && !id.nullable);
}

#[test]
fn keys_without_a_name_are_named_as_the_server_names_them() {
    let mut log = Log::of(&[
        "CREATE TABLE t (a INT UNIQUE, b INT, c INT, UNIQUE (a, b), KEY (b), UNIQUE (b, c))",
        "ALTER TABLE t DROP KEY a",
        "ALTER TABLE t DROP KEY b",
        "ALTER TABLE t DROP KEY b_2",
    ]);
    assert_eq!(log.shape("t"), "a+ b+ c");
    log.ddl("DROP INDEX a_2 ON t");
    assert_eq!(log.shape("t"), "a b c");
}

#[test]
fn a_unique_constraint_is_a_key_of_its_name_unless_the_key_has_one() {
    let mut log =
        Log::of(&["CREATE TABLE t (a INT, b INT, CONSTRAINT s UNIQUE (a), CONSTRAINT s2 UNIQUE u (b))"]);
    log.ddl("ALTER TABLE t DROP KEY s");
    assert_eq!(log.shape("t"), "a b+");
    log.ddl("ALTER TABLE t DROP KEY u");
    assert_eq!(log.shape("t"), "a b");
}

#[test]
fn without_a_primary_key_the_smallest_unique_key_that_allows_no_null_tells_rows_apart() {
    for (definition, handle) in [
        ("a INT, b INT NOT NULL, PRIMARY KEY (a), UNIQUE (b)", "a"),
        ("a INT NOT NULL, b INT NOT NULL, c INT NOT NULL, UNIQUE (a, b), UNIQUE (c)", "c"),
        ("a INT NOT NULL, b INT NOT NULL, c INT, UNIQUE (c), UNIQUE (a), UNIQUE (b)", "a"),
        // One of its columns may be NULL: then the other says nothing.
        ("a INT NOT NULL, b INT, UNIQUE (a, b)", ""),
        // Two rows may have the same `a`.
        ("a INT NOT NULL, b INT, UNIQUE u (a, (b + 1))", ""),
        ("b INT, UNIQUE ((b + 1))", ""),
        // Its values are not in the log.
        ("a INT, b INT AS (a + 1) VIRTUAL NOT NULL, UNIQUE (b)", ""),
        ("a INT NOT NULL, KEY (a)", ""),
    ] {
        let mut log = Log::of(&[&format!("CREATE TABLE t ({definition})")]);
        let handle_of = |log: &Log| -> String {
            let table = log.table("t");
            let columns = table.columns.iter().filter(|column| column.handle_key);
            columns.map(|column| column.name.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(handle_of(&log), handle, "{definition}");
        log.ddl("ALTER TABLE t ADD z INT NOT NULL, ADD UNIQUE z (z)");
        assert_eq!(handle_of(&log), if handle.is_empty() { "z" } else { handle }, "{definition}");
        log.ddl("ALTER TABLE t MODIFY z INT");
        assert_eq!(handle_of(&log), handle, "{definition}");
    }
}

#[test]
fn a_dropped_column_leaves_its_keys() {
    let mut log = Log::of(&["CREATE TABLE t (a INT, b INT, UNIQUE u (a, b), UNIQUE v (a))"]);
    log.ddl("ALTER TABLE t DROP a, ADD a INT");
    assert_eq!(log.shape("t"), "b+ a");
}

#[test]
fn convert_moves_text_columns_and_widens_them_where_needed() {
    let mut log =
        Log::of(&["CREATE TABLE t (a CHAR(10), t TEXT, tt TINYTEXT, m MEDIUMTEXT, e ENUM('a'), b BLOB, \
         j JSON, u TEXT CHARACTER SET utf8mb4) CHARSET latin1"]);
    log.ddl(
        "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, ADD n TEXT, MODIFY a CHAR(9)",
    );
    let shown: Vec<String> = log
        .table("t")
        .columns
        .iter()
        .map(|c| format!("{} {} {}", c.name, c.type_name(), c.charset.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        shown,
        [
            "a char utf8mb4",
            "t mediumtext utf8mb4",
            "tt text utf8mb4",
            "m longtext utf8mb4",
            "e enum -",
            "b blob binary",
            "j json -",
            "u text utf8mb4",
            "n text utf8mb4",
        ]
    );
    log.ddl("ALTER TABLE t CONVERT TO CHARACTER SET binary");
    assert_eq!(log.column("t", "tt").type_name(), "blob");
}

#[test]
fn the_default_charset_to_convert_to_is_that_of_the_database_in_use_on_mysql_and_of_the_table_on_mariadb() {
    for (mariadb, charset) in [(false, "gbk"), (true, "ucs2")] {
        let mut log = Log::of(&[
            "CREATE DATABASE d CHARSET gbk",
            "CREATE DATABASE e CHARSET ucs2",
            "CREATE TABLE e.t (a TEXT) CHARSET latin1",
        ]);
        let dialect = Dialect { mariadb, ..Dialect::default() };
        let sql = "ALTER TABLE e.t CONVERT TO CHARACTER SET DEFAULT";
        assert!(matches!(log.schemas.apply(sql, "d", dialect, CommitTs(9)), Applied::Ddl(_)));
        assert_eq!(log.column("e.t", "a").charset.as_deref(), Some(charset));
    }
}

#[test]
fn a_default_charset_is_for_columns_to_come() {
    let mut log = log();
    log.ddl("ALTER TABLE t DEFAULT CHARSET utf8, ADD x TEXT");
    log.ddl("ALTER TABLE t CHARACTER SET DEFAULT");
    log.ddl("ALTER TABLE t ADD y TEXT");
    let charsets = ["b", "x", "y"].map(|name| log.column("t", name).charset.clone().unwrap());
    assert_eq!(charsets, ["latin1", "utf8mb3", "utf8mb4"]);
}

#[test]
fn indexes_are_created_and_dropped_by_statements_of_their_own() {
    let mut log = log();
    for (sql, kind, shape) in [
        (
            "CREATE UNIQUE INDEX `u` USING BTREE ON `t` (a, c) ALGORITHM=INPLACE LOCK=NONE",
            DdlKind::AddIndex,
            "id* a+ b+ c+",
        ),
        ("CREATE INDEX i ON d.t (a) COMMENT 'x'", DdlKind::AddIndex, "id* a+ b+ c+"),
        ("CREATE INDEX i2 ON t (a)", DdlKind::AddIndex, "id* a+ b+ c+"),
        ("CREATE OR REPLACE UNIQUE INDEX u ON t (c)", DdlKind::MultiSchemaChange, "id* a b+ c+"),
        ("DROP INDEX u ON t", DdlKind::DropIndex, "id* a b+ c"),
        ("DROP INDEX `PRIMARY` ON `d`.`t`", DdlKind::DropPrimaryKey, "id a b+ c"),
    ] {
        let event = log.ddl(sql);
        assert_eq!((event.changes[0].kind, event.influence), (kind, tables(&["t"])), "{sql}");
        assert_eq!(log.shape("t"), shape, "{sql}");
        assert_eq!(log.table("t").version, log.at);
    }
    assert_eq!(log.apply("CREATE INDEX IF NOT EXISTS i ON t (c)"), Applied::Ignored);
}

#[test]
fn a_statement_with_settings_of_its_own_is_followed() {
    let mut log = log();
    assert_eq!(
        log.kind("set statement lock_wait_timeout=5, sql_mode='' for alter table t add z int"),
        DdlKind::AddColumn
    );
    assert_eq!(log.shape("t"), "id* a b+ c z");
}

#[test]
fn a_change_that_also_renames_is_a_change_and_then_a_rename() {
    let mut log = log();
    let id = log.table("t").table_id;
    let [altered, renamed] = &log.ddls("ALTER TABLE t RENAME TO x.u, ADD z INT")[..] else { panic!() };
    assert_eq!([&altered.influence, &renamed.influence], [&tables(&["t"]); 2]);
    let (altered, renamed) = (&altered.changes[0], &renamed.changes[0]);
    assert_eq!(
        (altered.kind, altered.schema.as_str(), altered.table.as_str()),
        (DdlKind::AddColumn, "d", "t")
    );
    assert_eq!(
        (renamed.kind, renamed.schema.as_str(), renamed.table.as_str()),
        (DdlKind::RenameTable, "x", "u")
    );
    assert_eq!((&altered.renamed_from, &renamed.renamed_from), (&None, &Some(named("t"))));
    assert_eq!(log.schemas.get(&named("t")), None);
    assert_eq!((log.shape("x.u").as_str(), log.table("x.u").table_id), ("id* a b+ c z", id));
    assert_eq!(log.table("x.u").version, 3, "the rename's, which comes second");
    // A new name without a database is in the default one.
    assert_eq!(log.kind("ALTER TABLE x.u RENAME v"), DdlKind::RenameTable);
    assert_eq!(log.table("v").version, 4);
}

#[test]
fn an_exchange_of_a_partition_is_told_under_both_names() {
    let mut log = Log::of(&[
        "CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2",
        "CREATE TABLE e.o (id INT PRIMARY KEY)",
    ]);
    let event = log.ddl("ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE e.o WITHOUT VALIDATION");
    assert_eq!(event.influence, tables(&["p", "e.o"]));
    let shown: Vec<_> = event
        .changes
        .iter()
        .map(|c| (c.kind as u8, c.schema.as_str(), c.table.as_str(), c.query.as_str()))
        .collect();
    let query = "ALTER TABLE `d`.`p` EXCHANGE PARTITION p0 WITH TABLE `e`.`o` WITHOUT VALIDATION";
    assert_eq!(shown, [(42, "e", "o", query), (42, "d", "p", "")]);
    assert_eq!([log.table("p").version, log.table("e.o").version], [3, 3]);
}

#[test]
fn a_partition_that_becomes_a_table_and_the_reverse_are_told_under_both_names() {
    let mut log = Log::of(&["CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2"]);
    let shown = |event: &change_event::DdlEvent| -> Vec<(DdlKind, String, String)> {
        event.changes.iter().map(|c| (c.kind, c.table.clone(), c.query.clone())).collect()
    };
    let event = log.ddl("ALTER TABLE p CONVERT PARTITION p0 TO TABLE o");
    let query = "ALTER TABLE `d`.`p` CONVERT PARTITION p0 TO TABLE `d`.`o`";
    assert_eq!(
        shown(&event),
        [
            (DdlKind::DropPartition, "p".into(), query.into()),
            (DdlKind::CreateTable, "o".into(), String::new())
        ]
    );
    assert_eq!((log.shape("o").as_str(), log.table("o").version), ("id*", 2));
    let event = log.ddl("ALTER TABLE p CONVERT TABLE o TO PARTITION p2 VALUES LESS THAN (9)");
    assert_eq!(event.influence, tables(&["p", "o"]));
    let query = "ALTER TABLE `d`.`p` CONVERT TABLE `d`.`o` TO PARTITION p2 VALUES LESS THAN (9)";
    assert_eq!(
        shown(&event),
        [(DdlKind::AddPartition, "p".into(), query.into()), (DdlKind::DropTable, "o".into(), String::new())]
    );
    assert_eq!(log.schemas.get(&named("o")), None);
    // MariaDB takes it, and one file must not take the place of the other.
    let event = log.ddl("ALTER TABLE p CONVERT PARTITION p1 TO TABLE p");
    let query = "ALTER TABLE `d`.`p` CONVERT PARTITION p1 TO TABLE `d`.`p`";
    assert_eq!(shown(&event), [(DdlKind::DropPartition, "p".into(), query.into())]);
}
