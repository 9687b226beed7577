//! One rule, as it is written and as it is read.

use super::{EventRuleError, Kinds, Rule};
use crate::TableFilter;
use regex_lite::RegexBuilder;

/// A rule as it is written: what is left out of which tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRule {
    /// `matcher`: the tables, in rules of a [`TableFilter`].
    pub matcher: Vec<String>,
    /// `ignore-event`: kinds of changes, such as `delete` or `drop table`.
    pub ignore_event: Vec<String>,
    /// `ignore-sql`: regular expressions of statements.
    pub ignore_sql: Vec<String>,
}

impl EventRule {
    pub(super) fn read(self, case_sensitive: bool) -> Result<Rule, EventRuleError> {
        let matcher = TableFilter::new(&self.matcher, case_sensitive)?;
        let kinds = Kinds::read(&self.ignore_event)?;
        let pattern = |pattern: &String| {
            let built = RegexBuilder::new(pattern).case_insensitive(true).build();
            built.map_err(|error| EventRuleError::Sql { pattern: pattern.clone(), why: error.to_string() })
        };
        let sql = self.ignore_sql.iter().map(pattern).collect::<Result<_, _>>()?;
        Ok(Rule { matcher, kinds, sql, given: self })
    }
}
