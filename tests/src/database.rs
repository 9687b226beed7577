//! A server to test against: a MariaDB, or the MySQL that the environment names.

use crate::client::Client;
use crate::{MariaDb, MySql, ServerError};
use mysql_async::{Pool, Row};
use std::path::{Path, PathBuf};

/// Names the server: `mariadb`, or one of MySQL such as `mysql-9.7`.
const SERVER: &str = "SPILLWAY_SERVER";
/// Names the folder with unpacked servers, as `cargo xtask servers` fills it.
const FOLDER: &str = "SPILLWAY_SERVERS";

/// A database server of one's own, of the kind that `SPILLWAY_SERVER` names. Dropping it kills the server.
#[derive(Debug)]
pub enum Database {
    /// The installed MariaDB: what is meant if nothing is named.
    MariaDb(MariaDb),
    /// An unpacked MySQL: the `mysqld` that `SPILLWAY_MYSQLD_97` names (for 9.7), or the one in the folder that
    /// `cargo xtask servers` fills.
    MySql(MySql),
}

impl Database {
    /// Starts the server that `SPILLWAY_SERVER` names, with further command-line options that both kinds know.
    ///
    /// # Errors
    /// `NoServer` or `NotInstalled` if it is not there; otherwise what kept it from starting.
    pub async fn start_with(options: &[&str]) -> Result<Self, ServerError> {
        match Self::name().as_str() {
            "mariadb" => MariaDb::start_with(options).await.map(Self::MariaDb),
            mysql => MySql::start_with(&program(mysql)?, options).await.map(Self::MySql),
        }
    }

    /// Starts the server that `SPILLWAY_SERVER` names.
    ///
    /// # Errors
    /// As [`Database::start_with`].
    pub async fn start() -> Result<Self, ServerError> {
        Self::start_with(&[]).await
    }

    fn client(&self) -> &Client {
        match self {
            Self::MariaDb(server) => server.client(),
            Self::MySql(server) => server.client(),
        }
    }

    /// What `SPILLWAY_SERVER` names.
    pub fn name() -> String {
        std::env::var(SERVER).unwrap_or_else(|_| "mariadb".to_owned())
    }

    /// `mysql://root@127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.client().url()
    }

    /// A pool of connections to it. Clones share their connections.
    pub fn pool(&self) -> Pool {
        self.client().pool()
    }

    /// Runs one statement and returns its rows; none for a statement that has no result.
    ///
    /// # Errors
    /// `Sql`, with the statement.
    pub async fn query(&self, statement: impl AsRef<str>) -> Result<Vec<Row>, ServerError> {
        self.client().query(statement.as_ref()).await
    }

    /// Where the binlog ends now: file name and position.
    ///
    /// # Errors
    /// `Sql`, as [`Database::query`].
    pub async fn binlog_end(&self) -> Result<(String, u64), ServerError> {
        self.client().binlog_end().await
    }
}

/// The `mysqld` of a server called `mysql-<version>`.
fn program(server: &str) -> Result<PathBuf, ServerError> {
    let digits: String = server.chars().filter(char::is_ascii_digit).collect();
    let variable = format!("SPILLWAY_MYSQLD_{digits}");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::var_os(FOLDER).map_or_else(|| workspace.join("target/servers"), PathBuf::from);
    // Not on `PATH`: there a `mysqld` may be a MariaDB.
    let places = ["bin/mysqld", "usr/bin/mysqld"].map(|place| folder.join(server).join(place));
    let named = std::env::var_os(&variable).map(PathBuf::from);
    let found = named.or_else(|| places.into_iter().find(|program| program.is_file()));
    found
        .filter(|_| server.starts_with("mysql-"))
        .ok_or_else(|| ServerError::NoServer { server: server.to_owned(), variable })
}
