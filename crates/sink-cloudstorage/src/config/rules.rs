//! Lists of tables of the file: `[[filter.event-filters]]` and `[[sink.column-selectors]]`.

use super::ConfigError;
use super::given::Given;
use change_event::{ColumnSelector, EventRule};
use serde::Deserialize;

/// A rule of `event-filters`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct EventFilterTable {
    matcher: Vec<String>,
    ignore_event: Vec<String>,
    ignore_sql: Vec<String>,
    ignore_insert_value_expr: String,
    ignore_update_old_value_expr: String,
    ignore_update_new_value_expr: String,
    ignore_delete_value_expr: String,
    ignore_update_only_columns: Vec<String>,
}

/// An item of `column-selectors`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnSelectorTable {
    matcher: Vec<String>,
    columns: Vec<String>,
}

/// The rules of `event-filters`.
pub(super) fn event_rules(given: &Given) -> Result<Vec<EventRule>, ConfigError> {
    let tables: Vec<EventFilterTable> = given.tables("event-filters")?;
    tables.into_iter().map(EventFilterTable::into_rule).collect()
}

/// The items of `column-selectors`.
pub(super) fn column_selectors(given: &Given) -> Result<Vec<ColumnSelector>, ConfigError> {
    let tables: Vec<ColumnSelectorTable> = given.tables("column-selectors")?;
    let selector =
        |table: ColumnSelectorTable| ColumnSelector { matcher: table.matcher, columns: table.columns };
    Ok(tables.into_iter().map(selector).collect())
}

impl EventFilterTable {
    /// The ancestor works the expressions out with its database's own SQL engine; here nothing could.
    fn into_rule(self) -> Result<EventRule, ConfigError> {
        for (key, expression) in [
            ("ignore-insert-value-expr", &self.ignore_insert_value_expr),
            ("ignore-update-old-value-expr", &self.ignore_update_old_value_expr),
            ("ignore-update-new-value-expr", &self.ignore_update_new_value_expr),
            ("ignore-delete-value-expr", &self.ignore_delete_value_expr),
        ] {
            if !expression.is_empty() {
                return Err(ConfigError::NotSupported { key });
            }
        }
        if !self.ignore_update_only_columns.is_empty() {
            return Err(ConfigError::NotSupported { key: "ignore-update-only-columns" });
        }
        Ok(EventRule { matcher: self.matcher, ignore_event: self.ignore_event, ignore_sql: self.ignore_sql })
    }
}
