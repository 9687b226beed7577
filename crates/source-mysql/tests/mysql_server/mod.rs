//! A private MySQL for one test: the server that `SPILLWAY_SERVER` names, as `cargo xtask servers` puts it into place,
//! or the program that `SPILLWAY_MYSQLD` names.
//!
//! There is none to install beside MariaDB, so the tests that need one are ignored, and run by `cargo xtask matrix`.
#![allow(dead_code)] // Each test file uses its part of it.

use crate::server::unpacked::{self, Unpacked};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use url::Url;

const USERS: &str = "\
SET sql_log_bin = 0;
CREATE USER IF NOT EXISTS admin@'%';
GRANT ALL ON *.* TO admin@'%';
";
/// MySQL before 5.7 has no IF NOT EXISTS for it, and makes an account that is granted something.
const OLD_USERS: &str = "\
SET sql_log_bin = 0;
GRANT ALL ON *.* TO admin@'%';
";

/// A server that logs rows, in a folder of its own; killed when dropped.
pub struct MySql {
    folder: TempDir,
    process: Child,
    port: u16,
}

impl MySql {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments, which win over the usual ones.
    pub fn start_with(arguments: &[&str]) -> Self {
        let unpacked = unpacked();
        let folder = tempfile::tempdir().unwrap();
        let script = unpacked.script();
        let users = if script.is_some() { OLD_USERS } else { USERS };
        std::fs::write(folder.path().join("users.sql"), users).unwrap();
        let mut first = command(&unpacked, folder.path());
        match script {
            Some(script) => {
                std::fs::create_dir_all(folder.path().join("data/mysql")).unwrap();
                first.arg("--bootstrap").stdin(script);
            }
            None => drop(first.arg("--initialize-insecure")),
        }
        let made = first.stderr(Stdio::null()).status().expect("the server runs");
        assert!(made.success(), "{unpacked:?} does not make its system tables");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = command(&unpacked, folder.path())
            .arg(format!("--socket={}", folder.path().join("s.sock").display()))
            .arg(format!("--init-file={}", folder.path().join("users.sql").display()))
            .arg(format!("--port={port}"))
            .args([
                "--loose-mysqlx=OFF",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--secure-file-priv=",
            ])
            .args([
                "--server-id=1",
                "--log-bin=binlog",
                "--binlog-format=ROW",
                "--character-set-server=latin1",
            ])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut messages = BufReader::new(process.stderr.take().expect("it is piped")).lines();
        let ready =
            messages.by_ref().map_while(Result::ok).any(|line| line.contains("ready for connections"));
        assert!(ready, "the server did not start");
        std::thread::spawn(move || messages.count());
        Self { folder, process, port }
    }

    pub fn url(&self) -> Url {
        Url::parse(&format!("mysql://admin@127.0.0.1:{}", self.port)).unwrap()
    }

    /// A file of the server's log.
    pub fn log_file(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    pub async fn connect(&self) -> Conn {
        let opts = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(self.port)
            .user(Some("admin"))
            .prefer_socket(false);
        let mut conn = Conn::new(opts).await.unwrap();
        conn.query_drop("SET time_zone = '+00:00', sql_mode = ''").await.unwrap();
        conn
    }
}

impl Drop for MySql {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn unpacked() -> Unpacked {
    let program = std::env::var_os("SPILLWAY_MYSQLD");
    program.map_or_else(|| Unpacked::find(&unpacked::named()), |program| Unpacked::at(program.into()))
}

fn command(unpacked: &Unpacked, folder: &Path) -> Command {
    let log = File::create(folder.join("output")).unwrap();
    let mut command = unpacked.command();
    command
        .arg("--user=root")
        .arg(format!("--datadir={}", folder.join("data").display()))
        .arg(format!("--tmpdir={}", folder.display()))
        .stdout(log);
    command
}
