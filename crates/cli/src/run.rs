//! Source, dispatchers and sink, from the start to the drained end.

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::origin::{self, Begin, Origin};
use crate::parking::Parking;
use crate::progress::Progress;
use crate::saved::Positions;
use crate::settings;
use crate::signals::signals;
use crate::summary::Summary;
use change_event::{ChangeEvent, CommitTs};
use dispatcher::{Dispatchers, Options, Sink};
use parking_lot::Mutex;
use pipeline_core::Levels;
use sink_cloudstorage::config::Config;
use sink_cloudstorage::{CloudStorage, CloudStorageSink, Counts};
use source_mysql::{Binlog, SourceItem};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep};
use tokio_stream::StreamExt;

/// How often positions are looked at that no checkpoint has saved.
const FOLLOW: Duration = Duration::from_secs(2);

/// Runs until the file ends, a signal comes, or something fails.
pub(crate) async fn run(args: &RunArgs, progress: &Progress) -> Result<Summary, Failure> {
    let started = Instant::now();
    let (uri, config) = settings::read(&args.sink, args.config.as_deref())?;
    let mut storage =
        CloudStorage::open(&config, uri.location()).await.map_err(|error| Failure::input("", error))?;
    let positions = Positions::new(storage.source_state());
    let Origin { begin, checkpoint } = origin::find(args, &config, &positions).await?;
    if let Begin::Nothing = begin {
        let place = uri.location().to_string();
        let (counts, took) = (Counts::default(), started.elapsed());
        return Ok(Summary { place, counts, parked: Default::default(), checkpoint, took });
    }
    // Until here a signal ends the process by itself: a store or a server that does not answer keeps nobody waiting.
    let mut signals = signals().map_err(|error| Failure::run("cannot listen for signals", error))?;
    // Before anything else: started again after a crash, a run from "now" must begin at the same now. A copy has no
    // position before it is finished.
    if let Begin::Log(source) = &begin {
        let saved = positions.save(checkpoint, source.start_mark()).await;
        saved.map_err(|error| Failure::run("cannot save the position", error))?;
    }
    // Consumers leave alone what is above the checkpoint, but only once there is one.
    storage.sink().add_checkpoint_ts(checkpoint);
    let dispatchers = Dispatchers::builder(storage.sink())
        .checkpoint_store(positions.clone())
        .options(options(&config, checkpoint))
        .spawn()
        .map_err(|error| Failure::input("", error))?;

    let sink = storage.sink();
    let copying = Copying::default();
    let mut parking = Parking::new(storage.parked_events(), &args.skip_event);
    let end = tokio::select! {
        end = feed(begin, &dispatchers, &positions, &copying, &mut parking) => end,
        Some(()) = signals.next() => Ok(()),
        error = dispatchers.failed() => Err(Failure::run("", error)),
        error = storage.failed() => Err(Failure::run("", error)),
        failure = follow(&dispatchers, &positions) => Err(failure),
        never = show(progress, &sink, &dispatchers, &copying) => match never {},
    };
    let parked = parking.finish();
    // A source that failed has handed over whole transactions before: they are made durable all the same.
    let drained = tokio::select! {
        drained = dispatchers.finish() => drained.map_err(|error| Failure::run("", error)),
        error = storage.failed() => Err(Failure::run("", error)),
        // Closing the sink would wait for the very same thing.
        Some(()) = signals.next() => return Err(end.err().unwrap_or_else(|| Failure::run("", Impatient))),
    };
    let checkpoint = match (drained, end) {
        (Ok(checkpoint), Ok(())) => checkpoint,
        // The first error is the one to tell, whatever came of the draining.
        (_, Err(failure)) | (Err(failure), Ok(())) => {
            // Best effort: it writes the last checkpoint, if it still can.
            tokio::select! {
                closed = storage.close() => closed
                    .unwrap_or_else(|error| tracing::debug!(%error, "the sink could not be closed")),
                Some(()) = signals.next() => {}
            }
            return Err(failure);
        }
    };
    if positions.is_copying() {
        tracing::warn!("the copy of the tables is not finished; started again, it is made anew");
    }
    let counts = storage.counts();
    tokio::select! {
        closed = storage.close() => closed.map_err(|error| Failure::run("", error))?,
        Some(()) = signals.next() => return Err(Failure::run("", Impatient)),
    }
    Ok(Summary { place: uri.location().to_string(), counts, parked, checkpoint, took: started.elapsed() })
}

#[derive(Debug, thiserror::Error)]
#[error("stopped by a signal while it was finishing; the same command goes on from the checkpoint")]
struct Impatient;

/// The inboxes hold rows that no stage has taken yet: a share of the spool's memory, within reason.
fn options(config: &Config, start: CommitTs) -> Options {
    let high = (config.spool_memory_bytes() / 8).clamp(16 << 10, 32 << 20);
    Options { inbox: Levels { high, low: high / 2 }, start, ..Options::default() }
}

/// Saves positions that move while the checkpoint does not, until it fails.
async fn follow(dispatchers: &Dispatchers<CloudStorageSink>, positions: &Positions) -> Failure {
    loop {
        sleep(FOLLOW).await;
        if let Err(error) = positions.advance(dispatchers.checkpoint()).await {
            return Failure::run("cannot save the position", error);
        }
    }
}

/// Shows how far it is, for as long as somebody lets it.
async fn show(
    progress: &Progress,
    sink: &CloudStorageSink,
    dispatchers: &Dispatchers<CloudStorageSink>,
    copying: &Copying,
) -> Infallible {
    let mut ticks = interval(progress.interval());
    loop {
        ticks.tick().await;
        let copying = copying.lock().as_ref().map(|tell| tell());
        progress.show(sink.counts(), dispatchers.checkpoint(), copying);
    }
}

/// What a copy under way tells of itself.
pub(crate) type Copying = Arc<Mutex<Option<Box<dyn Fn() -> String + Send + Sync>>>>;

/// Hands everything to the dispatchers: first a copy of the tables, if there is to be one, then the log.
#[cfg_attr(
    not(feature = "server"),
    expect(unused_variables, reason = "only the tables of a server are copied")
)]
async fn feed(
    begin: Begin,
    dispatchers: &Dispatchers<CloudStorageSink>,
    positions: &Positions,
    copying: &Copying,
    parking: &mut Parking,
) -> Result<(), Failure> {
    match begin {
        Begin::Log(mut source) => follow_log(&mut source, dispatchers, positions, parking).await,
        #[cfg(feature = "server")]
        Begin::Copy(copy) => match copy.run(dispatchers, positions, copying).await? {
            Some(mut source) => follow_log(&mut source, dispatchers, positions, parking).await,
            None => Ok(()),
        },
        Begin::Nothing => Ok(()),
    }
}

/// Hands everything from the log to the dispatchers, parks what cannot be, and notes where each transaction ends.
async fn follow_log(
    source: &mut Binlog,
    dispatchers: &Dispatchers<CloudStorageSink>,
    positions: &Positions,
    parking: &mut Parking,
) -> Result<(), Failure> {
    let unparked = |error| Failure::run("cannot park an event", error);
    while let Some(item) = source.next().await.map_err(|error| Failure::run("", error))? {
        match item {
            SourceItem::Parked(parked) => parking.park(*parked).await.map_err(unparked)?,
            SourceItem::Event(event) => {
                dispatchers.handle(event).await.map_err(|error| Failure::run("", error))?;
            }
            SourceItem::Mark(mark) => {
                // A checkpoint that passes the mark passes what was parked before it.
                parking.settle().await.map_err(unparked)?;
                let ts = mark.commit_ts;
                // Noted before it is resolved: a checkpoint that passes it finds it.
                positions.note(mark);
                let resolved = dispatchers.handle(ChangeEvent::Resolved(ts)).await;
                resolved.map_err(|error| Failure::run("", error))?;
            }
        }
    }
    Ok(())
}
