//! `cargo xtask setup`: puts the servers in place that the tests start for themselves.
//!
//! MariaDB comes from the distribution's packages, moto (an S3 server) from PyPI into a virtual environment at
//! `.venv`, azurite (Azure Blob Storage) from the npm registry into `target/azurite`. Where there is no node, azurite is
//! left out, and a line says so. What is already there is used as it is. Nothing is started here: each test starts its own
//! server on a free port, in a folder of its own, and stops it again.

use crate::step::{self, Outcome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tells the tests which `mariadbd` to start.
const MARIADBD: &str = "SPILLWAY_MARIADBD";
/// Tells the tests which `moto_server` to start.
const MOTO_SERVER: &str = "SPILLWAY_MOTO_SERVER";
/// The major version is pinned: the tests lean on its conditional puts.
const MOTO_PACKAGE: &str = "moto[server,s3]>=5,<6";

/// Tells the tests which `azurite-blob` to start.
pub(crate) const AZURITE: &str = "SPILLWAY_AZURITE";
/// Of this version every one of our requests is known; later ones need a newer node than distributions have.
const AZURITE_PACKAGE: (&str, &str) = ("azurite", "3.35.0");

/// What the set-up found and did.
pub(crate) struct Setup {
    /// One per server.
    pub(crate) outcomes: Vec<Outcome>,
    /// Environment variables that tell the tests where the servers are.
    pub(crate) servers: Vec<(&'static str, PathBuf)>,
}

/// Finds or installs every server.
pub(crate) fn run() -> Setup {
    let mut setup = Setup { outcomes: Vec::new(), servers: Vec::new() };
    setup.note("MariaDB", MARIADBD, mariadb());
    setup.note("moto", MOTO_SERVER, moto());
    setup.note_if_there("azurite", AZURITE, azurite());
    setup
}

impl Setup {
    fn note(&mut self, server: &str, variable: &'static str, found: Result<PathBuf, String>) {
        match found {
            Ok(program) => {
                println!("setup: {server} is at {}", program.display());
                self.outcomes.push(Outcome::done(server));
                self.servers.push((variable, program));
            }
            Err(why) => {
                println!("setup: {server} is MISSING, its tests will fail: {why}");
                self.outcomes.push(Outcome::failed(server, why));
            }
        }
    }

    /// The same for a server that not every machine can have.
    fn note_if_there(&mut self, server: &str, variable: &'static str, found: Result<PathBuf, String>) {
        match found {
            Ok(program) => self.note(server, variable, Ok(program)),
            Err(why) => {
                println!("setup: {server} is LEFT OUT, and its tests with it: {why}");
                self.outcomes.push(Outcome::done(&format!("without {server}")));
            }
        }
    }

    /// Whether the tests can be told where a server is.
    pub(crate) fn has(&self, variable: &str) -> bool {
        self.servers.iter().any(|(name, _)| *name == variable)
    }
}

/// The `azurite-blob` program: the one in `target/azurite`, or a newly installed one. No script of a package is run.
fn azurite() -> Result<PathBuf, String> {
    let (package, version) = AZURITE_PACKAGE;
    let folder = step::workspace().join("target").join(package);
    let program = folder.join("node_modules/.bin/azurite-blob");
    for tool in ["node", "npm"] {
        if step::find_program(tool, &[]).is_none() {
            return Err(format!("there is no {tool} here; install node and npm"));
        }
    }
    let is_there = || {
        let said = Command::new(&program).arg("--version").output();
        said.is_ok_and(|said| said.stdout.trim_ascii() == version.as_bytes())
    };
    if is_there() {
        return Ok(program);
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&folder)
        .arg(format!("{package}@{version}"));
    let installed = step::run("install azurite", &mut npm);
    if installed.is_failure() {
        return Err(installed.to_string());
    }
    is_there()
        .then_some(program)
        .ok_or_else(|| format!("it was installed, but `azurite-blob --version` is not {version}"))
}

/// The `mariadbd` program.
fn mariadb() -> Result<PathBuf, String> {
    let find = || {
        let server_folders = ["/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/local/bin"];
        step::find_program("mariadbd", &server_folders)
            .filter(|_| step::find_program("mariadb-install-db", &["/usr/bin"]).is_some())
    };
    if let Some(program) = find() {
        return Ok(program);
    }
    install(&["mariadb-server"])?;
    find().ok_or_else(|| "the package mariadb-server brought no mariadbd and mariadb-install-db".to_owned())
}

/// The `moto_server` program: the one in `.venv`, one on `PATH`, or a newly installed one.
fn moto() -> Result<PathBuf, String> {
    let venv = step::workspace().join(".venv");
    let server = venv.join("bin/moto_server");
    let works = |program: &PathBuf| step::succeeds(Command::new(program).arg("--help"));
    if let Some(found) =
        [Some(server.clone()), step::find_program("moto_server", &[])].into_iter().flatten().find(works)
    {
        return Ok(found);
    }
    make_venv(&venv)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-cache-dir"])
        .args(["--disable-pip-version-check", MOTO_PACKAGE]);
    let installed = step::run("install moto", &mut pip);
    if installed.is_failure() {
        return Err(format!("{installed}; install {MOTO_PACKAGE} into {}", venv.display()));
    }
    works(&server)
        .then_some(server)
        .ok_or_else(|| "moto was installed, but `moto_server --help` fails".to_owned())
}

/// Makes an empty virtual environment, with Python from the distribution where there is none that can.
fn make_venv(venv: &Path) -> Result<(), String> {
    let try_with = |python: &str| {
        let mut command = Command::new(python);
        command.args(["-m", "venv", "--clear"]).arg(venv);
        !step::run("make .venv", &mut command).is_failure()
    };
    if try_with("python3") || try_with("/usr/bin/python3") {
        return Ok(());
    }
    install(&["python3", "python3-venv"])?;
    try_with("/usr/bin/python3")
        .then_some(())
        .ok_or_else(|| format!("`python3 -m venv {}` fails", venv.display()))
}

/// Installs distribution packages, as root or through a `sudo` that asks nothing.
fn install(packages: &[&str]) -> Result<(), String> {
    let names = packages.join(" ");
    let by_hand = format!("install {names} with your package manager, then run this again");
    if step::find_program("apt-get", &["/usr/bin"]).is_none() {
        return Err(format!("there is no apt-get here; {by_hand}"));
    }
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !is_root && !step::succeeds(Command::new("sudo").args(["-n", "true"])) {
        return Err(format!(
            "neither root nor a sudo without password; run `apt-get install {names}` as root, then this again"
        ));
    }
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new(if is_root { "env" } else { "sudo" });
        if !is_root {
            command.args(["-n", "env"]);
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]).args(arguments);
        command
    };
    let updated = step::run("package lists", &mut apt_get(&["update"]));
    let mut install = apt_get(&["install", "--yes", "--no-install-recommends"]);
    let installed = step::run(&format!("install {names}"), install.args(packages));
    if !installed.is_failure() {
        return Ok(());
    }
    let lists = if updated.is_failure() { "the package lists could not be fetched, and " } else { "" };
    Err(format!("{lists}apt-get failed ({installed}); {by_hand}"))
}
