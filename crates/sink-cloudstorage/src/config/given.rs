//! The values that were written, and reading them as what they should be.

use super::{ConfigError, go_duration};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::time::Duration;
use toml::Value;

/// The keys that were set, with their values as written: text from the URI, anything from the file.
#[derive(Debug, Default)]
pub(super) struct Given(HashMap<&'static str, Value>);

impl Given {
    /// Sets a key; what was set before loses.
    pub(super) fn set(&mut self, key: &'static str, value: Value) {
        self.0.insert(key, value);
    }

    /// Whether a key was set at all.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.0.contains_key(key)
    }

    /// Reads `true` or `false` into the target, if the key was set.
    pub(super) fn read_bool(&self, key: &'static str, target: &mut bool) -> Result<(), ConfigError> {
        self.read(key, "true or false", target, |value| match value {
            Value::Boolean(truth) => Some(*truth),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "t" | "1" => Some(true),
                "false" | "f" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        })
    }

    /// Reads a text into the target, if the key was set.
    pub(super) fn read_text(&self, key: &'static str, target: &mut String) -> Result<(), ConfigError> {
        self.read(key, "a text", target, |value| value.as_str().map(str::to_owned))
    }

    /// Reads a list of texts into the target, if the key was set.
    pub(super) fn read_texts(&self, key: &'static str, target: &mut Vec<String>) -> Result<(), ConfigError> {
        self.read(key, "a list of texts", target, |value| {
            value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
        })
    }

    /// The tables of a list of tables, each read as what it should be; none if the key was not set.
    pub(super) fn tables<T: DeserializeOwned>(&self, key: &'static str) -> Result<Vec<T>, ConfigError> {
        let value = self.0.get(key).cloned();
        value.map_or(Ok(Vec::new()), |value| {
            value.try_into().map_err(|error| ConfigError::Tables { key, why: error.message().to_owned() })
        })
    }

    /// Reads what a text means into the target, if the key was set.
    pub(super) fn read_as<T>(
        &self,
        key: &'static str,
        allowed: &'static str,
        target: &mut T,
        meaning: impl FnOnce(&str) -> Option<T>,
    ) -> Result<(), ConfigError> {
        self.read(key, allowed, target, |value| value.as_str().and_then(meaning))
    }

    /// Reads a list of whole numbers into the target, if the key was set. `amounts` says what they are.
    pub(super) fn read_numbers(
        &self,
        key: &'static str,
        amounts: &'static str,
        target: &mut Vec<u64>,
    ) -> Result<(), ConfigError> {
        self.read(key, amounts, target, |value| {
            value.as_array()?.iter().map(|number| whole(number)?.try_into().ok()).collect()
        })
    }

    /// Reads a whole number that must fit the target, if the key was set. `amount` is said of what is no number, and
    /// `allowed` of a number that does not fit.
    pub(super) fn read_number<N: TryFrom<i64>>(
        &self,
        key: &'static str,
        amount: &'static str,
        allowed: &'static str,
        target: &mut N,
    ) -> Result<(), ConfigError> {
        self.read(key, amount, &mut 0, whole)?;
        self.read(key, allowed, target, |value| whole(value)?.try_into().ok())
    }

    /// The same for a setting that has no value unless it was set.
    pub(super) fn read_number_if_set<N: TryFrom<i64> + Default>(
        &self,
        key: &'static str,
        amount: &'static str,
        target: &mut Option<N>,
    ) -> Result<(), ConfigError> {
        if self.has(key) {
            self.read_number(key, amount, amount, target.insert(N::default()))?;
        }
        Ok(())
    }

    /// Reads a whole number, with 0 for a negative one, if the key was set. `amount` says what it counts.
    pub(super) fn read_or_zero<N: TryFrom<i64>>(
        &self,
        key: &'static str,
        amount: &'static str,
        target: &mut N,
    ) -> Result<(), ConfigError> {
        self.read(key, amount, target, |value| whole(value)?.max(0).try_into().ok())
    }

    /// Reads a Go duration into the target, if the key was set and is not empty.
    pub(super) fn read_duration(&self, key: &'static str, target: &mut Duration) -> Result<(), ConfigError> {
        let unchanged = *target;
        self.read(key, "a duration such as 500ms, 5s or 1m30s", target, |value| match value.as_str()? {
            "" => Some(unchanged),
            text => go_duration::parse(text),
        })
    }

    fn read<T>(
        &self,
        key: &'static str,
        allowed: &'static str,
        target: &mut T,
        meaning: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<(), ConfigError> {
        if let Some(value) = self.0.get(key) {
            *target =
                meaning(value).ok_or_else(|| ConfigError::Value { key, value: shown(value), allowed })?;
        }
        Ok(())
    }
}

/// A whole number, from a number of the file or a text of the URI.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A value as an error shows it: numbers bare, texts quoted.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.parse::<i64>().is_ok() => text.clone(),
        value => value.to_string(),
    }
}
