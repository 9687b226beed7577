//! The options, their values, and what a reader is told of them.

use crate::workload;
use sink_cloudstorage::config::Config;
use std::fmt;
use tests::consumer::{BinaryText, Compression, CsvOptions, DateSeparator, Format, Options};

/// An option, and its values. What is not set is the first one.
struct Setting {
    key: &'static str,
    values: &'static [&'static str],
}

const fn setting(key: &'static str, values: &'static [&'static str]) -> Setting {
    Setting { key, values }
}

const NO_YES: &[&str] = &["false", "true"];
const YES_NO: &[&str] = &["true", "false"];

/// The columns that are written where selectors are set.
pub const SELECTORS: &str = "column-selectors";

/// Options of both protocols. The first rows of files of 1 KiB fill them, so that a directory has several.
const OF_BOTH: &[Setting] = &[
    setting("use-table-id-as-path", NO_YES),
    setting("enable-partition-separator", YES_NO),
    setting("enable-table-across-nodes", NO_YES),
    setting("date-separator", &["day", "none", "year", "month"]),
    setting("file-index-digit", &["20", "6", "11"]),
    setting("output-column-id", NO_YES),
    setting(SELECTORS, NO_YES),
    setting("output-raw-change-event", NO_YES),
    setting("compression", &["none", "gzip", "zstd"]),
    setting("terminator", &["\r\n", "\n"]),
    setting("file-size", &["67108864", "1024"]),
    setting("transaction-atomicity", &["none", "table"]),
];

const OF_CSV: &[Setting] = &[
    // The readers' usual one is not the sink's.
    setting("include-commit-ts", YES_NO),
    setting("output-old-value", NO_YES),
    setting("output-handle-key", NO_YES),
    setting("output-field-header", NO_YES),
    setting("delimiter", &[",", "***", "\t"]),
    setting("quote", &["\"", "'", ""]),
    setting("null", &["\\N", "<null>"]),
    setting("binary-encoding-method", &["base64", "hex"]),
];

const OF_CANAL_JSON: &[Setting] = &[
    setting("enable-tidb-extension", YES_NO),
    setting("content-compatible", NO_YES),
    setting("only-output-updated-columns", NO_YES),
    setting("delete-only-output-handle-key-columns", NO_YES),
];

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    Csv,
    CanalJson,
}

impl Protocol {
    pub const BOTH: [Self; 2] = [Self::Csv, Self::CanalJson];

    fn settings(self) -> impl Iterator<Item = &'static Setting> {
        let own = match self {
            Self::Csv => OF_CSV,
            Self::CanalJson => OF_CANAL_JSON,
        };
        OF_BOTH.iter().chain(own)
    }

    /// How many values each of its options has.
    pub fn counts(self) -> Vec<usize> {
        self.settings().map(|setting| setting.values.len()).collect()
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "csv",
            Self::CanalJson => "canal-json",
        })
    }
}

/// A value for every option of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Combination {
    pub protocol: Protocol,
    values: Vec<usize>,
}

impl Combination {
    /// By the places of the values.
    pub fn new(protocol: Protocol, values: Vec<usize>) -> Self {
        Self { protocol, values }
    }

    /// By name; everything else as usual.
    ///
    /// # Panics
    /// If there is no such option or value.
    pub fn with(protocol: Protocol, given: &[(&str, &str)]) -> Self {
        let mut values = vec![0; protocol.counts().len()];
        for (key, value) in given {
            let place = protocol.settings().position(|setting| setting.key == *key).expect("an option");
            let setting = protocol.settings().nth(place).expect("it was found");
            values[place] = setting.values.iter().position(|known| known == value).expect("a value of it");
        }
        Self { protocol, values }
    }

    fn chosen(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let settings = self.protocol.settings().zip(&self.values);
        settings.map(|(setting, &value)| (setting.key, setting.values[value]))
    }

    /// The value of an option; of another protocol's, nothing.
    pub fn get(&self, key: &str) -> &'static str {
        self.chosen().find(|(name, _)| *name == key).map_or("", |(_, value)| value)
    }

    /// Whether an option is on.
    pub fn is_on(&self, key: &str) -> bool {
        self.get(key) == "true"
    }

    /// What the sink is told.
    pub fn config(&self) -> Config {
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let single = self.chosen().filter(|(key, _)| *key != SELECTORS);
        let parameters = single.map(|(key, value)| format!("&{key}={}", encoded(value)));
        let parameters = format!("protocol={}{}", self.protocol, parameters.collect::<String>());
        let toml = if self.is_on(SELECTORS) { workload::SELECTORS } else { "" };
        crate::in_process::config_with(&parameters, toml)
    }

    /// What the reader is told.
    pub fn options(&self) -> Options {
        let mut options =
            Options { left_out: workload::left_out(self.is_on(SELECTORS)), ..Options::default() };
        let mut csv = CsvOptions::default();
        for (key, value) in self.chosen() {
            match key {
                "include-commit-ts" | "enable-tidb-extension" => options.commit_ts = value == "true",
                "date-separator" => options.date_separator = date_separator(value),
                "file-index-digit" => options.index_width = value.parse().expect("it is a number"),
                "compression" => options.compression = compression(value),
                "terminator" => options.terminator = value.to_owned(),
                "output-old-value" => csv.output_old_value = value == "true",
                "output-field-header" => csv.header = value == "true",
                "delimiter" => csv.delimiter = value.to_owned(),
                "quote" => csv.quote = value.bytes().next(),
                "null" => csv.null = value.to_owned(),
                "binary-encoding-method" if value == "hex" => csv.binary = BinaryText::Hex,
                // The rest shows in paths and rows; `promises` checks it.
                _ => {}
            }
        }
        options.format = match self.protocol {
            Protocol::Csv => Format::Csv(csv),
            Protocol::CanalJson => Format::CanalJson,
        };
        options
    }
}

fn date_separator(value: &str) -> DateSeparator {
    match value {
        "none" => DateSeparator::None,
        "year" => DateSeparator::Year,
        "month" => DateSeparator::Month,
        _ => DateSeparator::Day,
    }
}

fn compression(value: &str) -> Compression {
    match value {
        "gzip" => Compression::Gzip,
        "zstd" => Compression::Zstd,
        _ => Compression::None,
    }
}

impl fmt::Display for Combination {
    /// Shows what is not as usual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.protocol)?;
        let chosen = self.chosen().zip(&self.values).filter(|(_, at)| **at > 0);
        chosen.into_iter().try_for_each(|((key, value), _)| write!(f, " {key}={value:?}"))
    }
}
