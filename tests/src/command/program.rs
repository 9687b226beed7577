//! Where the command is.
//!
//! Cargo builds the command for `cargo test --workspace`, but not for `cargo test -p tests`. So the command beside
//! these tests is used if it is at least as new as each of its sources, which cargo lists in `spillway.d` beside it.
//! Otherwise `cargo build -p cli` makes a new one, once per test process. Set `SPILLWAY_COMMAND` to test another one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The path of the command.
///
/// # Panics
/// If it cannot be built.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("SPILLWAY_COMMAND") {
        Some(named) => PathBuf::from(named),
        None => built(),
    })
}

/// The command in the folder of this profile: `target/debug`, for instance.
fn built() -> PathBuf {
    let own = std::env::current_exe().expect("a running program knows where it is");
    // Tests are in `deps` of that folder.
    let folder = own.ancestors().find(|folder| folder.join("deps").is_dir());
    let folder = folder.expect("tests run in cargo's target directory");
    let program = folder.join("spillway");
    if !is_fresh(&program) {
        build(folder);
    }
    program
}

/// Whether no source is newer; false if that cannot be told.
fn is_fresh(program: &Path) -> bool {
    let Some(built) = modified(program) else { return false };
    let Ok(listed) = std::fs::read_to_string(program.with_extension("d")) else { return false };
    let (_, sources) = listed.split_once(": ").unwrap_or_default();
    // A space within a path has a backslash before it.
    let sources = sources.replace("\\ ", "\0");
    let mut sources = sources.split_whitespace().map(|source| source.replace('\0', " ")).peekable();
    sources.peek().is_some()
        && sources.all(|source| modified(Path::new(&source)).is_some_and(|at| at <= built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn build(folder: &Path) {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo
        .args(["build", "--quiet", "-p", "cli", "--bin", "spillway"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    // The folder of the profile `dev` has another name than its profile.
    if folder.file_name() != Some(OsStr::new("debug")) {
        cargo.arg("--profile").args(folder.file_name());
    }
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "`cargo build -p cli` fails: {status}");
}
