//! A private MySQL for one test: the server that `SPILLWAY_SERVER` names, as `cargo xtask servers` puts it into place,
//! or the program that `SPILLWAY_MYSQLD` names.
//!
//! There is none to install beside MariaDB, so the tests that need one are ignored, and run by `cargo xtask matrix`.

#![allow(dead_code)] // Each test file uses its part of it.

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

/// A server that logs rows, in a folder of its own; killed when dropped.
pub struct MySql {
    _folder: TempDir,
    process: Child,
    port: u16,
}

impl MySql {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments, which win over the usual ones.
    pub fn start_with(arguments: &[&str]) -> Self {
        let program = program();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("users.sql"), USERS).unwrap();
        let initialized = command(&program, folder.path())
            .arg("--initialize-insecure")
            .stderr(Stdio::null())
            .status()
            .expect("the server runs");
        assert!(initialized.success(), "{} --initialize-insecure", program.display());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = command(&program, folder.path())
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
        Self { _folder: folder, process, port }
    }

    pub fn url(&self) -> Url {
        Url::parse(&format!("mysql://admin@127.0.0.1:{}", self.port)).unwrap()
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

fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("SPILLWAY_MYSQLD") {
        return program.into();
    }
    let server = std::env::var("SPILLWAY_SERVER").expect("SPILLWAY_SERVER names a server, such as mysql-9.7");
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/servers");
    let folder = std::env::var_os("SPILLWAY_SERVERS").map_or_else(usual, PathBuf::from);
    let places = ["bin/mysqld", "usr/bin/mysqld"].map(|place| folder.join(&server).join(place));
    places.into_iter().find(|program| program.is_file()).expect("cargo xtask servers puts it into place")
}

fn command(program: &Path, folder: &Path) -> Command {
    let home = program.parent().and_then(Path::parent).expect("it is in the bin of its folder");
    let log = File::create(folder.join("output")).unwrap();
    let mut command = Command::new(program);
    command
        .args(["--no-defaults", "--user=root"])
        .arg(format!("--basedir={}", home.display()))
        .arg(format!("--datadir={}", folder.join("data").display()))
        .arg(format!("--tmpdir={}", folder.display()))
        .env("LD_LIBRARY_PATH", home.join("lib"))
        .stdout(log);
    command
}
