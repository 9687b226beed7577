//! Where a run begins: where the last one left off, afresh, or behind a gap.
//!
//! | saved position | the target | without `--accept-gap` | with it |
//! |---|---|---|---|
//! | proved by the log | | goes on | goes on |
//! | before a `--start FILE:OFFSET` | | goes on | begins there, and the gap is recorded: nobody else can pass what stops a run |
//! | cannot be continued | | refused | begins at `--start`, and the gap is recorded |
//! | none | has files of a sink | refused | begins at `--start`, and the gap is recorded |
//! | none | has none | begins at `--start` | begins at `--start` |
//!
//! With `--snapshot` a target that has none begins with a copy of the tables, and so does one with a copy that was not
//! finished, which nothing else goes on with.

use crate::args::{RunArgs, SnapshotMode, StartAt};
use crate::failure::Failure;
use crate::gaps::Gap;
use crate::saved::{Positions, UNFINISHED_COPY};
#[cfg(feature = "server")]
use crate::snapshot::Copy;
use bytes::Bytes;
use change_event::CommitTs;
use sink_cloudstorage::config::Config;
use source_mysql::{Binlog, Error, LogPlace, OnUnsupported, Position, SourceOptions, Start};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// What is ready to be read, and up to where everything is durable already.
pub(crate) struct Origin {
    pub(crate) begin: Begin,
    pub(crate) checkpoint: CommitTs,
}

/// What is read first.
pub(crate) enum Begin {
    Log(Box<Binlog>),
    #[cfg(feature = "server")]
    Copy(Box<Copy>),
    /// A copy was all that was wanted, and it is there.
    Nothing,
}

impl Origin {
    fn log(source: Binlog, checkpoint: CommitTs) -> Self {
        Self { begin: Begin::Log(Box::new(source)), checkpoint }
    }
}

/// A target that has files of a sink, but not the position they belong to.
#[derive(Debug, thiserror::Error)]
#[error(
    "the target has {0}, but no saved position .spillway/source.json to go on from; restore it, write to a new prefix, \
     or go on behind the gap with --accept-gap and --start"
)]
struct PositionLost(String);

/// A target with a part of a copy of tables.
#[derive(Debug, thiserror::Error)]
#[error(
    "the target has a copy of tables that was not finished (.spillway/snapshot.json), so there is no position to go on from; \
     let it be made anew with --snapshot initial or only, or write to a new prefix"
)]
struct CopyUnfinished;

/// Finds it.
pub(crate) async fn find(args: &RunArgs, config: &Config, positions: &Positions) -> Result<Origin, Failure> {
    let unusable = |error| Failure::input("", error);
    match positions.load().await.map_err(|error| Failure::input("", error))? {
        Some((checkpoint, resume)) => {
            if args.snapshot != SnapshotMode::Never {
                tracing::warn!("the sink has a saved position, and goes on from there: no table is copied");
            }
            if args.snapshot == SnapshotMode::Only {
                return Ok(Origin { begin: Begin::Nothing, checkpoint });
            }
            let position = resume.position.clone();
            if let (true, Some(StartAt::At(place))) = (args.accept_gap, &args.start)
                && is_behind(place, &position)
            {
                let why = format!("--start names {place}, behind the saved position");
                let above = checkpoint.max(position.commit_ts);
                return behind_a_gap(args, config, positions, why, above, Some(position)).await;
            }
            match open(args, options(args, config)?, Start::Resume(Box::new(resume))).await? {
                Ok(source) => Ok(Origin::log(source, checkpoint)),
                Err(error) if args.accept_gap && error.is_broken_lineage() => {
                    let above = checkpoint.max(position.commit_ts);
                    behind_a_gap(args, config, positions, error.to_string(), above, Some(position)).await
                }
                Err(error) => Err(unusable(error)),
            }
        }
        None => {
            let begun = positions
                .state()
                .load_part(UNFINISHED_COPY)
                .await
                .map_err(|error| Failure::input("", error))?;
            if begun.is_some() && args.snapshot == SnapshotMode::Never && !args.accept_gap {
                return Err(Failure::input("", CopyUnfinished));
            }
            if let Some(begun) = begun.filter(|_| args.snapshot != SnapshotMode::Never) {
                return copy(args, config, positions, Some(&begun)).await;
            }
            let left = positions.state().left_over().await.map_err(|error| Failure::input("", error))?;
            match left.map(|path| PositionLost(path.to_string())) {
                Some(lost) if args.accept_gap => {
                    behind_a_gap(args, config, positions, lost.to_string(), CommitTs::default(), None).await
                }
                Some(lost) => Err(Failure::input("", lost)),
                None if args.snapshot != SnapshotMode::Never => copy(args, config, positions, None).await,
                None => {
                    let source = open(args, options(args, config)?, start(args)).await?.map_err(unusable)?;
                    let checkpoint = source.start_mark().commit_ts;
                    Ok(Origin::log(source, checkpoint))
                }
            }
        }
    }
}

/// Whether a place comes after a position of the same log, whose files are numbered.
fn is_behind(place: &LogPlace, position: &Position) -> bool {
    let order = |file: &str, offset: u64| (file.len(), file.to_owned(), offset);
    order(&place.file, place.offset) > order(&position.file, position.offset)
}

/// Begins at `--start`, above everything that the target has.
async fn behind_a_gap(
    args: &RunArgs,
    config: &Config,
    positions: &Positions,
    why: String,
    above: CommitTs,
    from: Option<Position>,
) -> Result<Origin, Failure> {
    let told = positions.state().told_checkpoint().await.map_err(|error| Failure::input("", error))?;
    let above = above.max(told.unwrap_or_default());
    let options = SourceOptions { above, ..options(args, config)? };
    let source = open(args, options, start(args)).await?.map_err(|error| Failure::input("", error))?;
    let start = source.start_mark();
    let place = format!("{}:{}", start.position.file, start.position.offset);
    tracing::warn!(why, start = place, "a gap is accepted, and recorded in .spillway/gaps.json");
    let gap = Gap::new(why, above, from, start.position);
    gap.record(positions.state()).await.map_err(|error| Failure::input("cannot record the gap", error))?;
    Ok(Origin::log(source, start.commit_ts))
}

fn options(args: &RunArgs, config: &Config) -> Result<SourceOptions, Failure> {
    Ok(SourceOptions {
        time_zone: config.time_zone.clone(),
        updates: config.update_form(),
        tables: config.tables.clone(),
        events: config.events.clone(),
        lower_case_names: args.lower_case_names,
        given_tables: args.schema.as_deref().map(script).transpose()?,
        on_unsupported: args.on_unsupported.unwrap_or(match config.parks_unsupported {
            true => OnUnsupported::Park,
            false => OnUnsupported::Stop,
        }),
        skip_events: args.skip_event.clone(),
        transaction_memory: usize::try_from(config.transaction_memory_bytes()).unwrap_or(usize::MAX),
        spill_dir: config.spool_base(),
        max_transaction_bytes: args.max_transaction_bytes,
        wait_for_source: args.wait_for_source,
        ..SourceOptions::default()
    })
}

/// The statements that `--schema` names.
fn script(path: &Path) -> Result<Arc<str>, Failure> {
    let text = std::fs::read_to_string(path);
    text.map(Arc::from)
        .map_err(|error| Failure::input(&format!("cannot read --schema {}", path.display()), error))
}

/// What `--start` says, or what goes without saying.
fn start(args: &RunArgs) -> Start {
    match &args.start {
        Some(StartAt::Now) => Start::Now,
        Some(StartAt::Earliest) => Start::Earliest,
        Some(StartAt::At(place)) => Start::At(place.clone()),
        Some(StartAt::Behind(gtids)) => Start::Behind(gtids.clone()),
        Some(StartAt::Since(moment)) => Start::Since(*moment),
        None if is_url(args) => Start::Now,
        None => Start::Earliest,
    }
}

fn is_url(args: &RunArgs) -> bool {
    args.source.contains("://") || args.source.starts_with("mysql:")
}

async fn open(
    args: &RunArgs,
    options: SourceOptions,
    start: Start,
) -> Result<Result<Binlog, Error>, Failure> {
    if !is_url(args) {
        return Ok(Binlog::open_file_at(Path::new(&args.source), options, start).await);
    }
    connect(&url(args)?, options, start).await
}

/// The URL itself may hold a password: it is not repeated.
fn url(args: &RunArgs) -> Result<Url, Failure> {
    Url::parse(&args.source).map_err(|error| {
        Failure::input("--source is neither a file nor a URL like mysql://user@host:3306", error)
    })
}

/// Begins a copy of the server's tables. `begun`: one that was not finished.
#[cfg(feature = "server")]
async fn copy(
    args: &RunArgs,
    config: &Config,
    positions: &Positions,
    begun: Option<&Bytes>,
) -> Result<Origin, Failure> {
    if !is_url(args) {
        let why = "a binlog file has no tables to copy; name a server, or leave --snapshot out";
        return Err(Failure::input("--source", Error::Config(why.to_owned())));
    }
    let copy = Copy::begin(url(args)?, options(args, config)?, args, positions, begun).await?;
    let checkpoint = copy.checkpoint();
    Ok(Origin { begin: Begin::Copy(Box::new(copy)), checkpoint })
}

#[cfg(not(feature = "server"))]
async fn copy(
    _args: &RunArgs,
    _config: &Config,
    _positions: &Positions,
    _begun: Option<&Bytes>,
) -> Result<Origin, Failure> {
    Err(Failure::input("", Error::Config(WITHOUT_SERVER.to_owned())))
}

#[cfg(feature = "server")]
async fn connect(url: &Url, options: SourceOptions, start: Start) -> Result<Result<Binlog, Error>, Failure> {
    Ok(Binlog::connect(url, options, start).await)
}

#[cfg(not(feature = "server"))]
async fn connect(
    _url: &Url,
    _options: SourceOptions,
    _start: Start,
) -> Result<Result<Binlog, Error>, Failure> {
    Ok(Err(Error::Config(WITHOUT_SERVER.to_owned())))
}

#[cfg(not(feature = "server"))]
const WITHOUT_SERVER: &str = "this spillway was built without the feature `server`, so it reads binlog files only; \
                              build it with its default features";
