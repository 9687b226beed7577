//! What can be wrong with a configuration.

use change_event::{EventRuleError, RuleError};
use stage_encode::CsvConfigError;
use thiserror::Error;

/// A configuration that cannot be used: fix the sink URI or the configuration file.
///
/// No error shows the value of a secret, or the URI as a whole.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The sink URI is not one.
    #[error("the sink URI is invalid: {0}")]
    Uri(String),
    /// The scheme names no storage. `CDC:ErrStorageSinkInvalidConfig` in the ancestor.
    #[error(
        "can't create cloud storage sink with unsupported scheme: {0}; use file, s3, gcs, azure, memory or noop"
    )]
    UnsupportedScheme(String),
    /// The file is not TOML.
    #[error("the configuration file is not valid TOML")]
    Toml(#[from] toml::de::Error),
    /// A key is not known.
    #[error("unknown key {key:?} in {place}; did you mean {nearest:?}{}?", at(*right_place))]
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands.
        place: &'static str,
        /// The known key that looks most like it.
        nearest: &'static str,
        /// Where that belongs, if it is elsewhere.
        right_place: Option<&'static str>,
    },
    /// A key is known, but not there.
    #[error("key {key:?} does not belong in {place}: set it in {right_place}")]
    Misplaced {
        /// The key.
        key: &'static str,
        /// Where it stands.
        place: &'static str,
        /// Where it belongs.
        right_place: &'static str,
    },
    /// A URI parameter is given twice.
    #[error("parameter {0:?} is given twice in the sink URI")]
    Repeated(String),
    /// A key stands twice in one table of the file, in upper and lower case.
    #[error("key {0:?} is given twice in one table of the configuration file: case does not count")]
    RepeatedInFile(String),
    /// A value is not what the key takes.
    #[error("invalid {key} {value}, it must be {allowed}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value, or what can be shown of it.
        value: String,
        /// The allowed range.
        allowed: &'static str,
    },
    /// A key must be set.
    #[error("{key} is not set: set it to {allowed}")]
    Missing {
        /// The key.
        key: &'static str,
        /// The allowed range.
        allowed: &'static str,
    },
    /// A known key asks for something that does not exist here.
    #[error("{key} is not supported yet: leave it out")]
    NotSupported {
        /// The key.
        key: &'static str,
    },
    /// A key of the ancestor asks for other data than would be written.
    #[error("{key} is refused, as it would have no effect: {instead}; leave it out")]
    Refused {
        /// The key.
        key: &'static str,
        /// What is done instead, or how else it is said.
        instead: &'static str,
    },
    /// An option of CSV is out of its range.
    #[error(transparent)]
    Csv(#[from] CsvConfigError),
    /// A rule of the filter is none.
    #[error("rules in [filter]: {0}")]
    Filter(#[from] RuleError),
    /// A rule of the event filter is none.
    #[error("event-filters in [filter]: {0}")]
    EventFilter(#[from] EventRuleError),
    /// A rule of a column selector is none.
    #[error("column-selectors in [sink]: {0}")]
    ColumnSelector(#[source] RuleError),
    /// A list of tables of the file is not what it should be.
    #[error("{key}: {why}")]
    Tables {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Two options contradict each other.
    #[error("{0}")]
    Contradiction(&'static str),
}

fn at(place: Option<&str>) -> String {
    place.map_or_else(String::new, |place| format!(" in {place}"))
}
