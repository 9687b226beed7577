//! What every server of these tests has in common: a program to find, a free port, a process that ends with its owner.

use crate::ServerError;
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often a server is asked whether it answers, and how many times: half a minute in all.
const ASK_EVERY: Duration = Duration::from_millis(20);
const ASK_TIMES: u32 = 1_500;

/// How many free ports are tried: another process may take one between the search and the start.
const PORTS_TRIED: u32 = 5;

/// A server process on a port of its own. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts a server with the command that `command_for` makes for a free port, and waits until it accepts
    /// connections. What the server prints goes to the file `log`. Blocks.
    ///
    /// # Errors
    /// `EndedEarly` if it ended on every port that was tried, `Silent` if it runs but never accepts.
    pub(crate) fn start(log: &Path, command_for: impl Fn(u16) -> Command) -> Result<Self, ServerError> {
        let mut tries = 1;
        loop {
            let address = free_address()?;
            let mut command = command_for(address.port());
            let program = command.get_program().to_string_lossy().into_owned();
            let output = File::create(log).map_err(ServerError::io(format!("write {}", log.display())))?;
            let errors = output.try_clone().map_err(ServerError::io("share the log of a server"))?;
            command.stdin(Stdio::null()).stdout(output).stderr(errors);
            let process = command.spawn().map_err(ServerError::io(format!("start {program}")))?;
            let mut server = Self { process, address };
            match server.wait_until_it_accepts(&program, log) {
                Err(ServerError::EndedEarly { .. }) if tries < PORTS_TRIED => tries += 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok(server),
            }
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn wait_until_it_accepts(&mut self, program: &str, log: &Path) -> Result<(), ServerError> {
        for _ in 0..ASK_TIMES {
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            let ended = self.process.try_wait().map_err(ServerError::io(format!("wait for {program}")))?;
            if let Some(status) = ended {
                return Err(ServerError::EndedEarly {
                    program: program.to_owned(),
                    status,
                    log: last_lines(log),
                });
            }
            std::thread::sleep(ASK_EVERY);
        }
        Err(ServerError::Silent { program: program.to_owned(), port: self.address.port() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended by itself is what we want too.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The program that the environment variable names, or the first of this name on `PATH` or in `further` folders.
pub(crate) fn find_program(variable: &str, name: &str, further: &[PathBuf]) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(variable) {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path);
    further.iter().cloned().chain(on_path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Gives a database server its folder, and says which options make it its owner's: the server refuses to run as root,
/// and its user must be able to write the folder, where its socket lives.
pub(crate) fn hand_over(folder: &Path) -> Result<&'static [&'static str], ServerError> {
    let owner = folder.metadata().map_err(ServerError::io("read the owner of a temporary folder"))?.uid();
    if owner != 0 {
        return Ok(&[]);
    }
    succeed(Command::new("chown").args(["-R", "mysql"]).arg(folder))?;
    Ok(&["--user=mysql"])
}

/// `--name=PATH`.
pub(crate) fn setting(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

/// Runs a program to its end and wants success.
pub(crate) fn succeed(command: &mut Command) -> Result<(), ServerError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(ServerError::io(format!("start {program}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(ServerError::Failed {
        program,
        status: output.status,
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// The end of a log, on one line.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(4)..].join(" | ")
}

fn free_address() -> Result<SocketAddr, ServerError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map_err(ServerError::io("find a free port"))
}
