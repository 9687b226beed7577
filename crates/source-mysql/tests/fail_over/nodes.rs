//! Two servers that replicate: of the kind that `SPILLWAY_SERVER` names, MariaDB where it names none.

use crate::mysql_server::MySql;
use crate::server::MariaDb;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use url::Url;

/// One of them.
pub enum Node {
    MariaDb(MariaDb),
    MySql(MySql),
}

impl Node {
    /// Starts a server that logs what it replicates, too.
    pub fn start(id: u32) -> Self {
        // One of them packs its transactions, where it can.
        let packs = format!("--loose-binlog-transaction-compression={}", if id == 2 { "ON" } else { "OFF" });
        let id = format!("--server-id={id}");
        match std::env::var("SPILLWAY_SERVER") {
            Ok(name) if name.starts_with("mysql") => Self::MySql(MySql::start_with(&[
                &id,
                &packs,
                "--gtid-mode=ON",
                "--enforce-gtid-consistency=ON",
                "--loose-log-slave-updates",
                "--loose-replica-preserve-commit-order=OFF",
                "--loose-slave-preserve-commit-order=OFF",
                "--loose-binlog-transaction-dependency-tracking=WRITESET",
                "--loose-transaction-write-set-extraction=XXHASH64",
                "--max-binlog-size=65536",
            ])),
            _ => Self::MariaDb(MariaDb::start_with(&[
                &id,
                "--log-slave-updates",
                "--slave-parallel-threads=4",
                "--slave-parallel-mode=optimistic",
                "--max-binlog-size=65536",
            ])),
        }
    }

    pub fn url(&self) -> Url {
        match self {
            Self::MariaDb(server) => {
                Url::parse(&format!("mysql://admin:root@127.0.0.1:{}", server.port)).unwrap()
            }
            Self::MySql(server) => server.url(),
        }
    }

    pub async fn connect(&self) -> Conn {
        match self {
            Self::MariaDb(server) => server.connect().await,
            Self::MySql(server) => server.connect().await,
        }
    }

    /// Runs statements, one after the other.
    pub async fn run(&self, statements: &[&str]) {
        let mut conn = self.connect().await;
        for statement in statements {
            run(&mut conn, statement).await;
        }
    }

    /// Has the session write into another GTID domain, where there are such.
    pub async fn choose_domain(&self, conn: &mut Conn, domain: u64) {
        if let Self::MariaDb(_) = self {
            run(conn, &format!("SET gtid_domain_id = {domain}")).await;
        }
    }

    /// What has a session's transactions have the GTIDs that another server would give them, where it can.
    pub fn number_as(&self, id: u32) -> Option<String> {
        matches!(self, Self::MariaDb(_)).then(|| format!("SET server_id = {id}"))
    }

    /// Replicates from the other one.
    pub async fn follow(&self, primary: &Self) {
        let port = primary.url().port().unwrap();
        let mut conn = self.connect().await;
        if let Self::MariaDb(_) = self {
            run(
                &mut conn,
                &format!(
                    "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='admin', \
                     MASTER_PASSWORD='root', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=current_pos"
                ),
            )
            .await;
            return run(&mut conn, "START SLAVE").await;
        }
        let newer = format!(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port}, SOURCE_USER='admin', \
             SOURCE_CONNECT_RETRY=1, SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1"
        );
        let older = format!(
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='admin', \
             MASTER_CONNECT_RETRY=1, MASTER_AUTO_POSITION=1"
        );
        let workers = "parallel_type='LOGICAL_CLOCK', GLOBAL slave_parallel_workers=4";
        if conn.query_drop(&newer).await.is_ok() {
            // Some of them parallel by themselves, some not.
            drop(conn.query_drop("SET GLOBAL replica_parallel_workers=4").await);
            return run(&mut conn, "START REPLICA").await;
        }
        run(&mut conn, &older).await;
        run(&mut conn, &format!("SET GLOBAL slave_{workers}")).await;
        run(&mut conn, "START SLAVE").await;
    }

    /// Stops to replicate: it is on its own.
    pub async fn stand_alone(&self) {
        let mut conn = self.connect().await;
        if conn.query_drop("STOP SLAVE").await.is_err() {
            run(&mut conn, "STOP REPLICA").await;
        }
    }

    /// Waits until it has a table: what is written in another domain does not wait for it.
    pub async fn has_table(&self, table: &str) {
        let mut conn = self.connect().await;
        while conn.query_drop(format!("SELECT id FROM d.{table}")).await.is_err() {
            run(&mut conn, "DO SLEEP(0.05)").await;
        }
    }

    /// All ids of a table.
    pub async fn ids(&self, table: &str) -> Vec<i64> {
        self.connect().await.query(format!("SELECT id FROM d.{table} ORDER BY id")).await.unwrap()
    }
}

pub async fn run(conn: &mut Conn, statement: &str) {
    if let Err(error) = conn.query_drop(statement).await {
        panic!("{statement}: {error}");
    }
}
