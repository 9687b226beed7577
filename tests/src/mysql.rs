//! A private MySQL with a row binlog, from an unpacked folder.

use crate::client::Client;
use crate::server::{Server, setting};
use crate::{ServerError, Unpacked};
use tempfile::TempDir;

/// A MySQL server of one's own: a temporary folder, a free port, no password, a full row binlog.
///
/// It takes up to ten seconds to start: it makes its system tables first. Dropping it kills the server and deletes the
/// folder.
#[derive(Debug)]
pub struct MySql {
    // Fields drop in this order: first the process, then what it writes to.
    _server: Server,
    client: Client,
    _folder: TempDir,
}

impl MySql {
    /// Starts this one, with further command-line options.
    ///
    /// # Errors
    /// What kept it from starting.
    pub async fn start_with(unpacked: Unpacked, options: &[&str]) -> Result<Self, ServerError> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let started = tokio::task::spawn_blocking(move || launch(&unpacked, &options)).await;
        let (server, folder) = started.expect("launching a server does not panic")?;
        let client = Client::connect(server.address()).await?;
        Ok(Self { _server: server, client, _folder: folder })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

/// Makes the system tables and starts the server. Blocks.
fn launch(unpacked: &Unpacked, options: &[String]) -> Result<(Server, TempDir), ServerError> {
    let folder = TempDir::with_prefix("mysql-").map_err(ServerError::io("make a temporary folder"))?;
    // MySQL 8 takes this setting only when its system tables are made.
    let for_good = options.iter().filter(|option| option.starts_with("--lower-case-table-names"));
    let user = unpacked.make_system_tables(folder.path(), for_good)?;
    let server = Server::start(&folder.path().join("server.log"), |port| {
        let mut command = unpacked.command(folder.path());
        command
            .args(user)
            .arg(setting("--socket", &folder.path().join("s.sock")))
            .arg(setting("--pid-file", &folder.path().join("pid")))
            .arg(format!("--port={port}"))
            .arg("--bind-address=127.0.0.1")
            .args(["--log-bin=binlog", "--binlog-format=ROW", "--server-id=1"])
            .args(["--secure-file-priv=", "--performance-schema=OFF"])
            // What not every version knows.
            .args(["--loose-binlog-row-metadata=FULL", "--loose-mysqlx=OFF"])
            .args(options);
        command
    })?;
    Ok((server, folder))
}
