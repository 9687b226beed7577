//! The stages composed: from a configuration to a running sink.
//!
//! ```text
//! front door ─► encode ─►│gate│─► spool ─► wake ─► batch ─► upload ─► publish ─► settle
//! ```

use crate::admission::{Admission, Names};
use crate::checkpoint_file::write_checkpoints;
use crate::config::{Config, Encoding};
use crate::expiry::{Expiry, Schedule, expire_by_schedule};
use crate::files::{FileLayout, TableFiles, TableRows};
use crate::known_versions::KnownVersions;
use crate::memory_plan::MemoryPlan;
use crate::open_error::OpenSinkError;
use crate::parked_events::ParkedEvents;
use crate::sink::{CloudStorageSink, Counts};
use crate::source_state::SourceState;
use crate::store::{self, Location};
use crate::written_with::{self, WrittenWithError};
use dispatcher::DispatchedRows;
use object_store::ObjectStore;
use pipeline_core::{BoxError, Gate, Pipeline, Telemetry};
use rustc_hash::FxHasher;
use stage_encode::{CanalJson, Csv, Encode, Encoder, Selected};
use stage_spool::{Spool, SpoolConfig, SpoolError};
use stage_writer::{
    BatchLimits, Batcher, Concurrency, Conditional, Publish, Remote, RemoteConfig, Retry, Tally, Upload,
    UploadConfig, wall_millis,
};
use std::hash::Hasher;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Spilled pieces on their way to the disk at once, per lane: enough for one large write.
const SPILLS: usize = 1024;
/// How long a route's directory is remembered after its last file, unless batches may wait longer than that.
const REMEMBER: Duration = Duration::from_secs(600);

/// A running cloud-storage sink: what its embedder holds on to. Dropping it ends the sink at once.
pub struct CloudStorage {
    pipeline: Pipeline,
    sink: CloudStorageSink,
    tasks: JoinSet<Result<(), stage_writer::Error>>,
    gate: Gate,
    spool: Spool,
    conditional: Conditional,
    parked: ParkedEvents,
    /// Removes files that have expired, until this is dropped.
    expiry: JoinSet<()>,
}

impl CloudStorage {
    /// Opens the store at `location`, finds out what it honours, and starts the stages.
    ///
    /// # Errors
    /// [`OpenSinkError`]; nothing is written then but a probe.
    pub async fn open(config: &Config, location: &Location) -> Result<Self, OpenSinkError> {
        let is_directory = matches!(location, Location::File(_));
        let telemetry = Telemetry::default();
        Self::start(config, store::open(location)?, &location.to_string(), is_directory, telemetry).await
    }

    /// The same with instruments where the caller wants them ([`metrics`](crate::metrics)).
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub async fn open_with(
        config: &Config,
        location: &Location,
        telemetry: Telemetry,
    ) -> Result<Self, OpenSinkError> {
        let is_directory = matches!(location, Location::File(_));
        Self::start(config, store::open(location)?, &location.to_string(), is_directory, telemetry).await
    }

    /// The same over an object store that is open already. `place` names it in errors, and names its spool directory.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub async fn over(
        config: &Config,
        store: Arc<dyn ObjectStore>,
        place: &str,
    ) -> Result<Self, OpenSinkError> {
        Self::over_with(config, store, place, Telemetry::default()).await
    }

    /// The same with instruments where the caller wants them ([`metrics`](crate::metrics)).
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub async fn over_with(
        config: &Config,
        store: Arc<dyn ObjectStore>,
        place: &str,
        telemetry: Telemetry,
    ) -> Result<Self, OpenSinkError> {
        Self::start(config, store, place, false, telemetry).await
    }

    async fn start(
        config: &Config,
        store: Arc<dyn ObjectStore>,
        place: &str,
        is_directory: bool,
        telemetry: Telemetry,
    ) -> Result<Self, OpenSinkError> {
        let encoder = encoder(config)?;
        let conditional = stage_writer::probe(&*store, place).await?;
        if conditional == Conditional::Ignored {
            tracing::warn!(
                place,
                "the store ignores conditions: nothing protects two writers of one directory"
            );
        }
        let concurrency = config.concurrency(is_directory);
        let remote = Remote::new(store, remote_config(config, conditional, concurrency));
        // Everything is new in a bucket that is, and nothing is known to be in one whose checkpoint is not there.
        let checkpoint = match written_with::check(&remote, config, place).await? {
            true => 0,
            false => {
                let told = SourceState::new(remote.clone()).told_checkpoint().await;
                told.map_err(WrittenWithError::from)?.map_or(u64::MAX, |ts| ts.0)
            }
        };
        let names = match is_directory {
            true => Names::Files { ignore_case: written_with::ignores_case(&remote).await? },
            false => Names::Keys,
        };
        let plan = MemoryPlan::of(config.spool_memory_bytes());
        let spool =
            Spool::open_with(spool_config(config, &plan, place), &telemetry).map_err(
                |error| match error {
                    // The directory is the target's own, so whoever holds it writes there.
                    SpoolError::Locked { .. } => OpenSinkError::InUse(place.to_owned()),
                    error => error.into(),
                },
            )?;
        let layout = Arc::new(FileLayout {
            layout: config.layout(),
            encoder: encoder.clone(),
            with_column_ids: config.output_column_id,
            known: KnownVersions::at(checkpoint),
        });
        let tally = Arc::new(Tally::default());
        let gate = Gate::over(MemoryPlan::bytes(config), plan.pieces());
        let limits = BatchLimits {
            bytes: config.file_size,
            rows: u64::MAX,
            age: config.flush_interval,
            least_bytes: config.min_file_size,
            greatest_age: config.max_file_age,
        };
        let upload = UploadConfig {
            buffers: plan.read_back,
            compression: config.compression,
            // Twice the age: that of a table that has rows all the time is never forgotten.
            remember: REMEMBER.max(2 * config.flush_interval.max(config.max_file_age)),
            clock: wall_millis,
        };
        let (door, pipeline) = Pipeline::builder::<DispatchedRows>()
            .telemetry(telemetry.clone())
            .lanes(cores())
            .front(plan.front_levels(config))
            // Up to the wake all is light: what is not goes to tasks and threads of its own.
            .run_by_caller()
            .named("encode")
            .effect_free()
            .concurrency(2 * cores())
            .service(Encode::new(encoder, label).with_telemetry(&telemetry))
            .watermarks(gate.clone())
            .named("spool")
            .effect_free()
            .concurrency(SPILLS)
            .service(spool.clone())
            .wake()
            .named("batch")
            .transform(Batcher::new(limits))
            .named("upload")
            .orders_effects()
            .concurrency(concurrency.most())
            .per_route(config.worker_count)
            .service(Upload::new(remote.clone(), layout.clone(), upload).with_telemetry(&telemetry))
            // Index writes wait for each other per directory, and for the request limit: they need no limit here.
            .named("publish")
            .orders_effects()
            .concurrency(usize::MAX)
            .service(Publish::new(remote.clone(), layout.clone(), tally.clone()).with_telemetry(&telemetry))
            .spawn();
        let (checkpoints, latest) = tokio::sync::watch::channel(Default::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(write_checkpoints(remote.clone(), latest));
        let parked = ParkedEvents::new(remote.clone(), &telemetry);
        let mut expiry = JoinSet::new();
        if let (Ok(()), Some(schedule)) =
            (Expiry::check(config), Schedule::parse(&config.file_cleanup_cron_spec))
        {
            let (files, zone) = (Expiry::with(config, remote.clone()), config.time_zone.clone());
            expiry.spawn(expire_by_schedule(files, schedule, zone, wall_millis));
        }
        let sink = CloudStorageSink::new(
            door,
            remote,
            layout,
            Admission::new(names),
            checkpoints,
            tally,
            &telemetry,
        );
        Ok(Self { pipeline, sink, tasks, gate, spool, conditional, parked, expiry })
    }

    /// The sink, for dispatchers. Clones share it.
    pub fn sink(&self) -> CloudStorageSink {
        self.sink.clone()
    }

    /// What became durable so far.
    pub fn counts(&self) -> Counts {
        self.sink.counts()
    }

    /// Where a source keeps its state beside the data.
    pub fn source_state(&self) -> SourceState {
        SourceState::new(self.sink.remote())
    }

    /// Where what a source passes over is kept beside the data.
    pub fn parked_events(&self) -> ParkedEvents {
        self.parked.clone()
    }

    /// The watermark gate, over all bytes from the encoder to the flush ack.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The spool, for its statistics.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// What the store was found to honour.
    pub fn conditional(&self) -> Conditional {
        self.conditional
    }

    /// Waits until the sink fails.
    ///
    /// # Cancel safety
    /// The sink goes on.
    pub async fn failed(&mut self) -> BoxError {
        tokio::select! {
            end = self.pipeline.finished() => end.err().unwrap_or_else(pipeline_core::Error::closed).into(),
            Some(end) = self.tasks.join_next() => match end {
                Ok(Ok(())) => pipeline_core::Error::closed().into(),
                Ok(Err(error)) => error.into(),
                Err(error) => error.into(),
            },
        }
    }

    /// Makes everything durable that was taken in, writes the last checkpoint, and ends.
    ///
    /// # Errors
    /// The first error: what was not flushed is lost, and comes again from the last checkpoint.
    pub async fn close(mut self) -> Result<(), BoxError> {
        self.expiry.shutdown().await;
        self.pipeline.close().await?;
        self.sink.close_checkpoints();
        while let Some(end) = self.tasks.join_next().await {
            end??;
        }
        Ok(())
    }
}

fn encoder(config: &Config) -> Result<Arc<dyn Encoder>, OpenSinkError> {
    let format: Arc<dyn Encoder> = match &config.encoding {
        Encoding::Csv(options) => Arc::new(Csv::new(options.clone())?),
        Encoding::CanalJson(options) => Arc::new(CanalJson::new(options.clone(), wall_millis)),
    };
    Ok(match config.columns.is_empty() {
        true => format,
        false => Arc::new(Selected::new(config.columns.clone(), format)),
    })
}

/// What an event's piece will say of itself, and the rows to encode.
fn label(sent: DispatchedRows) -> (TableRows, change_event::RowEvent) {
    let DispatchedRows { dispatcher, event } = sent;
    let files = TableFiles { table: event.table.clone(), dispatcher };
    (TableRows { files, rows: event.rows.len() as u64 }, event)
}

pub(crate) fn remote_config(
    config: &Config,
    conditional: Conditional,
    concurrency: Concurrency,
) -> RemoteConfig {
    let usual = RemoteConfig::default();
    RemoteConfig {
        requests: concurrency,
        retry: Retry { total: config.retry_timeout, ..usual.retry },
        conditional,
        ..usual
    }
}

/// The spool's directory is named after the target, so that a second sink of the same target finds it locked, and
/// one of another target finds its own.
fn spool_config(config: &Config, plan: &MemoryPlan, place: &str) -> SpoolConfig {
    let base = config.spool_base();
    let mut hasher = FxHasher::default();
    hasher.write(place.as_bytes());
    SpoolConfig {
        memory: plan.tier,
        waiting: plan.to_disk.max(1),
        disk: config.spool_disk_quota,
        ..SpoolConfig::new(base.join(PathBuf::from(format!("{:016x}", hasher.finish()))))
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
