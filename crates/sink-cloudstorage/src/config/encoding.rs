//! The format of data files and its options.

use super::{ConfigError, given::Given};
use stage_encode::{CanalConfig, CsvConfig};

const PROTOCOLS: &str = "csv or canal-json";

/// The format of data files, with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// CSV: one line per row image.
    Csv(CsvConfig),
    /// canal-json: one JSON object per changed row.
    CanalJson(CanalConfig),
}

impl Default for Encoding {
    fn default() -> Self {
        Self::Csv(CsvConfig::default())
    }
}

impl Encoding {
    /// The extension of data files, with its dot.
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Csv(_) => ".csv",
            Self::CanalJson(_) => ".json",
        }
    }

    /// What ends a line.
    pub fn terminator(&self) -> &str {
        match self {
            Self::Csv(csv) => &csv.terminator,
            Self::CanalJson(canal) => &canal.terminator,
        }
    }

    /// Whether an updated row is shown as it was, too.
    pub fn shows_old_rows(&self) -> bool {
        match self {
            Self::Csv(csv) => csv.output_old_value,
            Self::CanalJson(_) => true,
        }
    }

    /// Checks every option.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.terminator().is_empty() {
            // Consumers could not tell one row from the next.
            return Err(ConfigError::Value {
                key: "terminator",
                value: "\"\"".to_owned(),
                allowed: "the text that ends a line, such as \"\\n\"",
            });
        }
        match self {
            Self::Csv(csv) => Ok(csv.validate()?),
            Self::CanalJson(_) => Ok(()),
        }
    }

    /// Reads protocol and options. Those of the other format are checked for their kind and otherwise ignored.
    pub(super) fn read(given: &Given) -> Result<Self, ConfigError> {
        let mut protocol = String::new();
        given.read_text("protocol", &mut protocol)?;
        let csv = read_csv(given)?;
        let canal = read_canal(given)?;
        match protocol.to_ascii_lowercase().as_str() {
            "csv" if canal.delete_only_output_handle_key_columns => Err(ConfigError::Contradiction(
                "CSV protocol always output all columns for the delete event, \
                 do not set `delete-only-output-handle-key-columns` to true",
            )),
            "csv" => Ok(Self::Csv(csv)),
            "canal-json" => Ok(Self::CanalJson(canal)),
            "" => Err(ConfigError::Missing { key: "protocol", allowed: PROTOCOLS }),
            _ => Err(ConfigError::Value {
                key: "protocol",
                value: format!("{protocol:?}"),
                allowed: PROTOCOLS,
            }),
        }
    }
}

fn read_csv(given: &Given) -> Result<CsvConfig, ConfigError> {
    let mut csv = CsvConfig::default();
    given.read_text("delimiter", &mut csv.delimiter)?;
    given.read_text("quote", &mut csv.quote)?;
    given.read_text("null", &mut csv.null)?;
    read_terminator(given, &mut csv.terminator)?;
    given.read_bool("include-commit-ts", &mut csv.include_commit_ts)?;
    given.read_bool("output-old-value", &mut csv.output_old_value)?;
    given.read_bool("output-field-header", &mut csv.output_field_header)?;
    given.read_bool("output-handle-key", &mut csv.output_handle_key)?;
    let mut method = String::new();
    given.read_text("binary-encoding-method", &mut method)?;
    if !method.is_empty() {
        csv.binary_encoding_method = method.parse()?;
    }
    Ok(csv)
}

/// An empty one is the default, as the ancestor's manual has it.
fn read_terminator(given: &Given, target: &mut String) -> Result<(), ConfigError> {
    let mut terminator = String::new();
    given.read_text("terminator", &mut terminator)?;
    if !terminator.is_empty() {
        *target = terminator;
    }
    Ok(())
}

fn read_canal(given: &Given) -> Result<CanalConfig, ConfigError> {
    let mut canal = CanalConfig::default();
    let mut row_key = false;
    read_terminator(given, &mut canal.terminator)?;
    given.read_bool("enable-tidb-extension", &mut canal.enable_tidb_extension)?;
    given.read_bool("content-compatible", &mut canal.content_compatible)?;
    given.read_bool("only-output-updated-columns", &mut canal.only_output_updated_columns)?;
    given.read_bool(
        "delete-only-output-handle-key-columns",
        &mut canal.delete_only_output_handle_key_columns,
    )?;
    given.read_bool("output-row-key", &mut row_key)?;
    if row_key && !canal.enable_tidb_extension {
        return Err(ConfigError::Contradiction("output-row-key needs enable-tidb-extension"));
    }
    canal.only_output_updated_columns |= canal.content_compatible;
    Ok(canal)
}
