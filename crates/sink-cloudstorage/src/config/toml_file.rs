//! The configuration file.

use super::ConfigError;
use super::given::Given;
use super::keys::{Place, find};
use toml::{Table, Value};

/// Reads the file's text into the keys it sets.
pub(super) fn read(text: &str, given: &mut Given) -> Result<(), ConfigError> {
    take(text.parse()?, Place::TopLevel, given)
}

/// Takes the keys of one table, and of the tables in it.
fn take(table: Table, place: Place, given: &mut Given) -> Result<(), ConfigError> {
    for (key, value) in table {
        match (value, below(&key, place)) {
            (Value::Table(inner), Some((_, inside))) => take(inner, inside, given)?,
            (value, Some((key, _))) => {
                return Err(ConfigError::Value { key, value: value.to_string(), allowed: "a table of keys" });
            }
            (value, None) => given.set(find(&key, place)?, value),
        }
    }
    Ok(())
}

/// The table of this name in a table.
fn below(key: &str, place: Place) -> Option<(&'static str, Place)> {
    match (place, key) {
        (Place::TopLevel, "sink") => Some(("sink", Place::Sink)),
        (Place::TopLevel, "scheduler") => Some(("scheduler", Place::Scheduler)),
        (Place::TopLevel, "filter") => Some(("filter", Place::Filter)),
        (Place::TopLevel, "source") => Some(("source", Place::Source)),
        (Place::Sink, "csv") => Some(("csv", Place::Csv)),
        (Place::Sink, "cloud-storage-config") => Some(("cloud-storage-config", Place::CloudStorage)),
        _ => None,
    }
}
