//! What can be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Lands a database's change stream on cloud object storage, in the layout of TiCDC's storage sink.
#[derive(Debug, Parser)]
#[command(name = "spillway", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0  the file was read to its end, or the run was asked to stop: everything taken in is durable
  1  the run failed; what is in the bucket is whole, and the same command goes on from its checkpoint
  2  something in the command line, the configuration or the source is wrong; nothing was started";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads a binlog and writes it to a bucket or a directory.
    ///
    /// A file is read to its end. A server is followed until SIGINT or SIGTERM; then everything taken in is made
    /// durable before the command ends. Started again with the same sink, it goes on from the checkpoint there.
    #[command(after_help = EXAMPLES)]
    Run(RunArgs),
}

const EXAMPLES: &str = "Examples:
  spillway run --source mysql-bin.000001 --sink 'file:///tmp/out?protocol=csv&include-commit-ts=true'
  spillway run --source mysql://repl@db1:3306 --sink 's3://bucket/prefix?protocol=csv&endpoint=http://127.0.0.1:9000'

The password of a server may be given in SPILLWAY_SOURCE_PASSWORD, the keys of S3 in AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY.";

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    // As text and not as documentation, where brackets would be links.
    #[arg(
        long,
        value_name = "FILE|URL",
        help = "A binlog file, or a server: mysql://USER[:PASSWORD]@HOST[:PORT][?server-id=N]"
    )]
    pub(crate) source: String,

    /// Where to write: file:///DIR, s3://BUCKET/PREFIX, memory://NAME or noop://, with settings as parameters;
    /// protocol=csv or protocol=canal-json is the least
    #[arg(long, value_name = "URI")]
    pub(crate) sink: String,

    #[arg(
        long,
        value_name = "FILE",
        help = "A TOML file with more settings: [sink], [sink.csv], [sink.cloud-storage-config], [scheduler]"
    )]
    pub(crate) config: Option<PathBuf>,

    /// Where to begin in a server's log, if the sink has no checkpoint yet
    #[arg(long, value_enum, default_value_t = StartAt::Now)]
    pub(crate) start: StartAt,

    /// What to log on standard error: error, warn, info, debug, or a filter such as `stage_writer=debug`
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    pub(crate) log: String,

    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StartAt {
    /// What commits from now on
    Now,
    /// The oldest log the server still has
    Earliest,
}
