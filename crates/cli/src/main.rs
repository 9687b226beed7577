//! The `spillway` command: a MySQL or MariaDB binlog on one side, a bucket on the other.
//!
//! | room | what lives there |
//! |---|---|
//! | [`args`] | what can be said on the command line |
//! | [`run`] | source, dispatchers and sink, from the start to the drained end |
//! | [`expire`] | files that are older than somebody wants to keep them |
//! | [`settings`] | the sink's URI and the configuration file |
//! | [`origin`] | where a run begins: where the last one left off, afresh, or behind a gap |
//! | [`gaps`] | the gaps that were accepted, kept in the bucket |
//! | [`parking`] | events that were passed over, kept in the bucket |
//! | [`snapshot`] | the copy of tables that a run may begin with |
//! | [`saved`], [`marks`] | the source's position that belongs to a checkpoint, kept in the bucket |
//! | [`shapes`] | every table's shape at that position: as a whole, and what has changed since |
//! | [`progress`], [`logging`] | what is shown on the way |
//! | [`summary`] | what is shown at the end |
//! | [`failure`] | errors, in one sentence, and exit codes |
//! | [`signals`] | how it is asked to stop |

mod args;
mod expire;
mod failure;
mod gaps;
mod gzip;
mod json;
mod logging;
mod marks;
mod origin;
mod parking;
mod progress;
mod run;
mod saved;
mod settings;
mod shapes;
mod signals;
#[cfg(feature = "server")]
mod snapshot;
mod summary;

use clap::Parser;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args::Cli { command } = args::Cli::parse();
    let (log, quiet) = match &command {
        args::Command::Run(args) => (&args.log, args.quiet),
        // What it shows is no progress, and comes on standard output.
        args::Command::Expire(args) => (&args.log, true),
    };
    let progress = progress::Progress::new(quiet);
    logging::start(log, &progress);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::Failure::run("cannot start the async runtime", error).report(),
    };
    let ended = match &command {
        args::Command::Run(args) => {
            runtime.block_on(run::run(args, &progress)).map(|summary| summary.to_string())
        }
        args::Command::Expire(args) => runtime.block_on(expire::expire(args)),
    };
    progress.finish();
    match ended {
        Ok(summary) => {
            // Nobody may be listening any more; the command has succeeded all the same.
            write!(io::stdout(), "{summary}").unwrap_or_default();
            ExitCode::SUCCESS
        }
        Err(failure) => failure.report(),
    }
}
