//! A server to test against: the installed MariaDB, or the server that the environment names.

use crate::client::Client;
use crate::{MariaDb, MySql, ServerError, Unpacked};
use mysql_async::{Pool, Row};

/// Names the server: `mariadb`, or an unpacked one such as `mysql-9.7` or `mariadb-11.8`.
const SERVER: &str = "SPILLWAY_SERVER";

/// A database server of one's own, of the kind that `SPILLWAY_SERVER` names. Dropping it kills the server.
#[derive(Debug)]
pub enum Database {
    /// The installed MariaDB, which is meant if nothing is named, or an unpacked one.
    MariaDb(MariaDb),
    /// An unpacked MySQL.
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
            other if other.starts_with("mariadb-") => {
                MariaDb::start_unpacked(Unpacked::find(other)?, options).await.map(Self::MariaDb)
            }
            mysql => MySql::start_with(Unpacked::find(mysql)?, options).await.map(Self::MySql),
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
