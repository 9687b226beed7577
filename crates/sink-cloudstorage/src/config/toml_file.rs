//! The configuration file.

use super::given::Given;
use super::keys::{Place, find, find_table};
use super::{ConfigError, WithoutEffect, refused, without_effect};
use toml::{Table, Value};

/// Reads the file's text into the keys it sets, and what has no effect.
pub(super) fn read(text: &str, given: &mut Given) -> Result<WithoutEffect, ConfigError> {
    let mut without_effect = WithoutEffect::default();
    take(text.parse()?, Place::TopLevel, given, &mut without_effect)?;
    Ok(without_effect)
}

/// Takes the keys of one table, and of the tables in it.
fn take(
    table: Table,
    place: Place,
    given: &mut Given,
    without_effect: &mut WithoutEffect,
) -> Result<(), ConfigError> {
    for (key, value) in in_lower_case(table)? {
        if let Some((name, inside)) = find_table(&key, place) {
            match value {
                Value::Table(inner) => take(inner, inside, given, without_effect)?,
                value => return Err(no_table(name, &value)),
            }
        } else if let Some(name) = without_effect::find_table(&key, place) {
            value.as_table().ok_or_else(|| no_table(name, &value))?;
            without_effect.add_table(name, place);
        } else if let Some(name) = without_effect::find_key(&key, place) {
            refused::check(name, place, &all_in_lower_case(value)?)?;
            without_effect.add_key(name, place);
        } else {
            given.set(find(&key, place)?, all_in_lower_case(value)?);
        }
    }
    Ok(())
}

/// Says of what kind the value is, and not what it is: there may be secrets in it.
fn no_table(key: &'static str, value: &Value) -> ConfigError {
    ConfigError::Value { key, value: value.type_str().to_owned(), allowed: "a table of keys" }
}

/// The table with its keys in lower case: the ancestor takes them in any.
fn in_lower_case(table: Table) -> Result<Table, ConfigError> {
    let mut lower = Table::new();
    for (key, value) in table {
        let key = key.to_ascii_lowercase();
        if lower.insert(key.clone(), value).is_some() {
            return Err(ConfigError::RepeatedInFile(key));
        }
    }
    Ok(lower)
}

/// The same for the tables of a list.
fn all_in_lower_case(value: Value) -> Result<Value, ConfigError> {
    Ok(match value {
        Value::Table(table) => Value::Table(in_lower_case(table)?),
        Value::Array(values) => {
            Value::Array(values.into_iter().map(all_in_lower_case).collect::<Result<_, _>>()?)
        }
        value => value,
    })
}
