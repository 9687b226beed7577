//! A private MariaDB with a row binlog.

use crate::client::Client;
use crate::server::{Server, find_program, hand_over, setting, succeed};
use crate::{ServerError, Unpacked};
use mysql_async::{Pool, Row};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A MariaDB server of one's own: a temporary folder, a free port, no password, a full row binlog.
///
/// It takes about a second to start. Dropping it kills the server and deletes the folder.
#[derive(Debug)]
pub struct MariaDb {
    // Fields drop in this order: first the process, then what it writes to.
    _server: Server,
    client: Client,
    folder: TempDir,
}

impl MariaDb {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// `NotInstalled` if there is no MariaDB here; otherwise what kept it from starting.
    pub async fn start() -> Result<Self, ServerError> {
        Self::start_with(&[]).await
    }

    /// Starts a server with further command-line options, such as `--max-binlog-size=4096`.
    ///
    /// # Errors
    /// As [`MariaDb::start`].
    pub async fn start_with(options: &[&str]) -> Result<Self, ServerError> {
        Self::start_found(Found::Installed(Programs::find()?), options).await
    }

    /// Starts one that is not installed.
    ///
    /// # Errors
    /// What kept it from starting.
    pub async fn start_unpacked(unpacked: Unpacked, options: &[&str]) -> Result<Self, ServerError> {
        Self::start_found(Found::Unpacked(unpacked), options).await
    }

    async fn start_found(found: Found, options: &[&str]) -> Result<Self, ServerError> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let started = tokio::task::spawn_blocking(move || launch(&found, &options)).await;
        let (server, folder) = started.expect("launching a server does not panic")?;
        let client = Client::connect(server.address()).await?;
        Ok(Self { _server: server, client, folder })
    }

    /// `mysql://root@127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.client.url()
    }

    /// A pool of connections to it. Clones share their connections.
    pub fn pool(&self) -> Pool {
        self.client.pool()
    }

    /// Runs one statement and returns its rows; none for a statement that has no result.
    ///
    /// # Errors
    /// `Sql`, with the statement.
    pub async fn query(&self, statement: impl AsRef<str>) -> Result<Vec<Row>, ServerError> {
        self.client.query(statement.as_ref()).await
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The folder that holds `binlog.000001` and what follows it.
    pub fn binlog_dir(&self) -> PathBuf {
        data_dir(self.folder.path())
    }

    /// Where the binlog ends now: file name and position.
    ///
    /// # Errors
    /// `Sql`, as [`MariaDb::query`].
    pub async fn binlog_end(&self) -> Result<(String, u64), ServerError> {
        self.client.binlog_end().await
    }
}

fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// A log that is made faster.
const SMALL: &str = "--innodb-log-file-size=8M";

/// Makes the system tables and starts the server. Blocks for about a second.
fn launch(found: &Found, options: &[String]) -> Result<(Server, TempDir), ServerError> {
    let folder = TempDir::with_prefix("mariadb-").map_err(ServerError::io("make a temporary folder"))?;
    // A starting server deletes what looks like temporary tables: in a shared folder, those of another server.
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).map_err(ServerError::io("make a folder for temporary tables"))?;
    let user = found.make_system_tables(folder.path(), &temporary)?;
    let server = Server::start(&folder.path().join("server.log"), |port| {
        let mut command = found.command(folder.path());
        command
            .arg(setting("--socket", &folder.path().join("s.sock")))
            .arg(setting("--tmpdir", &temporary))
            .arg(format!("--port={port}"))
            // Newer ones make a certificate at every start, which may take half a minute.
            .args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-ssl"])
            .args(["--log-bin=binlog", "--binlog-format=ROW", "--server-id=1"])
            // The second is not known by every version.
            .args(["--binlog-row-image=FULL", "--loose-binlog-row-metadata=FULL", SMALL])
            .args(user)
            .args(options);
        command
    })?;
    Ok((server, folder))
}

/// Where the server comes from.
enum Found {
    Installed(Programs),
    Unpacked(Unpacked),
}

impl Found {
    /// Makes the system tables, and says which options make the folder its owner's.
    fn make_system_tables(
        &self,
        folder: &Path,
        temporary: &Path,
    ) -> Result<&'static [&'static str], ServerError> {
        match self {
            Self::Installed(Programs { install_db, .. }) => {
                let user = hand_over(folder)?;
                succeed(
                    Command::new(install_db)
                        .args(["--no-defaults", "--skip-test-db", SMALL])
                        .arg("--auth-root-authentication-method=normal")
                        .arg(setting("--datadir", &data_dir(folder)))
                        .env("TMPDIR", temporary)
                        .args(user),
                )?;
                Ok(user)
            }
            Self::Unpacked(unpacked) => {
                let options = [setting("--tmpdir", temporary), SMALL.to_owned()];
                unpacked.make_system_tables(folder, options.iter())
            }
        }
    }

    /// The server, with its data in a folder.
    fn command(&self, folder: &Path) -> Command {
        match self {
            Self::Installed(Programs { server, .. }) => {
                let mut command = Command::new(server);
                command.arg("--no-defaults").arg(setting("--datadir", &data_dir(folder)));
                command
            }
            Self::Unpacked(unpacked) => unpacked.command(folder),
        }
    }
}

/// The two programs of an installed MariaDB.
struct Programs {
    server: PathBuf,
    install_db: PathBuf,
}

impl Programs {
    fn find() -> Result<Self, ServerError> {
        let folders = ["/usr/sbin", "/usr/bin", "/usr/libexec", "/usr/local/sbin"].map(PathBuf::from);
        let find = |variable, name| {
            find_program(variable, name, &folders).ok_or(ServerError::NotInstalled {
                program: name,
                by_hand: "install the package mariadb-server",
            })
        };
        Ok(Self {
            server: find("SPILLWAY_MARIADBD", "mariadbd")?,
            install_db: find("SPILLWAY_MARIADB_INSTALL_DB", "mariadb-install-db")?,
        })
    }
}
