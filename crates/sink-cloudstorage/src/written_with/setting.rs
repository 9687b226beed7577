//! The settings that a target keeps, and their values in a configuration.

use crate::config::{Config, Encoding};
use jiff::tz::TimeZone;
use serde_json::Value;
use stage_encode::{BinaryEncoding, CanalConfig, CsvConfig};

/// A setting that a target keeps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    /// Its key, as an operator writes it.
    pub(super) key: &'static str,
    /// Its value.
    pub(super) value: Value,
    /// What was done before there was this setting. It never changes, even if the default does.
    pub(super) before: Value,
    /// The setting under whose present value this one has its effect.
    pub(super) under: Option<&'static str>,
}

/// The settings of a configuration that a reader has to know, or would see two kinds of files by. In the order in which
/// a person wants to be told of them.
pub(super) fn settings(config: &Config) -> Vec<Setting> {
    let mut settings = Settings(Vec::new());
    match &config.encoding {
        Encoding::Csv(csv) => {
            settings.add("protocol", "csv", "csv");
            add_layout(config, &mut settings);
            add_csv(csv, &mut settings);
        }
        Encoding::CanalJson(canal) => {
            settings.add("protocol", "canal-json", "csv");
            add_layout(config, &mut settings);
            add_canal(canal, &mut settings);
        }
    }
    settings.0
}

struct Settings(Vec<Setting>);

impl Settings {
    fn add(&mut self, key: &'static str, value: impl Into<Value>, before: impl Into<Value>) {
        self.0.push(Setting { key, value: value.into(), before: before.into(), under: None });
    }

    fn add_under(
        &mut self,
        under: &'static str,
        key: &'static str,
        value: impl Into<Value>,
        before: impl Into<Value>,
    ) {
        self.0.push(Setting { key, value: value.into(), before: before.into(), under: Some(under) });
    }
}

/// What decides names, and what rows and schema files say in any format.
fn add_layout(config: &Config, settings: &mut Settings) {
    settings.add("compression", config.compression.name(), "none");
    settings.add("date-separator", config.date_level.to_string(), "day");
    settings.add("file-index-digit", config.file_index_digits, 20);
    settings.add("use-table-id-as-path", config.use_table_id_as_path, false);
    if !config.use_table_id_as_path {
        // A table's id is its partition's own there.
        let under = "use-table-id-as-path";
        settings.add_under(under, "enable-partition-separator", config.enable_partition_separator, true);
    }
    settings.add("enable-table-across-nodes", config.enable_table_across_nodes, false);
    // The dates of directories, and the values of TIMESTAMP columns.
    settings.add("time-zone", zone(&config.time_zone), "UTC");
    settings.add("output-column-id", config.output_column_id, false);
    settings.add("output-raw-change-event", config.output_raw_change_event, false);
    // Schema files show all columns: a reader is given the selectors.
    settings.add("column-selectors", config.columns.to_string(), "");
}

fn add_csv(csv: &CsvConfig, settings: &mut Settings) {
    let CsvConfig {
        delimiter,
        quote,
        null,
        include_commit_ts,
        binary_encoding_method,
        output_old_value,
        output_handle_key,
        output_field_header,
        terminator,
    } = csv;
    let binary = match binary_encoding_method {
        BinaryEncoding::Base64 => "base64",
        BinaryEncoding::Hex => "hex",
    };
    let mut add = |key, value: Value, before: Value| settings.add_under("protocol", key, value, before);
    add("delimiter", delimiter.as_str().into(), ",".into());
    add("quote", quote.as_str().into(), "\"".into());
    add("terminator", terminator.as_str().into(), "\r\n".into());
    add("null", null.as_str().into(), "\\N".into());
    add("include-commit-ts", (*include_commit_ts).into(), false.into());
    add("output-old-value", (*output_old_value).into(), false.into());
    add("output-field-header", (*output_field_header).into(), false.into());
    // No effect on lines, but a consumer is given it too, and wants its writer's.
    add("output-handle-key", (*output_handle_key).into(), false.into());
    add("binary-encoding-method", binary.into(), "base64".into());
}

fn add_canal(canal: &CanalConfig, settings: &mut Settings) {
    let CanalConfig {
        enable_tidb_extension,
        content_compatible,
        only_output_updated_columns,
        delete_only_output_handle_key_columns,
        terminator,
    } = canal;
    let mut add = |under, key, value: Value, before: Value| settings.add_under(under, key, value, before);
    let protocol = "protocol";
    add(protocol, "terminator", terminator.as_str().into(), "\r\n".into());
    add(protocol, "enable-tidb-extension", (*enable_tidb_extension).into(), false.into());
    add(protocol, "content-compatible", (*content_compatible).into(), false.into());
    if !content_compatible {
        // It is part of that.
        let (key, value) = ("only-output-updated-columns", *only_output_updated_columns);
        add("content-compatible", key, value.into(), false.into());
    }
    let (key, value) = ("delete-only-output-handle-key-columns", *delete_only_output_handle_key_columns);
    add(protocol, key, value.into(), false.into());
}

/// A zone by its name, or by whatever an embedder made it of.
fn zone(zone: &TimeZone) -> String {
    let fixed = || zone.to_fixed_offset().map_or_else(|_| format!("{zone:?}"), |offset| offset.to_string());
    zone.iana_name().map_or_else(fixed, str::to_owned)
}
