//! Asking a database server: a pool of connections, one statement at a time.

use crate::ServerError;
use mysql_async::prelude::Queryable;
use mysql_async::{OptsBuilder, Pool, Row};
use std::net::SocketAddr;

/// What the end of the binlog is asked with. MySQL 8.4 has only the newer words, MariaDB 10 and MySQL 5.7 only the older.
const END_OF_LOG: [&str; 2] = ["SHOW MASTER STATUS", "SHOW BINARY LOG STATUS"];

/// A pool of connections to a server whose root has no password.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    pool: Pool,
}

impl Client {
    /// Makes a pool and asks the server once.
    ///
    /// # Errors
    /// `Sql` if it lets nobody in.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, ServerError> {
        let options = OptsBuilder::default()
            .ip_or_hostname(address.ip().to_string())
            .tcp_port(address.port())
            .user(Some("root"))
            // A server that does not know the client's collation takes its own instead.
            .setup(vec!["SET NAMES utf8mb4"])
            .prefer_socket(false);
        let client = Self { address, pool: Pool::new(options) };
        client.query("SELECT 1").await?;
        Ok(client)
    }

    /// `mysql://root@127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("mysql://root@{}", self.address)
    }

    pub(crate) fn pool(&self) -> Pool {
        self.pool.clone()
    }

    pub(crate) async fn query(&self, statement: &str) -> Result<Vec<Row>, ServerError> {
        let refused = |source| ServerError::Sql { statement: statement.to_owned(), source: Box::new(source) };
        let mut connection = self.pool.get_conn().await.map_err(refused)?;
        connection.query(statement).await.map_err(refused)
    }

    /// Where the binlog ends now: file name and position.
    pub(crate) async fn binlog_end(&self) -> Result<(String, u64), ServerError> {
        let [older, newer] = END_OF_LOG;
        let rows = match self.query(older).await {
            Err(ServerError::Sql { .. }) => self.query(newer).await?,
            answer => answer?,
        };
        let end = rows.first().and_then(|row| {
            let file = row.get_opt::<String, _>(0)?.ok()?;
            let position = row.get_opt::<u64, _>(1)?.ok()?;
            Some((file, position))
        });
        end.ok_or_else(|| ServerError::Answer {
            program: "the server",
            answer: format!("{older} without a file and a position"),
        })
    }
}
