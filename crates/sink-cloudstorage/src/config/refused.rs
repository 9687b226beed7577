//! What the ancestor does and is not done here, where to pass it over would write other data than was asked for.

use super::ConfigError;
use super::keys::Place;
use toml::{Table, Value};

const NAMES: &str = "tables are written under the names they have at the source";
const RULES: &str = "say which tables are taken with rules in [filter]";
const COLUMNS: &str = "say which columns are written with column-selectors in [sink]";

/// Checks a key that otherwise has no effect.
///
/// # Errors
/// [`ConfigError::Refused`] for a route to other names, and for the filters of the ancestor's first versions. What is
/// empty asks for nothing, and neither does a route to the name that is there already.
pub(super) fn check(key: &str, place: Place, value: &Value) -> Result<(), ConfigError> {
    let (name, instead) = match (place, key) {
        (Place::Sink, "dispatchers") => return check_routes(value),
        (Place::TopLevel, "schema-route-rules") => ("schema-route-rules", NAMES),
        (Place::Filter, "do-dbs") => ("do-dbs in [filter]", RULES),
        (Place::Filter, "do-tables") => ("do-tables in [filter]", RULES),
        (Place::Filter, "ignore-dbs") => ("ignore-dbs in [filter]", RULES),
        (Place::Filter, "ignore-tables") => ("ignore-tables in [filter]", RULES),
        (Place::Filter, "ignore-column-type") => ("ignore-column-type in [filter]", COLUMNS),
        _ => return Ok(()),
    };
    match value.as_array() {
        Some(list) if list.is_empty() => Ok(()),
        _ => Err(ConfigError::Refused { key: name, instead }),
    }
}

/// Topics and partitions are a message queue's; names are everybody's.
fn check_routes(dispatchers: &Value) -> Result<(), ConfigError> {
    let no_rules = || ConfigError::Value {
        key: "dispatchers",
        value: dispatchers.type_str().to_owned(),
        allowed: "a list of tables: [[sink.dispatchers]]",
    };
    for rule in dispatchers.as_array().ok_or_else(no_rules)? {
        let rule = rule.as_table().ok_or_else(no_rules)?;
        for (key, name, same) in [
            ("target-schema", "target-schema of dispatchers in [sink]", "{schema}"),
            ("target-table", "target-table of dispatchers in [sink]", "{table}"),
        ] {
            if !keeps_names(rule, key, same) {
                return Err(ConfigError::Refused { key: name, instead: NAMES });
            }
        }
    }
    Ok(())
}

fn keeps_names(rule: &Table, key: &str, same: &str) -> bool {
    rule.get(key).is_none_or(|target| target.as_str().is_some_and(|name| name.is_empty() || name == same))
}
