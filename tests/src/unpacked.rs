//! A server that `cargo xtask servers` unpacked: its program, and how it comes to its system tables.

use crate::ServerError;
use crate::server::{hand_over, setting, succeed};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the folder with unpacked servers, as `cargo xtask servers` fills it.
const FOLDER: &str = "SPILLWAY_SERVERS";

/// The program of a server that is not installed.
#[derive(Clone, Debug)]
pub struct Unpacked {
    program: PathBuf,
}

impl Unpacked {
    /// A server of this name, such as `mariadb-11.8`: the program that `SPILLWAY_MARIADBD_118` names (or
    /// `SPILLWAY_MYSQLD_97`, for `mysql-9.7`), or the one in the folder that `cargo xtask servers` fills.
    ///
    /// # Errors
    /// `NoServer` if it is not there.
    pub fn find(server: &str) -> Result<Self, ServerError> {
        let digits: String = server.chars().filter(char::is_ascii_digit).collect();
        let program = if server.starts_with("mariadb-") { "MARIADBD" } else { "MYSQLD" };
        let variable = format!("SPILLWAY_{program}_{digits}");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = std::env::var_os(FOLDER).map_or_else(|| workspace.join("target/servers"), PathBuf::from);
        // Not on `PATH`: there a `mysqld` may be a MariaDB.
        let places = ["bin/mysqld", "bin/mariadbd", "usr/bin/mysqld", "usr/bin/mariadbd"];
        let mut programs = places.into_iter().map(|place| folder.join(server).join(place));
        let named = std::env::var_os(&variable).map(PathBuf::from);
        named
            .or_else(|| programs.find(|program| program.is_file()))
            .map(|program| Self { program })
            .ok_or_else(|| ServerError::NoServer { server: server.to_owned(), variable })
    }

    /// The folder that the program lives in the `bin` of.
    fn base(&self) -> &Path {
        self.program.parent().and_then(Path::parent).unwrap_or(Path::new("/"))
    }

    /// The program, with its own files and libraries, and the data in a folder.
    pub(crate) fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--no-defaults")
            .arg(setting("--basedir", self.base()))
            .arg(setting("--datadir", &folder.join("data")))
            .env("LD_LIBRARY_PATH", self.base().join("lib"));
        command
    }

    /// Makes the system tables, with further options, and says which options make the folder its owner's. Blocks.
    pub(crate) fn make_system_tables<'a>(
        &self,
        folder: &Path,
        options: impl Iterator<Item = &'a String>,
    ) -> Result<&'static [&'static str], ServerError> {
        // The script of those who cannot do it by themselves.
        let script = File::open(self.base().join("share/bootstrap.sql")).ok();
        if script.is_some() {
            std::fs::create_dir_all(folder.join("data/mysql"))
                .map_err(ServerError::io("make a folder for system tables"))?;
        }
        let user = hand_over(folder)?;
        let mut command = self.command(folder);
        command.args(user).args(options);
        match script {
            Some(script) => succeed(command.arg("--bootstrap").stdin(script))?,
            None => succeed(command.arg("--initialize-insecure"))?,
        }
        Ok(user)
    }
}
