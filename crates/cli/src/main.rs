//! The `spillway` command: a MySQL or MariaDB binlog on one side, a bucket on the other.
//!
//! | room | what lives there |
//! |---|---|
//! | [`args`] | what can be said on the command line |
//! | [`run`] | source, dispatchers and sink, from the start to the drained end |
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
mod shapes;
mod signals;
#[cfg(feature = "server")]
mod snapshot;
mod summary;

use clap::Parser;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args::Cli { command: args::Command::Run(args) } = args::Cli::parse();
    let progress = progress::Progress::new(args.quiet);
    logging::start(&args.log, &progress);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::Failure::run("cannot start the async runtime", error).report(),
    };
    match runtime.block_on(run::run(&args, &progress)) {
        Ok(summary) => {
            progress.finish();
            // Nobody may be listening any more; the run has succeeded all the same.
            write!(io::stdout(), "{summary}").unwrap_or_default();
            ExitCode::SUCCESS
        }
        Err(failure) => {
            progress.finish();
            failure.report()
        }
    }
}
