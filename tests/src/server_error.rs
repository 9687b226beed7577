//! Why a server is not there.

use std::io;
use std::process::ExitStatus;

/// Why a server is not there.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The program is not installed. Run `cargo xtask setup`.
    #[error("{program} is not installed: run `cargo xtask setup`, or {by_hand}")]
    NotInstalled {
        /// What was looked for.
        program: &'static str,
        /// How to get it without `xtask`.
        by_hand: &'static str,
    },
    /// A program that prepares a server failed.
    #[error("{program} failed ({status}): {output}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        output: String,
    },
    /// There is no such server here. Run `cargo xtask servers`.
    #[error("there is no {server} here: run `cargo xtask servers`, or set {variable} to its program")]
    NoServer {
        /// The name that was asked for.
        server: String,
        /// The variable that may say where it is.
        variable: String,
    },
    /// The server ended before it answered.
    #[error("{program} ended at its start ({status}): {log}")]
    EndedEarly {
        /// The server.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines it wrote.
        log: String,
    },
    /// The server runs but does not answer.
    #[error("{program} did not answer on port {port} within half a minute")]
    Silent {
        /// The server.
        program: String,
        /// Where it should have answered.
        port: u16,
    },
    /// The server answered something else than it should.
    #[error("{program} answered {answer}")]
    Answer {
        /// The server.
        program: &'static str,
        /// What it said.
        answer: String,
    },
    /// A file, process or socket operation failed.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A database refused a connection or a statement.
    #[error("the server refused `{statement}`")]
    Sql {
        /// The statement, or `connect`.
        statement: String,
        /// Why.
        #[source]
        source: Box<mysql_async::Error>,
    },
    /// The S3 client could not be built.
    #[error("cannot build a client for bucket {bucket}")]
    Client {
        /// The bucket.
        bucket: String,
        /// Why.
        #[source]
        source: object_store::Error,
    },
}

impl ServerError {
    /// Wraps an operating system's error.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
