//! The settings of the sink: what they are, their defaults, and the one place that checks them.

use super::amounts::{self, POSITIVE};
use super::{ConfigError, Encoding, go_duration};
use crate::expiry::{Expiry, ExpiryError, Schedule};
use crate::layout::{DateLevel, Layout};
use crate::memory_plan::MemoryPlan;
use change_event::{ColumnSelectors, EventFilter, TableFilter, UpdateForm};
use jiff::tz::TimeZone;
use stage_writer::{Compression, Concurrency};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// The memory bound is this part of the disk quota, unless said otherwise…
const MEMORY_SHARE_OF_DISK: u64 = 5;
/// …but no more than this.
const GREATEST_DEFAULT_MEMORY: u64 = 2 * GIB;

const FLUSH_INTERVALS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(600));
const MAX_FILE_AGE: Duration = Duration::from_secs(60);
const LONGEST_FILE_AGE: Duration = Duration::from_secs(3600);
const FILE_SIZES: (u64, u64) = (1024, 512 * MIB);
const MOST_WORKERS: usize = 512;
const MOST_CONCURRENT_PARTS: usize = 512;
const MOST_REQUESTS: usize = 4096;
/// Any store takes so many, and most take more.
const FIRST_REQUESTS: usize = 64;
const REQUESTS_TO_A_STORE: usize = 512;
const REQUESTS_TO_A_DIRECTORY: usize = 64;
const INDEX_DIGITS: (usize, usize) = (6, 20);

/// The settings of the sink. Plain data: change what you like, then ask for [`validated`](Self::validated) ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `protocol` and the options of the format. Default CSV.
    pub encoding: Encoding,
    /// `worker-count`: how many encoders. 1 to 512, default 16.
    pub worker_count: usize,
    /// `flush-interval`: the greatest age of a batch's oldest row. 100 ms to 10 min, default 5 s.
    pub flush_interval: Duration,
    /// `file-size`: the bytes at which a batch becomes a file. 1 KiB to 512 MiB, default 64 MiB.
    pub file_size: u64,
    /// `min-file-size`: the bytes below which a batch that is old enough waits for more, up to
    /// [`max_file_age`](Self::max_file_age); and the checkpoint with it. At most `file-size`, default 0: none waits.
    pub min_file_size: u64,
    /// `max-file-age`: the greatest age of the oldest row of a batch that stays below
    /// [`min_file_size`](Self::min_file_size). From `flush-interval` to 1 h, default 1 min.
    pub max_file_age: Duration,
    /// `compression`: `none`, `gzip` or `zstd`, of each file as a whole. Default none: the ancestor's consumer reads
    /// nothing else.
    pub compression: Compression,
    /// `use-table-id-as-path`: directories are named by table id.
    pub use_table_id_as_path: bool,
    /// `spool-disk-quota`: bytes of spool files on disk. At least 1, default 10 GiB.
    pub spool_disk_quota: u64,
    /// `spool-memory-quota`: bytes of memory for everything the sink holds, from the front door to the uploads. About
    /// half of it is the spool's memory tier. `None`: a fifth of the disk quota, at most 2 GiB.
    pub spool_memory_quota: Option<u64>,
    /// `spool-base-dir`: the parent of the spool directory, absolute. `None`: for the caller to say.
    pub spool_base_dir: Option<PathBuf>,
    /// `output-column-id`: schema files show column ids, which changes their checksums.
    pub output_column_id: bool,
    /// `flush-concurrency`: how many parts of one big file are sent at a time. 1 to 512, default 1.
    pub flush_concurrency: usize,
    /// `file-expiration-days`: the age at which files [expire](crate::expiry); 0 for never.
    pub file_expiration_days: u32,
    /// `file-cleanup-cron-spec`: when expired files are removed, as a [`Schedule`]. Default `0 0 2 * * *`, in
    /// [`time_zone`](Self::time_zone).
    pub file_cleanup_cron_spec: String,
    /// `output-raw-change-event`: an UPDATE of a key stays one event, where [its reader can apply
    /// it](Self::update_form). For the source to heed.
    pub output_raw_change_event: bool,
    /// `date-separator`: the date level of data directories. Default day.
    pub date_level: DateLevel,
    /// `time-zone`: whose calendar the dates are of, by its IANA name. Default UTC.
    pub time_zone: TimeZone,
    /// `enable-partition-separator`: partitions get a directory each. Default true.
    pub enable_partition_separator: bool,
    /// `file-index-digit`: how many digits a file index is padded to. 6 to 20, default 20.
    pub file_index_digits: usize,
    /// `rules` in `[filter]`, and `case-sensitive`: which tables are taken. Default: all but the server's own. For the
    /// source to heed.
    pub tables: TableFilter,
    /// `event-filters` and `ignore-txn-start-ts` in `[filter]`: which of their changes are left out. A transaction of a
    /// MySQL log has one timestamp, so its start-ts is its commit-ts. For the source to heed.
    pub events: EventFilter,
    /// `column-selectors`: which of their columns are written. Default: all.
    pub columns: ColumnSelectors,
    /// `on-unsupported` in `[source]`, `stop` or `park`: whether events that cannot be taken are kept beside the data, and
    /// the run goes on. For the source to heed. Default: it stops.
    pub parks_unsupported: bool,
    /// `transaction-atomicity`: whether a transaction may be split. For the source to heed.
    pub transaction_atomicity: Atomicity,
    /// `enable-table-across-nodes`: file names carry the dispatcher's id, so that several may write one table.
    pub enable_table_across_nodes: bool,
    /// `request-limit`: how many requests to the store may be under way at the most; how many there are is found out
    /// ([`Concurrency`]). 1 to 4096; by default 512, and 64 to a directory.
    pub request_limit: Option<usize>,
    /// `retry-timeout`: how long a failing request is tried again before the sink gives up. Default 5 min.
    pub retry_timeout: Duration,
}

/// Whether a transaction may be split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Atomicity {
    /// `none`: a big transaction may come in several events.
    #[default]
    None,
    /// `table`: what a transaction does to one table stays together.
    Table,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            encoding: Encoding::default(),
            worker_count: 16,
            flush_interval: Duration::from_secs(5),
            file_size: 64 * MIB,
            min_file_size: 0,
            max_file_age: MAX_FILE_AGE,
            compression: Compression::None,
            use_table_id_as_path: false,
            spool_disk_quota: 10 * GIB,
            spool_memory_quota: None,
            spool_base_dir: None,
            output_column_id: false,
            flush_concurrency: 1,
            file_expiration_days: 0,
            file_cleanup_cron_spec: "0 0 2 * * *".to_owned(),
            output_raw_change_event: false,
            date_level: DateLevel::Day,
            time_zone: TimeZone::UTC,
            enable_partition_separator: true,
            file_index_digits: INDEX_DIGITS.1,
            tables: TableFilter::default(),
            events: EventFilter::default(),
            columns: ColumnSelectors::default(),
            parks_unsupported: false,
            transaction_atomicity: Atomicity::None,
            enable_table_across_nodes: false,
            request_limit: None,
            retry_timeout: Duration::from_secs(300),
        }
    }
}

impl Config {
    /// Checks everything; brings what may be brought into its range there, with a warning.
    ///
    /// # Errors
    /// The first setting out of its range that is not merely brought back into it.
    pub fn validated(mut self) -> Result<Self, ConfigError> {
        self.encoding.check()?;
        check(self.worker_count > 0, "worker-count", 0, POSITIVE)?;
        check(self.spool_disk_quota > 0, "spool-disk-quota", 0, POSITIVE)?;
        check(self.spool_memory_quota != Some(0), "spool-memory-quota", 0, amounts::BYTES_OF_MEMORY)?;
        check(!self.retry_timeout.is_zero(), "retry-timeout", "0s", amounts::TIME_FOR_RETRIES)?;
        let requests = self.request_limit.unwrap_or(MOST_REQUESTS);
        check((1..=MOST_REQUESTS).contains(&requests), "request-limit", requests, amounts::REQUESTS)?;
        if let Some(dir) = &self.spool_base_dir {
            check(dir.is_absolute(), "spool-base-dir", format!("{dir:?}"), "an absolute path")?;
        }
        let (cron, example) = (&self.file_cleanup_cron_spec, "a schedule such as 0 0 2 * * * or @every 1h");
        let schedule = Schedule::parse(cron);
        check(schedule.is_some(), "file-cleanup-cron-spec", format!("{cron:?}"), example)?;
        if let Err(error @ ExpiryError::NotByDay(_)) = Expiry::check(&self) {
            tracing::warn!("{error}");
        }
        self.worker_count = clamped("worker-count", self.worker_count, (1, MOST_WORKERS), usize::to_string);
        self.file_size = clamped("file-size", self.file_size, FILE_SIZES, u64::to_string);
        let duration = |duration: &Duration| go_duration::text(*duration);
        self.flush_interval = clamped("flush-interval", self.flush_interval, FLUSH_INTERVALS, duration);
        self.min_file_size =
            clamped("min-file-size", self.min_file_size, (0, self.file_size), u64::to_string);
        if self.min_file_size > 0 {
            let ages = (self.flush_interval, LONGEST_FILE_AGE);
            self.max_file_age = clamped("max-file-age", self.max_file_age, ages, duration);
        } else if self.max_file_age != MAX_FILE_AGE {
            tracing::warn!("max-file-age has no effect without min-file-size");
        }
        let parts = (1, MOST_CONCURRENT_PARTS);
        self.flush_concurrency = or_default("flush-concurrency", self.flush_concurrency, parts, 1);
        let digits = INDEX_DIGITS;
        self.file_index_digits = or_default("file-index-digit", self.file_index_digits, digits, digits.1);
        Ok(self)
    }

    /// How many requests are sent at once. A directory is as fast as its disk, which nothing need find out.
    pub fn concurrency(&self, is_directory: bool) -> Concurrency {
        match is_directory {
            true => Concurrency::Fixed(self.request_limit.unwrap_or(REQUESTS_TO_A_DIRECTORY)),
            false => Concurrency::Adaptive {
                first: FIRST_REQUESTS,
                most: self.request_limit.unwrap_or(REQUESTS_TO_A_STORE),
            },
        }
    }

    /// Bytes of memory that the sink may hold in all.
    pub fn spool_memory_bytes(&self) -> u64 {
        let default = (self.spool_disk_quota / MEMORY_SHARE_OF_DISK).clamp(1, GREATEST_DEFAULT_MEMORY);
        self.spool_memory_quota.unwrap_or(default)
    }

    /// The share of that for transactions which the source has not seen the end of: a sixteenth, from 256 KiB to 16 MiB.
    /// What is larger waits in [`spool_base`](Self::spool_base).
    pub fn transaction_memory_bytes(&self) -> u64 {
        MemoryPlan::for_transactions(self.spool_memory_bytes())
    }

    /// The folder that the spools of all targets are below, and the transactions beside them.
    pub fn spool_base(&self) -> PathBuf {
        self.spool_base_dir.clone().unwrap_or_else(|| std::env::temp_dir().join("spillway-spool"))
    }

    /// Which UPDATEs must be split into a DELETE and an INSERT before they reach the sink, so that the files of a table,
    /// applied in order, give its rows.
    ///
    /// `output-raw-change-event` says whether an UPDATE of a key stays whole. Files that do not show the old row (CSV
    /// without `output-old-value`) cannot have all of them: there an UPDATE is split in spite of it if it changes the
    /// primary key, or if its table has no primary key.
    pub fn update_form(&self) -> UpdateForm {
        UpdateForm { old_rows: self.encoding.shows_old_rows(), whole: self.output_raw_change_event }
    }

    /// What files are called under these settings.
    pub fn layout(&self) -> Layout {
        Layout {
            date_level: self.date_level,
            time_zone: self.time_zone.clone(),
            index_digits: self.file_index_digits,
            extension: [self.encoding.extension(), self.compression.extension()].concat(),
            table_id_as_path: self.use_table_id_as_path,
            partition_level: self.enable_partition_separator,
            dispatcher_in_names: self.enable_table_across_nodes,
        }
    }
}

fn check(
    holds: bool,
    key: &'static str,
    value: impl fmt::Display,
    allowed: &'static str,
) -> Result<(), ConfigError> {
    match holds {
        true => Ok(()),
        false => Err(ConfigError::Value { key, value: value.to_string(), allowed }),
    }
}

/// The value, or the end of the range that it is beyond.
fn clamped<T: Ord + Copy>(key: &str, value: T, (low, high): (T, T), text: impl Fn(&T) -> String) -> T {
    let used = value.clamp(low, high);
    if used != value {
        tracing::warn!(key, given = text(&value), used = text(&used), "the value is out of its range");
    }
    used
}

/// The value, or the default if it is out of its range.
fn or_default(key: &str, value: usize, (low, high): (usize, usize), default: usize) -> usize {
    if (low..=high).contains(&value) {
        return value;
    }
    tracing::warn!(key, given = value, used = default, "the value is out of its range");
    default
}
