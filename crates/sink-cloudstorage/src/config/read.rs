//! From what was written to a checked configuration.

use super::amounts::{self, POSITIVE};
use super::given::Given;
use super::{Atomicity, Config, ConfigError, Encoding, SinkUri, WithoutEffect, rules, toml_file};
use crate::layout::DateLevel;
use change_event::{ColumnSelectors, EventFilter, TableFilter};
use jiff::tz::TimeZone;
use stage_writer::Compression;

impl Config {
    /// Reads a configuration from a sink URI and the text of a TOML file, which may be empty, and checks it. What is
    /// set and has no effect here is logged, in one line.
    ///
    /// # Errors
    /// A key that is not known, misplaced or not supported; a value out of its range. The error names the key, the
    /// value and what is allowed.
    pub fn read(uri: &SinkUri, toml: &str) -> Result<Self, ConfigError> {
        let (config, without_effect) = Self::read_listing(uri, toml)?;
        if !without_effect.is_empty() {
            tracing::warn!("without effect here: {without_effect}");
        }
        Ok(config)
    }

    /// Does what [`read`](Self::read) does, and hands out what has no effect instead of logging it.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_listing(uri: &SinkUri, toml: &str) -> Result<(Self, WithoutEffect), ConfigError> {
        let mut given = Given::default();
        let mut without_effect = toml_file::read(toml, &mut given)?;
        uri.set(&mut given);
        without_effect.add_checked(&given);
        let mut config = Self { encoding: Encoding::read(&given)?, ..Self::default() };
        config.read_sizes(&given)?;
        config.read_names(&given)?;
        config.read_behaviour(&given)?;
        config.read_filter(&given)?;
        Ok((config.validated()?, without_effect))
    }

    fn read_sizes(&mut self, given: &Given) -> Result<(), ConfigError> {
        given.read_number("worker-count", amounts::ENCODERS, POSITIVE, &mut self.worker_count)?;
        given.read_duration("flush-interval", &mut self.flush_interval)?;
        given.read_or_zero("file-size", amounts::BYTES_OF_A_FILE, &mut self.file_size)?;
        given.read_or_zero("min-file-size", amounts::BYTES_OF_A_FILE, &mut self.min_file_size)?;
        given.read_duration("max-file-age", &mut self.max_file_age)?;
        given.read_or_zero("flush-concurrency", amounts::PARTS, &mut self.flush_concurrency)?;
        given.read_number_if_set("request-limit", amounts::REQUESTS, &mut self.request_limit)?;
        given.read_duration("retry-timeout", &mut self.retry_timeout)?;
        let disk = &mut self.spool_disk_quota;
        given.read_number("spool-disk-quota", amounts::BYTES_OF_DISK, POSITIVE, disk)?;
        let memory = &mut self.spool_memory_quota;
        given.read_number_if_set("spool-memory-quota", amounts::BYTES_OF_MEMORY, memory)?;
        let mut directory = String::new();
        given.read_text("spool-base-dir", &mut directory)?;
        if !directory.is_empty() {
            self.spool_base_dir = Some(directory.into());
        }
        Ok(())
    }

    fn read_names(&mut self, given: &Given) -> Result<(), ConfigError> {
        let levels = "none, year, month or day";
        given.read_as("date-separator", levels, &mut self.date_level, |text| DateLevel::parse(text).ok())?;
        let zones = "the IANA name of a time zone known here, such as UTC or Asia/Tokyo";
        given.read_as("time-zone", zones, &mut self.time_zone, |text| TimeZone::get(text).ok())?;
        let compressions = "none, gzip or zstd";
        given.read_as("compression", compressions, &mut self.compression, Compression::named)?;
        given.read_bool("enable-partition-separator", &mut self.enable_partition_separator)?;
        given.read_or_zero("file-index-digit", amounts::DIGITS, &mut self.file_index_digits)?;
        given.read_bool("use-table-id-as-path", &mut self.use_table_id_as_path)?;
        given.read_bool("enable-table-across-nodes", &mut self.enable_table_across_nodes)?;
        given.read_bool("output-column-id", &mut self.output_column_id)
    }

    fn read_filter(&mut self, given: &Given) -> Result<(), ConfigError> {
        let mut case_sensitive = false;
        given.read_bool("case-sensitive", &mut case_sensitive)?;
        let mut tables = vec!["*.*".to_owned()];
        given.read_texts("rules", &mut tables)?;
        self.tables = TableFilter::new(&tables, case_sensitive)?;
        let mut transactions = Vec::new();
        given.read_numbers("ignore-txn-start-ts", amounts::TIMESTAMPS, &mut transactions)?;
        let events = EventFilter::new(rules::event_rules(given)?, case_sensitive)?;
        self.events = events.without_transactions(transactions);
        let selectors = rules::column_selectors(given)?;
        self.columns =
            ColumnSelectors::new(selectors, case_sensitive).map_err(ConfigError::ColumnSelector)?;
        Ok(())
    }

    fn read_behaviour(&mut self, given: &Given) -> Result<(), ConfigError> {
        let atomicity = &mut self.transaction_atomicity;
        given.read_as("transaction-atomicity", "none or table", atomicity, |text| match text {
            "" | "none" => Some(Atomicity::None),
            "table" => Some(Atomicity::Table),
            _ => None,
        })?;
        let parks = &mut self.parks_unsupported;
        given.read_as("on-unsupported", "stop or park", parks, |text| match text {
            "stop" => Some(false),
            "park" => Some(true),
            _ => None,
        })?;
        given.read_bool("output-raw-change-event", &mut self.output_raw_change_event)?;
        given.read_or_zero("file-expiration-days", amounts::DAYS, &mut self.file_expiration_days)?;
        given.read_text("file-cleanup-cron-spec", &mut self.file_cleanup_cron_spec)?;
        // Only checked: they have no effect, on storage of the ancestor as here.
        given.read_or_zero::<i64>("max-message-bytes", amounts::BYTES_OF_A_MESSAGE, &mut 0)?;
        given.read_or_zero::<i64>("max-batch-size", amounts::MESSAGES, &mut 0)
    }
}
