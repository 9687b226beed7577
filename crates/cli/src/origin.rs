//! Where a run begins: where the last one left off, afresh, or behind a gap.
//!
//! | saved position | the target | without `--accept-gap` | with it |
//! |---|---|---|---|
//! | proved by the log | | goes on | goes on |
//! | before a `--start FILE:OFFSET` | | goes on | begins there, and the gap is recorded: nobody else can pass what stops a run |
//! | cannot be continued | | refused | begins at `--start`, and the gap is recorded |
//! | none | has files of a sink | refused | begins at `--start`, and the gap is recorded |
//! | none | has none | begins at `--start` | begins at `--start` |

use crate::args::{RunArgs, StartAt};
use crate::failure::Failure;
use crate::gaps::Gap;
use crate::saved::Positions;
use change_event::CommitTs;
use sink_cloudstorage::config::Config;
use source_mysql::{Binlog, Error, LogPlace, OnUnsupported, Position, SourceOptions, Start};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// A source that is ready to be read, and up to where everything is durable already.
pub(crate) struct Origin {
    pub(crate) source: Binlog,
    pub(crate) checkpoint: CommitTs,
}

/// A target that has files of a sink, but not the position they belong to.
#[derive(Debug, thiserror::Error)]
#[error(
    "the target has {0}, but no saved position .spillway/source.json to go on from; restore it, write to a new prefix, \
     or go on behind the gap with --accept-gap and --start"
)]
struct PositionLost(String);

/// Finds it.
pub(crate) async fn find(args: &RunArgs, config: &Config, positions: &Positions) -> Result<Origin, Failure> {
    let unusable = |error| Failure::input("", error);
    match positions.load().await.map_err(|error| Failure::input("", error))? {
        Some((checkpoint, resume)) => {
            let position = resume.position.clone();
            if let (true, Some(StartAt::At(place))) = (args.accept_gap, &args.start)
                && is_behind(place, &position)
            {
                let why = format!("--start names {place}, behind the saved position");
                let above = checkpoint.max(position.commit_ts);
                return behind_a_gap(args, config, positions, why, above, Some(position)).await;
            }
            match open(args, options(args, config)?, Start::Resume(Box::new(resume))).await? {
                Ok(source) => Ok(Origin { source, checkpoint }),
                Err(error) if args.accept_gap && error.is_broken_lineage() => {
                    let above = checkpoint.max(position.commit_ts);
                    behind_a_gap(args, config, positions, error.to_string(), above, Some(position)).await
                }
                Err(error) => Err(unusable(error)),
            }
        }
        None => {
            let left = positions.state().left_over().await.map_err(|error| Failure::input("", error))?;
            match left.map(|path| PositionLost(path.to_string())) {
                Some(lost) if args.accept_gap => {
                    behind_a_gap(args, config, positions, lost.to_string(), CommitTs::default(), None).await
                }
                Some(lost) => Err(Failure::input("", lost)),
                None => {
                    let source = open(args, options(args, config)?, start(args)).await?.map_err(unusable)?;
                    Ok(Origin { checkpoint: source.start_mark().commit_ts, source })
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
    Ok(Origin { source, checkpoint: start.commit_ts })
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
    // The URL itself may hold a password: it is not repeated.
    let url = Url::parse(&args.source).map_err(|error| {
        Failure::input("--source is neither a file nor a URL like mysql://user@host:3306", error)
    })?;
    connect(&url, options, start).await
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
    let why = "this spillway was built without the feature `server`, so it reads binlog files only; \
               build it with its default features";
    Ok(Err(Error::Config(why.to_owned())))
}
