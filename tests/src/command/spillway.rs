//! One run of the command: its arguments, its process, what it said.

use super::program;
use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::{NamedTempFile, TempDir};
use tokio::process::{Child, Command};

/// No run of these tests takes this long, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// A run that is still to be started. It may be started again and again; all runs share one spool folder.
#[derive(Debug)]
pub struct Spillway {
    source: String,
    sink: String,
    config: Option<NamedTempFile>,
    further: Vec<String>,
    environment: Vec<(String, String)>,
    spool: TempDir,
}

impl Spillway {
    /// `spillway run --source SOURCE --sink SINK --quiet`, with an empty environment but for `PATH`.
    pub fn new(source: impl Into<String>, sink: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            sink: sink.into(),
            config: None,
            further: Vec::new(),
            environment: Vec::new(),
            spool: TempDir::with_prefix("spool-").expect("a temporary folder can be made"),
        }
    }

    /// From a binlog file into a folder.
    pub fn into_folder(source: impl AsRef<Path>, folder: &Path, parameters: &str) -> Self {
        let source = source.as_ref().display().to_string();
        Self::new(source, format!("file://{}?{parameters}", folder.display()))
    }

    /// With this text in a file as `--config`.
    pub fn config(mut self, toml: &str) -> Self {
        let file = NamedTempFile::with_suffix(".toml").expect("a temporary file can be made");
        std::fs::write(file.path(), toml).expect("a temporary file can be written");
        self.config = Some(file);
        self
    }

    /// With one more argument.
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.further.push(argument.into());
        self
    }

    /// With an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// If there is no command to start.
    pub fn start(&self) -> Running {
        let file = || NamedTempFile::new().expect("a temporary file can be made");
        let (stdout, stderr) = (file(), file());
        let output =
            |file: &NamedTempFile| Stdio::from(file.reopen().expect("a temporary file can be opened"));
        let mut command = Command::new(program());
        command
            .arg("run")
            .args(["--source", &self.source, "--sink", &self.sink, "--quiet"])
            .args(&self.further);
        if let Some(config) = &self.config {
            command.arg("--config").arg(config.path());
        }
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("/usr/bin")));
        // The spool is below the folder for temporary files unless said otherwise.
        command.env("TMPDIR", self.spool.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(output(&stdout)).stderr(output(&stderr)).kill_on_drop(true);
        let process = command.spawn().expect("the command starts");
        Running { process, stdout, stderr }
    }

    /// Runs it to its end.
    pub async fn run(&self) -> Ended {
        self.start().ended().await
    }
}

/// A run. Dropping it kills the process.
#[derive(Debug)]
pub struct Running {
    process: Child,
    stdout: NamedTempFile,
    stderr: NamedTempFile,
}

impl Running {
    /// SIGTERM: it is asked to stop.
    pub fn terminate(&self) {
        let id = self.process.id().expect("it was not waited for yet").to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "a process of our own takes a signal");
    }

    /// The number of the process.
    ///
    /// # Panics
    /// If its end was waited for.
    pub fn id(&self) -> u32 {
        self.process.id().expect("it was not waited for yet")
    }

    /// SIGKILL, and waits until it is gone.
    pub async fn kill(mut self) -> Ended {
        self.process.start_kill().expect("a process of our own can be killed");
        self.ended().await
    }

    /// How it ended, if it has.
    pub fn try_ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().expect("a process of our own can be waited for")
    }

    /// The most memory that it has had so far, in bytes; `None` if it has ended.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
    }

    /// What it has said on standard error so far.
    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn ended(mut self) -> Ended {
        let Ok(status) = tokio::time::timeout(PATIENCE, self.process.wait()).await else {
            panic!("it hangs; it said: {}", self.stderr());
        };
        let status = status.expect("a process of our own can be waited for");
        Ended { status, stdout: text(&self.stdout), stderr: text(&self.stderr) }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The exit status.
    pub status: ExitStatus,
    /// What it said on standard output.
    pub stdout: String,
    /// What it said on standard error.
    pub stderr: String,
}

impl Ended {
    /// The exit code; `None` if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Whether SIGKILL ended it.
    pub fn was_killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    /// Wants exit code 0 and no error.
    ///
    /// # Panics
    /// If it ended otherwise.
    #[track_caller]
    pub fn succeeded(&self) -> &Self {
        assert!(self.code() == Some(0) && self.errors().is_empty(), "{self:?}");
        self
    }

    /// The lines that start with `error:`.
    pub fn errors(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("error:")).collect()
    }

    /// Wants this exit code and one error, and gives the error.
    ///
    /// # Panics
    /// If it ended otherwise.
    #[track_caller]
    pub fn failed(&self, code: i32) -> &str {
        let errors = self.errors();
        assert!(self.code() == Some(code) && errors.len() == 1, "{self:?}");
        errors[0]
    }
}

fn text(file: &NamedTempFile) -> String {
    let bytes = std::fs::read(file.path()).expect("a temporary file can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}
