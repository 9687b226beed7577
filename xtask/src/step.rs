//! One step of a recipe: a child process that is announced, shares our output, and leaves an outcome behind.

use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How one step ended.
#[derive(Clone)]
pub(crate) struct Outcome {
    /// The step, as the closing line names it.
    pub(crate) step: String,
    /// Why it failed; `None` if it did not.
    failure: Option<String>,
}

impl Outcome {
    /// The step is done.
    pub(crate) fn done(step: &str) -> Self {
        Self { step: step.to_owned(), failure: None }
    }

    /// The step failed, and why.
    pub(crate) fn failed(step: &str, why: impl Into<String>) -> Self {
        Self { step: step.to_owned(), failure: Some(why.into()) }
    }

    /// Whether the recipe must end with an error.
    pub(crate) fn is_failure(&self) -> bool {
        self.failure.is_some()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            Some(why) => write!(f, "{} ({why})", self.step),
            None => f.write_str(&self.step),
        }
    }
}

/// Runs a command with our output, after saying what it is.
pub(crate) fn run(step: &str, command: &mut Command) -> Outcome {
    println!("\n==> {step}: {}", as_typed(command));
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Outcome::done(step),
        Ok(status) => Outcome::failed(step, status.to_string()),
        Err(error) => Outcome::failed(step, format!("cannot start it: {error}")),
    }
}

/// Runs a command like [`run`], and gives the lines that it printed, too.
pub(crate) fn run_and_read(step: &str, command: &mut Command) -> (Outcome, Vec<String>) {
    println!("\n==> {step}: {}", as_typed(command));
    let mut lines = Vec::new();
    let mut child = match command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return (Outcome::failed(step, format!("cannot start it: {error}")), lines),
    };
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let Ok(line) = line else { break };
        println!("{line}");
        lines.push(line);
    }
    let outcome = match child.wait() {
        Ok(status) if status.success() => Outcome::done(step),
        Ok(status) => Outcome::failed(step, status.to_string()),
        Err(error) => Outcome::failed(step, format!("cannot wait for it: {error}")),
    };
    (outcome, lines)
}

/// Whether a command can be started and succeeds, without showing what it prints.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// `cargo`, the very one that runs us, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(workspace());
    command
}

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or(package.clone(), Path::to_path_buf)
}

/// The first file of this name on `PATH`, or in one of the further folders.
pub(crate) fn find_program(name: &str, further: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(further.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// The command as one would type it, without the variables that were always there.
fn as_typed(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = value?.to_string_lossy();
        Some(format!("{}='{value}'", name.to_string_lossy()))
    });
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let arguments = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    variables.chain([program.to_string_lossy().into_owned()]).chain(arguments).collect::<Vec<_>>().join(" ")
}
