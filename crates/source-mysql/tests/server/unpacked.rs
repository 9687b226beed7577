//! A server that `cargo xtask servers` put into place.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `SPILLWAY_SERVER` names: `mariadb`, the installed one, unless it is said.
pub fn named() -> String {
    std::env::var("SPILLWAY_SERVER").unwrap_or_else(|_| "mariadb".to_owned())
}

/// The program of a server that is not installed.
#[derive(Debug)]
pub struct Unpacked {
    program: PathBuf,
    /// The folder that the program lives in the `bin` of.
    base: PathBuf,
}

impl Unpacked {
    /// A server of this name, such as `mariadb-11.8`.
    pub fn find(server: &str) -> Self {
        let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/servers");
        let folder = std::env::var_os("SPILLWAY_SERVERS").map_or_else(usual, PathBuf::from).join(server);
        let places = ["bin/mysqld", "bin/mariadbd", "usr/bin/mysqld", "usr/bin/mariadbd"];
        let mut programs = places.into_iter().map(|place| folder.join(place));
        let program = programs.find(|program| program.is_file());
        Self::at(program.unwrap_or_else(|| panic!("there is no {server}: run `cargo xtask servers`")))
    }

    /// This program.
    pub fn at(program: PathBuf) -> Self {
        let base =
            program.parent().and_then(Path::parent).expect("it is in the bin of its folder").to_owned();
        Self { program, base }
    }

    /// The program, with its own files and libraries.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--no-defaults")
            .arg(format!("--basedir={}", self.base.display()))
            .env("LD_LIBRARY_PATH", self.base.join("lib"));
        command
    }

    /// The script that makes the system tables; `None` for a server that does that by itself.
    pub fn script(&self) -> Option<File> {
        File::open(self.base.join("share/bootstrap.sql")).ok()
    }
}
