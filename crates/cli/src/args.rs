//! What can be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use source_mysql::{Gtids, LogPlace, OnUnsupported};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

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
  2  something in the command line, the configuration, the source or the saved position is wrong; nothing was started";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads a binlog and writes it to a bucket or a directory.
    ///
    /// A file is read to its end. A server is followed until SIGINT or SIGTERM; then everything taken in is made
    /// durable before the command ends. Started again with the same sink, it goes on from the position saved there, if
    /// the log proves to be the one of that position; otherwise it says so and ends.
    #[command(after_help = EXAMPLES)]
    Run(RunArgs),

    /// Removes the files of a sink that are older than file-expiration-days.
    ///
    /// A file is as old as the date in its path, and dates are compared with that of the checkpoint: files go whose date is
    /// before the checkpoint less so many days. Schema files stay. A run with file-expiration-days does the same by
    /// file-cleanup-cron-spec; both at once do no harm.
    #[command(after_help = EXPIRE_EXAMPLES)]
    Expire(ExpireArgs),
}

const EXPIRE_EXAMPLES: &str = "Examples:
  spillway expire --sink 's3://bucket/prefix?protocol=csv&file-expiration-days=30' --dry-run
  spillway expire --sink 's3://bucket/prefix?protocol=csv' --config changefeed.toml";

const EXAMPLES: &str = "Examples:
  spillway run --source mysql-bin.000001 --sink 'file:///tmp/out?protocol=csv&include-commit-ts=true'
  spillway run --source 'mysql://repl@db1?ssl-mode=verify-identity&ssl-ca=/etc/ca.pem' --sink ...
  spillway run --source mysql://repl@db1:3306 --sink 's3://bucket/prefix?protocol=csv&endpoint=http://127.0.0.1:9000'

Past one event that cannot be written, or past all of them:
  spillway run --source mysql://repl@db1:3306 --sink ... --skip-event binlog.000007:1234
  spillway run --source mysql://repl@db1:3306 --sink ... --on-unsupported park

A copy of the tables as they are, and the log from there:
  spillway run --source mysql://repl@db1:3306 --sink ... --snapshot initial

After a log was lost, behind a gap that is recorded in the sink:
  spillway run --source mysql://repl@db1:3306 --sink ... --accept-gap --start earliest

The password of a server may be given in a password-file or in SPILLWAY_SOURCE_PASSWORD, the credentials of a cloud
as its own programs take them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, GOOGLE_APPLICATION_CREDENTIALS,
AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or what the machine has.";

#[derive(Debug, Args)]
pub(crate) struct ExpireArgs {
    /// The sink that a run writes to, with the same settings
    #[arg(long, value_name = "URI")]
    pub(crate) sink: String,

    /// The same configuration file as that of the run
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Only list what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// What to log on standard error: error, warn, info, debug, or a filter such as `stage_writer=debug`
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    pub(crate) log: String,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    // As text and not as documentation, where brackets would be links.
    #[arg(
        long,
        value_name = "FILE|URL",
        help = "A binlog file, or a server: mysql://USER[:PASSWORD]@HOST[:PORT][?NAME=VALUE&...], with the names ssl-mode \
                (disabled, preferred, required, verify-ca or verify-identity), ssl-ca, ssl-cert, ssl-key, socket, \
                password-file and server-id"
    )]
    pub(crate) source: String,

    /// Where to write: file:///DIR, s3://BUCKET/PREFIX, memory://NAME or noop://, with settings as parameters;
    /// protocol=csv or protocol=canal-json is the least
    #[arg(long, value_name = "URI")]
    pub(crate) sink: String,

    #[arg(
        long,
        value_name = "FILE",
        help = "A TOML file with more settings: [sink], [sink.csv], [sink.cloud-storage-config], [scheduler], [filter], \
                [source]"
    )]
    pub(crate) config: Option<PathBuf>,

    /// Where to begin in the log, if the sink has no saved position yet: now, earliest, an event of a log file
    /// (binlog.000007:4), right behind a set of GTIDs (gtid:0-1-99), or at the first transaction at or after a moment
    /// (time:2026-01-31T12:00:00Z), by the server's clock in whole seconds. A server is read from now on unless said
    /// otherwise, a file from its beginning
    #[arg(long, value_name = "now|earliest|FILE:OFFSET|gtid:SET|time:MOMENT")]
    pub(crate) start: Option<StartAt>,

    /// Wait for a server that is not there yet when the run begins, at most for so long (30s, 5m), or without an end. What
    /// waiting does not help, such as a wrong password, ends the run at once
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "forever",
          value_parser = patience)]
    pub(crate) wait_for_source: Option<Duration>,

    /// Begin at --start if the saved position cannot be continued, or is gone: the log was purged or reset, or is another
    /// one. What lies between is missing for good, and .spillway/gaps.json in the sink says so. A position that can be
    /// continued is continued, unless --start names an event behind it
    #[arg(long, requires = "start")]
    pub(crate) accept_gap: bool,

    /// Tables that were made before what is read of the log, as a script that makes them, such as `mysqldump --no-data`
    /// writes. For logs without column names; a server is asked unless this is given
    #[arg(long, value_name = "FILE.sql")]
    pub(crate) schema: Option<PathBuf>,

    /// For a binlog file: the server that wrote it keeps names in lower case (its lower_case_table_names is 1 or 2). A
    /// server is asked
    #[arg(long)]
    pub(crate) lower_case_names: bool,

    // As text and not as documentation, where line breaks would be lost.
    #[arg(
        long,
        value_enum,
        value_name = "initial|only|never",
        default_value_t = SnapshotMode::Never,
        conflicts_with_all = ["start", "schema"],
        help = "Copy the tables of a server as they are at one point of its log: then go on from there (initial), or end \
                (only). A sink that has a position already goes on from that; a copy that was not finished starts anew"
    )]
    pub(crate) snapshot: SnapshotMode,

    /// How many connections copy tables, side by side
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) snapshot_readers: u8,

    /// For a copy from MySQL: FLUSH TABLES WITH READ LOCK for some milliseconds (global), or no lock, where the user has no
    /// RELOAD: some rows then come again from the log, as inserts of rows that are there (none). MariaDB needs no lock
    #[arg(long, value_enum, value_name = "global|none", default_value_t = SnapshotLocking::Global)]
    pub(crate) snapshot_lock: SnapshotLocking,

    /// The most bytes of one transaction. Until it commits it is held in memory, and on disk beside the spool if it is
    /// larger than a sixteenth of spool-memory-quota, or than 16 MiB
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 30)]
    pub(crate) max_transaction_bytes: u64,

    /// What becomes of an event that cannot be written, such as a change that was logged as a statement: `stop` ends the run
    /// there and says how to pass it; `park` keeps it in .spillway/parked/ of the sink, with its place and the reason, and
    /// goes on. Also on-unsupported in the table source of --config; `stop` unless said otherwise
    #[arg(long, value_name = "stop|park")]
    pub(crate) on_unsupported: Option<OnUnsupported>,

    /// Pass over the event at this place if it cannot be written, and keep it in .spillway/parked/ of the sink. May be given
    /// several times; an error that ends a run names the place. Give it again until the checkpoint is behind it
    #[arg(long, value_name = "FILE:OFFSET")]
    pub(crate) skip_event: Vec<LogPlace>,

    /// What to log on standard error: error, warn, info, debug, or a filter such as `stage_writer=debug`
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    pub(crate) log: String,

    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// Whether tables are copied before the log is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnapshotMode {
    /// Then the log is followed
    Initial,
    /// Then the run ends
    Only,
    Never,
}

/// Whether a lock may be taken to find the point of the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnapshotLocking {
    Global,
    None,
}

/// Where to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StartAt {
    /// What commits from now on
    Now,
    /// The oldest log the server still has
    Earliest,
    /// An event
    At(LogPlace),
    /// What these transactions are not among
    Behind(Gtids),
    /// What commits from a moment on
    Since(Timestamp),
}

/// A duration, or no end.
fn patience(text: &str) -> Result<Duration, String> {
    if text == "forever" {
        return Ok(Duration::MAX);
    }
    let duration = text.parse::<SignedDuration>().ok().and_then(|duration| duration.try_into().ok());
    duration.ok_or_else(|| "a duration is a number with a unit, such as 30s or 5m".to_owned())
}

impl FromStr for StartAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "now" => Ok(Self::Now),
            "earliest" => Ok(Self::Earliest),
            named => match named.split_once(':') {
                Some(("gtid", set)) => match set.parse() {
                    Ok(gtids) => Ok(Self::Behind(gtids)),
                    Err(_) => {
                        Err("a set of GTIDs is 0-1-99,1-1-7 (MariaDB) or UUID:1-99,… (MySQL)".to_owned())
                    }
                },
                Some(("time", moment)) => moment.parse().map(Self::Since).map_err(|_| {
                    "a moment is a date, a time and a zone, such as 2026-01-31T12:00:00Z".to_owned()
                }),
                _ => named.parse().map(Self::At).map_err(|error| {
                    format!("use now, earliest or a place, gtid:SET or time:MOMENT: {error}")
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StartAt, patience};
    use std::time::Duration;

    #[test]
    fn a_start_is_told_by_its_first_word() {
        let start = |text: &str| text.parse::<StartAt>();
        assert_eq!(start("gtid:0-1-99,7-2-3"), Ok(StartAt::Behind("0-1-99,7-2-3".parse().unwrap())));
        assert_eq!(
            start("time:2026-01-31T12:00:00+01:00"),
            Ok(StartAt::Since("2026-01-31T11:00:00Z".parse().unwrap()))
        );
        assert_eq!(start("binlog.000007:4").map(|_| ()), Ok(()));
        for (text, says) in
            [("gtid:x", "0-1-99"), ("time:yesterday", "2026-01-31"), ("later", "now, earliest")]
        {
            assert!(start(text).unwrap_err().contains(says), "{text}");
        }
    }

    #[test]
    fn patience_has_a_unit_or_no_end() {
        assert_eq!(patience("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(patience("forever"), Ok(Duration::MAX));
        assert!(patience("-3s").is_err() && patience("soon").is_err());
    }
}
