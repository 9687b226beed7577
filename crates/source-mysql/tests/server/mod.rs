//! A private MariaDB for one test: the installed one, or the one that `SPILLWAY_SERVER` names.
#![allow(dead_code)] // Each test file uses its part of it.

pub mod unpacked;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;
use unpacked::Unpacked;
use url::Url;

/// Run at every start, outside of the log.
const USERS: &str = "\
SET sql_log_bin = 0;
CREATE USER IF NOT EXISTS admin@'%' IDENTIFIED BY 'root';
GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY 's3cret';
GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO reader@'%';
CREATE USER IF NOT EXISTS looker@'%' IDENTIFIED BY 's3cret';
GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO looker@'%';
CREATE USER IF NOT EXISTS nobody@'%' IDENTIFIED BY 's3cret';
";

/// A server that logs rows, in a folder of its own; killed when dropped.
pub struct MariaDb {
    folder: TempDir,
    process: Child,
    pub port: u16,
    /// Beside those that all tests have.
    arguments: Vec<String>,
}

impl MariaDb {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments, which win over the usual ones.
    pub fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("users.sql"), USERS).unwrap();
        if runs_as_root(folder.path()) {
            run(Command::new("chown").arg("-R").arg("mysql").arg(folder.path()));
        }
        make_system_tables(folder.path());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let process = start_process(folder.path(), port, &arguments);
        Self { folder, process, port, arguments }
    }

    /// Kills the server as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Shuts the server down in order.
    pub async fn shut_down(&mut self) {
        self.run("SHUTDOWN").await;
        self.process.wait().unwrap();
    }

    /// Starts it again on the same data and port.
    pub fn start_again(&mut self) {
        self.process = start_process(self.folder.path(), self.port, &self.arguments);
    }

    /// The source's URL for a user of [`USERS`].
    pub fn url(&self, user: &str) -> Url {
        let url = format!("mysql://{user}:s3cret@127.0.0.1:{}", self.port);
        Url::parse(&url).unwrap()
    }

    /// Where it listens beside its port.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("s.sock")
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
            .pass(Some("root"))
            .prefer_socket(false);
        let mut conn = Conn::new(opts).await.unwrap();
        conn.query_drop("SET time_zone = '+00:00', sql_mode = ''").await.unwrap();
        conn
    }

    /// Whether its log can name columns: older ones cannot.
    pub async fn logs_names(&self) -> bool {
        let setting: Option<mysql_async::Row> =
            self.connect().await.query_first("SHOW VARIABLES LIKE 'binlog_row_metadata'").await.unwrap();
        setting.is_some()
    }

    /// Runs statements, one after the other, in a connection of their own.
    pub async fn run(&self, statements: &str) {
        let mut conn = self.connect().await;
        for statement in statements.split(';').map(str::trim).filter(|s| !s.is_empty()) {
            if let Err(error) = conn.query_drop(statement).await {
                panic!("{statement}: {error}");
            }
        }
    }

    /// Runs a script with the command line client, which knows DELIMITER.
    pub fn run_script(&self, path: &Path) {
        run(Command::new("mariadb")
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--user=admin", "--password=root"])
            .arg("--default-character-set=utf8mb4")
            .arg(format!("--port={}", self.port))
            .stdin(File::open(path).unwrap()));
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn runs_as_root(folder: &Path) -> bool {
    std::fs::metadata(folder).unwrap().uid() == 0
}

/// The server that is named, if it is a MariaDB that is not installed.
fn unpacked() -> Option<Unpacked> {
    Some(unpacked::named()).filter(|name| name.starts_with("mariadb-")).map(|name| Unpacked::find(&name))
}

fn make_system_tables(folder: &Path) {
    let data = folder.join("data");
    let datadir = format!("--datadir={}", data.display());
    let Some(unpacked) = unpacked() else {
        let mut install = Command::new("mariadb-install-db");
        install.arg("--no-defaults");
        run(prepared(&mut install, folder)
            .arg(datadir)
            .args(["--skip-test-db", "--innodb-log-file-size=4M"]));
        return;
    };
    std::fs::create_dir_all(data.join("mysql")).unwrap();
    if runs_as_root(Path::new("/proc/self")) {
        run(Command::new("chown").arg("-R").arg("mysql").arg(&data));
    }
    let script = unpacked.script().expect("cargo xtask servers makes one for a MariaDB");
    let mut bootstrap = unpacked.command();
    run(prepared(&mut bootstrap, folder)
        .args(["--bootstrap", "--innodb-log-file-size=4M", &datadir])
        .stdin(script));
}

/// A server program; those refuse to run as root.
fn prepared<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    if runs_as_root(Path::new("/proc/self")) {
        command.arg("--user=mysql");
    }
    command.arg(format!("--tmpdir={}", folder.display())).current_dir(folder)
}

fn start_process(folder: &Path, port: u16, arguments: &[String]) -> Child {
    let mut command = unpacked().map_or_else(
        || {
            let mut installed = Command::new("mariadbd");
            installed.arg("--no-defaults");
            installed
        },
        |unpacked| unpacked.command(),
    );
    let mut process = prepared(&mut command, folder)
        .arg(format!("--datadir={}", folder.join("data").display()))
        .arg(format!("--socket={}", folder.join("s.sock").display()))
        .arg(format!("--init-file={}", folder.join("users.sql").display()))
        .arg(format!("--port={port}"))
        .args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--server-id=1", "--log-bin=binlog"])
        // Newer ones make a certificate at every start, which may take half a minute; who wants TLS says so.
        .arg("--skip-ssl")
        .args(["--binlog-format=ROW", "--binlog-row-image=FULL", "--loose-binlog-row-metadata=FULL"])
        .args([
            "--character-set-server=latin1",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=2",
        ])
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| missing("mariadbd", &error));
    let messages = process.stderr.take().expect("it is piped");
    await_ready(messages);
    process
}

/// Reads the server's messages until it is ready, and the rest in the background, so that it never waits for us.
fn await_ready(messages: ChildStderr) {
    let mut lines = BufReader::new(messages).lines().map_while(Result::ok);
    let mut seen = String::new();
    for line in lines.by_ref() {
        if line.contains("ready for connections") {
            std::thread::spawn(move || lines.count());
            return;
        }
        seen.push_str(&line);
        seen.push('\n');
    }
    panic!("the server did not start:\n{seen}");
}

fn run(command: &mut Command) {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| missing(&program, &error));
    if !output.status.success() {
        std::io::stderr().write_all(&output.stderr).unwrap();
        panic!("{program} failed");
    }
}

fn missing(program: &str, error: &std::io::Error) -> ! {
    panic!(
        "{program} is needed by this test ({error}); install it: apt-get install mariadb-server mariadb-client"
    )
}
