//! Statements of every form on a server: after each, all tables as they are tracked are those that the server has.

mod statements;

use crate::bookkeeping::{described, description};
use change_event::{ChangeEvent, DdlChange, DdlKind, Influence, TableName, TableSchema};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use source_mysql::{Binlog, SourceItem, SourceOptions, Start};
use statements::{GROUPS, NOT_FOLLOWED, OTHERWISE_ON_OLD_MARIADB};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// What became of the statements.
#[derive(Debug, Default)]
pub struct Figures {
    pub followed: usize,
    pub refused: usize,
    pub read_again: usize,
}

/// Runs every statement in one connection, looks at the server in another, and reads the log.
pub async fn compare(mut runs: Conn, mut looks: Conn, url: &Url, json: &str) -> Figures {
    for statement in ["CREATE DATABASE d", "CREATE DATABASE e", "CREATE DATABASE marks", "USE d"] {
        runs.query_drop(statement).await.unwrap();
    }
    runs.query_drop("CREATE TABLE marks.mark (a INT)").await.unwrap();
    // Only MariaDB knows it, and lets no table with a history change without.
    drop(runs.query_drop("SET system_versioning_alter_history = KEEP").await);
    let log = Binlog::connect(url, SourceOptions::default(), Start::Now).await.unwrap();
    let mut follower = Follower { log, tables: BTreeMap::new(), lost: None };
    let mut figures = Figures::default();
    let mut wrong = Vec::new();
    let version: Option<String> = looks.query_first("SELECT VERSION()").await.unwrap();
    let version = version.unwrap();
    let is_old_mariadb =
        version.contains("MariaDB") && ["10.0.", "10.1.", "10.2."].iter().any(|old| version.starts_with(old));
    for group in GROUPS {
        for statement in *group {
            if is_old_mariadb && OTHERWISE_ON_OLD_MARIADB.contains(statement) {
                continue;
            }
            match follower.run(&mut runs, statement).await {
                Outcome::Refused => figures.refused += 1,
                Outcome::OfTheSession => {}
                Outcome::Followed => figures.followed += 1,
                Outcome::ReadAgain if NOT_FOLLOWED.contains(statement) => figures.read_again += 1,
                Outcome::ReadAgain => wrong.push(format!("{statement}\n    is not followed")),
            }
            if let Some(difference) = follower.difference(&mut looks, json).await {
                wrong.push(format!("{statement}\n    {difference}"));
                break;
            }
        }
        follower.clear(&mut runs, &mut looks).await;
    }
    assert!(wrong.is_empty(), "\n{}\n{figures:?}", wrong.join("\n"));
    let Figures { followed, refused, read_again } = figures;
    println!(
        "figures: {followed} statements followed, {refused} refused by the server, {read_again} re-read"
    );
    figures
}

enum Outcome {
    Refused,
    /// It is about its session alone.
    OfTheSession,
    Followed,
    /// The source said that it could not follow; the next row showed the table.
    ReadAgain,
}

struct Follower {
    log: Binlog,
    /// What the log made of the tables.
    tables: BTreeMap<String, Arc<TableSchema>>,
    /// The tables of a statement that was not followed.
    lost: Option<Vec<TableName>>,
}

impl Follower {
    async fn run(&mut self, conn: &mut Conn, statement: &str) -> Outcome {
        if statement.starts_with("SET ") && !statement.starts_with("SET STATEMENT ") {
            // Each server has variables of its own.
            drop(conn.query_drop(statement).await);
            return Outcome::OfTheSession;
        }
        let refused = match conn.query_drop(statement).await {
            Ok(()) => false,
            Err(Error::Server(_)) => true,
            Err(error) => panic!("{statement}: {error}"),
        };
        // A DROP that is refused may have done a part of its work.
        self.read_to_mark(conn, statement).await;
        if refused {
            return Outcome::Refused;
        }
        let Some(lost) = self.lost.take() else { return Outcome::Followed };
        for TableName { schema, table } in lost {
            // What is gone takes no row.
            drop(conn.query_drop(format!("INSERT IGNORE INTO `{schema}`.`{table}` () VALUES ()")).await);
        }
        self.read_to_mark(conn, statement).await;
        // Its rows came behind a barrier of their own.
        self.lost = None;
        Outcome::ReadAgain
    }

    async fn read_to_mark(&mut self, conn: &mut Conn, statement: &str) {
        conn.query_drop("INSERT INTO marks.mark VALUES (1)").await.unwrap();
        loop {
            let item = self.log.next().await.unwrap_or_else(|error| panic!("{statement}: {error}"));
            match item.expect("the mark comes first") {
                SourceItem::Event(ChangeEvent::Rows(event)) if event.table.name.table == "mark" => return,
                SourceItem::Event(ChangeEvent::Rows(event)) => {
                    self.tables.insert(event.table.name.to_string(), event.table.clone());
                }
                SourceItem::Event(ChangeEvent::Ddl(event)) if event.changes.is_empty() => {
                    self.lose(&event.influence);
                }
                SourceItem::Event(ChangeEvent::Ddl(event)) => {
                    event.changes.iter().for_each(|change| self.note(change));
                }
                SourceItem::Event(ChangeEvent::Resolved(_)) | SourceItem::Parked(_) | SourceItem::Mark(_) => {
                }
            }
        }
    }

    /// The source no longer knows what those tables look like.
    fn lose(&mut self, influence: &Influence) {
        let known = self.tables.values().map(|table| table.name.clone());
        let lost: Vec<TableName> = match influence {
            Influence::Tables(tables) => tables.clone(),
            Influence::Database(database) => known.filter(|name| name.schema == *database).collect(),
            Influence::All => known.collect(),
        };
        lost.iter().for_each(|table| drop(self.tables.remove(&table.to_string())));
        self.lost.get_or_insert_default().extend(lost);
    }

    fn note(&mut self, change: &DdlChange) {
        let name = format!("{}.{}", change.schema, change.table);
        if let Some(from) = &change.renamed_from {
            self.tables.remove(&from.to_string());
        }
        match (change.kind, &change.columns) {
            (DdlKind::CreateView | DdlKind::DropView, _) => {}
            (DdlKind::DropTable, _) => drop(self.tables.remove(&name)),
            (DdlKind::DropDatabase, _) => self.tables.retain(|table, _| !table.starts_with(&name)),
            (_, Some(columns)) => drop(self.tables.insert(name, columns.clone())),
            (_, None) => {}
        }
    }

    /// How the tables that are tracked differ from those of the server.
    async fn difference(&self, conn: &mut Conn, json: &str) -> Option<String> {
        let theirs = tables_of(conn).await;
        let ours: Vec<&String> = self.tables.keys().collect();
        if ours != theirs.iter().collect::<Vec<_>>() {
            return Some(format!("leaves the tables {theirs:?}, tracked are {ours:?}"));
        }
        for (table, tracked) in &self.tables {
            let (ours, theirs) = (described(tracked, json), description(conn, table).await);
            if ours != theirs {
                return Some(format!("leaves {table} as\n    {theirs:?}, tracked is\n    {ours:?}"));
            }
        }
        None
    }

    async fn clear(&mut self, runs: &mut Conn, looks: &mut Conn) {
        runs.query_drop("SET foreign_key_checks = 0, sql_mode = ''").await.unwrap();
        for name in tables_of(looks).await {
            let (schema, table) = name.split_once('.').unwrap();
            let drop_table = format!("DROP TABLE `{schema}`.`{}`", table.replace('`', "``"));
            runs.query_drop(&drop_table).await.unwrap_or_else(|error| panic!("{drop_table}: {error}"));
        }
        runs.query_drop("SET foreign_key_checks = 1").await.unwrap();
        self.read_to_mark(runs, "clear").await;
        self.tables.clear();
        self.lost = None;
    }
}

/// The tables that the statements are about, in the order of their names.
async fn tables_of(conn: &mut Conn) -> Vec<String> {
    let mut tables: Vec<String> = conn
        .query(
            "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables
             WHERE table_schema IN ('d', 'e', 'x', 'y') AND table_type NOT IN ('VIEW', 'SEQUENCE')",
        )
        .await
        .unwrap();
    tables.sort();
    tables
}
