//! Statements of all kinds on a real server: after each, the table as it is tracked is the one the server describes.

mod bookkeeping;
mod grammar;
mod mysql_server;
mod server;

use bookkeeping::{described, description};
use change_event::{ChangeEvent, Influence, TableName, TableSchema};
use mysql_async::prelude::Queryable;
use mysql_server::MySql;
use server::MariaDb;
use source_mysql::{Binlog, SourceItem, SourceOptions, Start};
use std::collections::BTreeMap;
use std::sync::Arc;

const TYPES: [&str; 44] = [
    "INT",
    "INT(3) UNSIGNED",
    "TINYINT(1)",
    "SMALLINT UNSIGNED ZEROFILL",
    "MEDIUMINT",
    "BIGINT UNSIGNED",
    "BOOL",
    "SERIAL",
    "DECIMAL",
    "DECIMAL(0)",
    "DEC(7)",
    "NUMERIC(9,4) UNSIGNED",
    "FLOAT",
    "FLOAT(30)",
    "DOUBLE PRECISION",
    "REAL UNSIGNED",
    "BIT",
    "BIT(0)",
    "BIT(9)",
    "YEAR",
    "DATE",
    "TIME(3)",
    "DATETIME",
    "DATETIME(6)",
    "TIMESTAMP(2) NULL",
    "CHAR",
    "CHAR(0)",
    "CHAR(7) CHARACTER SET gbk",
    "NCHAR(4)",
    "NATIONAL VARCHAR(6)",
    "VARCHAR(20)",
    "VARCHAR(10) COLLATE utf8mb4_bin",
    "VARCHAR(6) CHARACTER SET binary",
    "CHARACTER VARYING(9) ASCII",
    "BINARY",
    "VARBINARY(9)",
    "TEXT",
    "TEXT(300)",
    "TINYTEXT CHARACTER SET utf8mb3",
    "MEDIUMBLOB",
    "LONG VARCHAR",
    "ENUM('a','b ','c')",
    "SET('x','y')",
    "JSON",
];

const ATTRIBUTES: [&str; 9] = [
    "",
    "",
    "",
    "NOT NULL",
    "NULL",
    "NOT NULL COMMENT 'it''s, (a) comment'",
    "UNIQUE",
    "PRIMARY KEY",
    "AUTO_INCREMENT UNIQUE",
];

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn of<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[self.below(some.len())]
    }

    fn name(&mut self) -> &'static str {
        self.of(&["a", "b", "c", "D", "e e", "f"])
    }

    fn column(&mut self) -> String {
        format!("`{}` {} {}", self.name(), self.of(&TYPES), self.of(&ATTRIBUTES))
    }

    fn key(&mut self) -> String {
        let kind =
            self.of(&["PRIMARY KEY", "UNIQUE", "UNIQUE KEY k", "KEY k2", "INDEX", "UNIQUE u USING HASH"]);
        match self.below(2) {
            0 => format!("{kind} (`{}`)", self.name()),
            _ => format!("{kind} (`{}`, `{}`)", self.name(), self.name()),
        }
    }

    fn create(&mut self, table: &str) -> String {
        let mut parts: Vec<String> = (0..1 + self.below(4)).map(|_| self.column()).collect();
        if self.below(2) == 0 {
            parts.push(self.key());
        }
        let mut options = self
            .of(&["", "DEFAULT CHARSET utf8mb4", "CHARACTER SET = utf8", "ENGINE=InnoDB COLLATE ucs2_bin"])
            .to_owned();
        match self.below(8) {
            0 => options.push_str(" WITH SYSTEM VERSIONING"),
            1 => parts.extend([
                "s DATE".into(),
                "t DATE".into(),
                "PERIOD FOR p (s, t)".into(),
                "UNIQUE w (s, t)".into(),
            ]),
            2 => {
                parts.push("r TIMESTAMP(6) GENERATED ALWAYS AS ROW START".into());
                parts.push("z TIMESTAMP(6) GENERATED ALWAYS AS ROW END INVISIBLE".into());
                parts.push("PERIOD FOR SYSTEM_TIME (r, z)".into());
                options.push_str(" WITH SYSTEM VERSIONING");
            }
            3 => {
                parts.extend([
                    "m INT".into(),
                    "s DATE".into(),
                    "t DATE".into(),
                    "PERIOD FOR p (s, t)".into(),
                ]);
                parts.push("UNIQUE w (m, p WITHOUT OVERLAPS)".into());
            }
            _ => {}
        }
        format!("CREATE TABLE {table} ({}) {options}", parts.join(", "))
    }

    fn change(&mut self) -> String {
        let (one, other) = (self.name(), self.name());
        let place = match self.below(4) {
            0 => "FIRST".to_owned(),
            1 => format!("AFTER `{other}`"),
            _ => String::new(),
        };
        match self.below(20) {
            0..=3 => {
                format!("ADD {} {} {place}", self.of(&["", "COLUMN", "COLUMN IF NOT EXISTS"]), self.column())
            }
            4 => format!("ADD ({}, {})", self.column(), self.column()),
            5 => format!("DROP COLUMN IF EXISTS `{one}`"),
            6..=8 => format!("MODIFY {} {place}", self.column()),
            9 => format!("CHANGE `{one}` {} {place}", self.column()),
            10 => format!("RENAME COLUMN `{one}` TO `{other}`"),
            11 | 12 => format!("ADD {}", self.key()),
            13 => self.of(&["DROP PRIMARY KEY", "DROP KEY IF EXISTS k", "DROP INDEX IF EXISTS a"]).to_owned(),
            14 => format!("CONVERT TO CHARACTER SET {}", self.of(&["utf8mb4", "latin1", "gbk", "utf8"])),
            15 => format!("DEFAULT CHARACTER SET {}", self.of(&["utf8mb4", "latin1"])),
            16 => self.of(&["ADD SYSTEM VERSIONING", "DROP SYSTEM VERSIONING"]).to_owned(),
            17 => self
                .of(&["ADD PERIOD FOR p (s, t)", "DROP PERIOD FOR p", "DROP PERIOD IF EXISTS FOR p"])
                .to_owned(),
            18 => format!("ALTER COLUMN `{one}` SET DEFAULT 1"),
            _ => "FORCE, COMMENT = 'x'".to_owned(),
        }
    }

    fn statement(&mut self, tables: &[String]) -> (String, String) {
        let new = format!("d.t{}", tables.len());
        if tables.is_empty() || self.below(6) == 0 {
            return (self.create(&new), new);
        }
        let table = tables[self.below(tables.len())].clone();
        if self.below(20) == 0 {
            return (format!("CREATE TABLE {new} LIKE {table}"), new);
        }
        let changes: Vec<String> = (0..1 + self.below(2)).map(|_| self.change()).collect();
        (format!("ALTER TABLE {table} {}", changes.join(", ")), table)
    }
}

#[tokio::test]
async fn a_tracked_table_is_the_one_that_the_server_describes() {
    let db = MariaDb::start();
    let mut conn = db.connect().await;
    conn.query_drop("CREATE DATABASE d").await.unwrap();
    conn.query_drop("CREATE TABLE d.mark (a INT)").await.unwrap();
    // Not every version knows it, and none that does lets a table with a history change without.
    drop(conn.query_drop("SET system_versioning_alter_history = KEEP").await);
    let mut log = Binlog::connect(&db.url("looker"), SourceOptions::default(), Start::Now).await.unwrap();
    let mut dice = Dice(2026);
    let mut tables = Vec::new();
    let mut tracked = BTreeMap::new();
    let (mut done, mut refused) = (0, 0);
    while done < 400 {
        let (statement, table) = dice.statement(&tables);
        // The server refuses much of it; then there is nothing in the log.
        if conn.query_drop(&statement).await.is_err() {
            refused += 1;
            assert!(refused < 4_000, "{done}");
            continue;
        }
        if !tables.contains(&table) {
            tables.push(table.clone());
        }
        done += 1;
        conn.query_drop("INSERT INTO d.mark VALUES (1)").await.unwrap();
        tracked.extend(read_to_mark(&mut log, &statement).await);
        let ours = described(&tracked[&table], "longtext");
        assert_eq!(ours, description(&mut conn, &table).await, "{statement}");
    }
    println!("{done} statements on {} tables, {refused} refused by the server", tables.len());
}

#[tokio::test]
async fn after_a_statement_of_every_form_mariadb_has_the_tables_that_are_tracked() {
    let db = MariaDb::start();
    let figures =
        grammar::compare(db.connect().await, db.connect().await, &db.url("looker"), "longtext").await;
    assert!(figures.followed > 300, "{figures:?}");
}

#[tokio::test]
#[ignore = "needs a MySQL: cargo xtask matrix"]
async fn after_a_statement_of_every_form_mysql_has_the_tables_that_are_tracked() {
    let db = MySql::start();
    let figures = grammar::compare(db.connect().await, db.connect().await, &db.url(), "json").await;
    assert!(figures.followed > 200, "{figures:?}");
}

#[tokio::test]
async fn rows_that_no_ddl_announced_come_behind_a_barrier() {
    let db = MariaDb::start();
    db.run("CREATE DATABASE d; CREATE TABLE d.t (a INT); INSERT INTO d.t VALUES (1)").await;
    db.run(
        "SET sql_log_bin = 0; ALTER TABLE d.t ADD b INT; SET sql_log_bin = 1; INSERT INTO d.t VALUES (2, 3);
         SET sql_log_bin = 0; ALTER TABLE d.t MODIFY a INT UNSIGNED; SET sql_log_bin = 1; INSERT INTO d.t VALUES (4000000000, 5);
         CREATE TABLE d.mark (a INT); INSERT INTO d.mark VALUES (1)",
    )
    .await;
    if !db.logs_names().await {
        return;
    }
    let mut log =
        Binlog::connect(&db.url("reader"), SourceOptions::default(), Start::Earliest).await.unwrap();
    let (mut seen, mut last) = (Vec::new(), None);
    loop {
        match log.next().await.unwrap().unwrap() {
            SourceItem::Event(ChangeEvent::Rows(event)) if event.table.name.table == "mark" => break,
            SourceItem::Event(ChangeEvent::Rows(event)) => {
                seen.push(event.table.columns.len());
                last = event.rows.iter().last().and_then(|row| Some(format!("{:?}", row.after?.value(0))));
            }
            SourceItem::Event(ChangeEvent::Ddl(event)) if event.changes.is_empty() => {
                assert_eq!(event.influence, Influence::Tables(vec![TableName::new("d", "t")]));
                seen.push(0);
            }
            _ => {}
        }
    }
    assert_eq!(seen, [1, 0, 2, 0, 2]);
    assert_eq!(last.as_deref(), Some("UInt(4000000000)"), "the log knows a sign better than the statements");
}

/// The tables that changed before the next row of the mark.
async fn read_to_mark(log: &mut Binlog, statement: &str) -> BTreeMap<String, Arc<TableSchema>> {
    let mut tracked = BTreeMap::new();
    loop {
        match log.next().await.unwrap().unwrap() {
            SourceItem::Event(ChangeEvent::Rows(event)) if event.table.name.table == "mark" => {
                return tracked;
            }
            SourceItem::Event(ChangeEvent::Ddl(event)) => {
                assert!(!event.changes.is_empty(), "{statement}: not followed");
                for change in &event.changes {
                    if let Some(columns) = &change.columns {
                        tracked.insert(format!("{}.{}", change.schema, change.table), columns.clone());
                    }
                }
            }
            _ => {}
        }
    }
}
