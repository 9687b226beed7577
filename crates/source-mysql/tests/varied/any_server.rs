//! The server that `SPILLWAY_SERVER` names, of whichever kind.

use super::version::Version;
use crate::mysql_server::MySql;
use crate::server::MariaDb;
use crate::server::unpacked::named;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use std::path::PathBuf;
use url::Url;

pub enum AnyServer {
    MariaDb(MariaDb),
    MySql(MySql),
}

impl AnyServer {
    /// Starts it with these arguments beside the usual ones.
    pub fn start_with(arguments: &[&str]) -> Self {
        match named().starts_with("mysql-") {
            true => Self::MySql(MySql::start_with(arguments)),
            false => Self::MariaDb(MariaDb::start_with(arguments)),
        }
    }

    pub async fn connect(&self) -> Conn {
        match self {
            Self::MariaDb(server) => server.connect().await,
            Self::MySql(server) => server.connect().await,
        }
    }

    pub async fn version(&self) -> Version {
        let text: Option<String> = self.connect().await.query_first("SELECT VERSION()").await.unwrap();
        Version::of(&text.unwrap())
    }

    /// The source's URL for a user who may see every table.
    pub fn url(&self) -> Url {
        match self {
            Self::MariaDb(server) => server.url("looker"),
            Self::MySql(server) => server.url(),
        }
    }

    /// A file of its log.
    pub fn log_file(&self, name: &str) -> PathBuf {
        match self {
            Self::MariaDb(server) => server.log_file(name),
            Self::MySql(server) => server.log_file(name),
        }
    }
}
