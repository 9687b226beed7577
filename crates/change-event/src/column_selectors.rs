//! Which columns of a table are written, in the rules that TiCDC's users know.
//!
//! ```text
//!  matcher = ['shop.*']   columns = ['*', '!secret_*']     the first selector that matches the table decides
//!  matcher = ['d.t']      columns = ['a', '/^b\d+$/']      and in it the last of its rules that matches the column
//! ```
//! A table that no selector matches is written with all its columns. Names of columns compare without regard to case.

use crate::table_filter::Rule;
use crate::{RuleError, TableFilter, TableSchema};
use std::fmt;
use std::sync::Arc;

/// One selector, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSelector {
    /// `matcher`: the tables, in rules of a [`TableFilter`].
    pub matcher: Vec<String>,
    /// `columns`: patterns of names; one that begins with `!` takes away.
    pub columns: Vec<String>,
}

/// Which columns are written. Cheap to clone; all of them by default.
#[derive(Clone, Debug, Default)]
pub struct ColumnSelectors {
    selectors: Arc<[Selector]>,
}

/// A selector, read.
#[derive(Clone, Debug)]
struct Selector {
    given: ColumnSelector,
    matcher: TableFilter,
    columns: Vec<Rule>,
}

impl PartialEq for ColumnSelectors {
    fn eq(&self, other: &Self) -> bool {
        let written = |selectors: &Self| -> Vec<_> {
            selectors.selectors.iter().map(|one| (one.given.clone(), one.matcher.clone())).collect()
        };
        written(self) == written(other)
    }
}

impl fmt::Display for ColumnSelectors {
    /// Shows them in one line: `shop.*: id, name; d.t: *`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selectors = self.selectors.iter().map(|Selector { given, .. }| {
            format!("{}: {}", given.matcher.join(", "), given.columns.join(", "))
        });
        f.write_str(&selectors.collect::<Vec<_>>().join("; "))
    }
}

impl ColumnSelectors {
    /// Reads selectors, the first ones being the stronger ones. Names of tables compare without regard to case unless
    /// `case_sensitive`.
    ///
    /// # Errors
    /// The first rule that cannot be read.
    pub fn new(selectors: Vec<ColumnSelector>, case_sensitive: bool) -> Result<Self, RuleError> {
        let selectors = selectors.into_iter().map(|given| {
            let matcher = TableFilter::new(&given.matcher, case_sensitive)?;
            let columns = given.columns.iter().map(|rule| {
                Rule::of_columns(rule.trim()).map_err(|why| RuleError { rule: rule.clone(), why })
            });
            Ok(Selector { columns: columns.collect::<Result<_, _>>()?, matcher, given })
        });
        Ok(Self { selectors: selectors.collect::<Result<_, _>>()? })
    }

    /// Whether every column of every table is written.
    pub fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// The places of the columns of a table that are written; `None` for all of them.
    pub fn selected(&self, table: &TableSchema) -> Option<Vec<usize>> {
        let selector = self.selectors.iter().find(|selector| selector.matcher.takes(&table.name))?;
        let places = table.columns.iter().enumerate().filter(|(_, column)| selector.takes(&column.name));
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        (places.len() < table.columns.len()).then_some(places)
    }
}

impl Selector {
    fn takes(&self, column: &str) -> bool {
        let decides = |rule: &&Rule| rule.table.matches(column);
        self.columns.iter().rev().find(decides).is_some_and(|rule| rule.takes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnKind, TableName};

    fn selected(selectors: &[(&str, &[&str])], table: &str) -> Option<Vec<usize>> {
        let selectors = selectors.iter().map(|(matcher, columns)| ColumnSelector {
            matcher: vec![(*matcher).to_owned()],
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
        });
        let table = TableSchema {
            name: TableName::new("d", table),
            table_id: 1,
            partition: None,
            version: 1,
            columns: ["id", "Name", "secret_a", "b.c"].map(|name| Column::new(name, ColumnKind::Int)).into(),
        };
        ColumnSelectors::new(selectors.collect(), false).unwrap().selected(&table)
    }

    #[test]
    fn the_first_selector_of_the_table_and_its_last_rule_of_the_column_decide() {
        for (selectors, places) in [
            (&[("d.*", &["*", "!secret_*"][..])][..], Some(vec![0, 1, 3])),
            (&[("d.t", &["id", "name"]), ("d.*", &["*"])], Some(vec![0, 1])),
            (&[("d.t", &["*", "!id", "i?"])], None),
            (&[("d.t", &["!id"])], Some(vec![])),
            (&[("d.other", &["id"])], None),
            (&[("d.t", &["/^s.*a$/", "`b.c`", "\"ID\""])], Some(vec![0, 2, 3])),
        ] {
            assert_eq!(selected(selectors, "t"), places, "{selectors:?}");
        }
    }

    #[test]
    fn what_is_no_rule_is_told() {
        for (matcher, column, why) in
            [("d", "*", "point"), ("d.t", "", "names no column"), ("d.t", "a b", "quotes")]
        {
            let selector = ColumnSelector { matcher: vec![matcher.into()], columns: vec![column.into()] };
            let error = ColumnSelectors::new(vec![selector], false).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
