//! Which changes of the tables that are taken are left out, in the rules that TiCDC's users know.
//!
//! ```text
//!  matcher = ['shop.log*']       the tables that the rule is about, as a table filter names them
//!  ignore-event = ['delete']     kinds of row changes and of statements
//!  ignore-sql = ['^drop']        statements whose text one of these regular expressions is found in
//! ```
//! A rule that matches a table of a database also matches statements about that database. A statement that is left out is
//! followed all the same: the rows after it come with the columns that it made.

mod kinds;
mod rule;

use crate::{DdlChange, Op, RuleError, TableFilter, TableName};
use kinds::Kinds;
pub use kinds::UnknownEvent;
pub use rule::EventRule;
use std::sync::Arc;
use thiserror::Error;

/// Which changes are left out. Cheap to clone; leaves out nothing by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    rules: Arc<[Rule]>,
    transactions: Arc<[u64]>,
}

/// A rule that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EventRuleError {
    /// What it is about is no rule of a table filter.
    #[error("matcher: {0}")]
    Matcher(#[from] RuleError),
    /// It names a kind of change that is none.
    #[error("ignore-event: {0}")]
    Event(#[from] UnknownEvent),
    /// Its pattern of statements is none.
    #[error("ignore-sql: {pattern:?} is no regular expression: {why}")]
    Sql {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The kinds of row changes of one table that are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IgnoredRows(u8);

impl IgnoredRows {
    /// Whether changes of this kind are left out.
    pub fn contains(self, op: Op) -> bool {
        self.0 & bit(op) != 0
    }

    fn with(self, op: Op) -> Self {
        Self(self.0 | bit(op))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

fn bit(op: Op) -> u8 {
    match op {
        Op::Insert => 1,
        Op::Update => 2,
        Op::Delete => 4,
    }
}

/// A rule, read.
#[derive(Clone, Debug)]
struct Rule {
    /// As it was written: what rules are compared by.
    given: EventRule,
    matcher: TableFilter,
    kinds: Kinds,
    sql: Vec<regex_lite::Regex>,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        (&self.given, &self.matcher) == (&other.given, &other.matcher)
    }
}

impl EventFilter {
    /// Reads rules: what any of them leaves out is left out. Names compare without regard to case unless `case_sensitive`,
    /// patterns of statements always do.
    ///
    /// # Errors
    /// The first rule that cannot be read.
    pub fn new(rules: Vec<EventRule>, case_sensitive: bool) -> Result<Self, EventRuleError> {
        let rules = rules.into_iter().map(|rule| rule.read(case_sensitive));
        Ok(Self { rules: rules.collect::<Result<_, _>>()?, ..Self::default() })
    }

    /// Leaves out the rows of the transactions with these commit-ts, too.
    #[must_use]
    pub fn without_transactions(mut self, mut commit_ts: Vec<u64>) -> Self {
        commit_ts.sort_unstable();
        self.transactions = commit_ts.into();
        self
    }

    /// Whether the rows of a transaction are left out.
    pub fn ignores_transaction(&self, commit_ts: crate::CommitTs) -> bool {
        self.transactions.binary_search(&commit_ts.0).is_ok()
    }

    /// The row changes of a table that are left out.
    pub fn ignored_rows(&self, table: &TableName) -> IgnoredRows {
        let about_it = self.rules.iter().filter(|rule| rule.matcher.takes(table));
        about_it.fold(IgnoredRows::default(), |all, rule| all.and(rule.kinds.rows()))
    }

    /// Whether what a statement did to a table or a database is left out. `sql` is its text.
    pub fn ignores_statement(&self, change: &DdlChange, sql: &str) -> bool {
        self.rules.iter().any(|rule| {
            rule.is_about(change)
                && (rule.kinds.statement(change.kind) || rule.sql.iter().any(|pattern| pattern.is_match(sql)))
        })
    }
}

impl Rule {
    fn is_about(&self, change: &DdlChange) -> bool {
        if change.table.is_empty() {
            return self.matcher.takes_database(&change.schema);
        }
        let name = TableName::new(change.schema.clone(), change.table.clone());
        self.matcher.takes(&name) || change.renamed_from.as_ref().is_some_and(|old| self.matcher.takes(old))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommitTs, DdlKind};

    fn rule(matcher: &str, events: &[&str], sql: &[&str]) -> EventRule {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        EventRule { matcher: vec![matcher.to_owned()], ignore_event: texts(events), ignore_sql: texts(sql) }
    }

    fn change(kind: DdlKind, table: &str) -> DdlChange {
        DdlChange {
            kind,
            query: String::new(),
            schema: "d".to_owned(),
            table: table.to_owned(),
            columns: None,
            renamed_from: None,
        }
    }

    #[test]
    fn rows_are_left_out_by_every_rule_about_their_table() {
        let rules = vec![
            rule("d.t*", &["insert"], &[]),
            rule("d.tu", &["Delete"], &[]),
            rule("e.*", &["all dml"], &[]),
        ];
        let filter = EventFilter::new(rules, false).unwrap();
        let left_out = |schema, table| {
            let ignored = filter.ignored_rows(&TableName::new(schema, table));
            [Op::Insert, Op::Update, Op::Delete].map(|op| ignored.contains(op))
        };
        assert_eq!(left_out("d", "t"), [true, false, false]);
        assert_eq!(left_out("D", "TU"), [true, false, true]);
        assert_eq!(left_out("e", "x"), [true, true, true]);
        assert_eq!(left_out("d", "x"), [false; 3]);
    }

    #[test]
    fn statements_are_left_out_by_kind_or_by_text() {
        for (events, sql, kind, text, left_out) in [
            (&["drop table"][..], &[][..], DdlKind::DropTable, "DROP TABLE t", true),
            (&["drop table"], &[], DdlKind::TruncateTable, "TRUNCATE t", false),
            (&["alter table"], &[], DdlKind::AddColumn, "ALTER TABLE t ADD c INT", true),
            (&["alter table"], &[], DdlKind::RenameTable, "RENAME TABLE t TO u", false),
            (&["add column"], &[], DdlKind::MultiSchemaChange, "ALTER TABLE t ADD c INT, DROP d", false),
            (&["multi schema change"], &[], DdlKind::MultiSchemaChange, "", true),
            (&["all ddl"], &[], DdlKind::CreateTable, "CREATE TABLE t (id INT)", true),
            (&["all dml"], &[], DdlKind::CreateTable, "CREATE TABLE t (id INT)", false),
            (&[], &["^drop", "add column"], DdlKind::AddColumn, "ALTER TABLE t ADD COLUMN c INT", true),
            (&[], &["^drop"], DdlKind::DropTable, "drop table t", true),
            (&[], &["^drop"], DdlKind::DropColumn, "ALTER TABLE t DROP c", false),
        ] {
            let filter = EventFilter::new(vec![rule("d.t", events, sql)], false).unwrap();
            assert_eq!(
                filter.ignores_statement(&change(kind, "t"), text),
                left_out,
                "{events:?} {sql:?} {text}"
            );
            assert!(!filter.ignores_statement(&change(kind, "other"), text));
        }
    }

    #[test]
    fn a_rule_about_a_table_is_about_its_database_and_its_old_name() {
        let filter = EventFilter::new(vec![rule("d.t", &["all ddl"], &[])], false).unwrap();
        assert!(filter.ignores_statement(&change(DdlKind::DropDatabase, ""), "DROP DATABASE d"));
        let renamed =
            DdlChange { renamed_from: Some(TableName::new("d", "t")), ..change(DdlKind::RenameTable, "u") };
        assert!(filter.ignores_statement(&renamed, "RENAME TABLE t TO u"));
    }

    #[test]
    fn statements_about_views_are_no_changes_of_tables() {
        let filter = EventFilter::new(vec![rule("d.*", &["create view", "drop view"], &[])], false).unwrap();
        let tables = EventFilter::new(vec![rule("d.*", &["alter table"], &[])], false).unwrap();
        for kind in [DdlKind::CreateView, DdlKind::DropView] {
            assert!(filter.ignores_statement(&change(kind, "v"), ""));
            assert!(!tables.ignores_statement(&change(kind, "v"), ""));
        }
        assert!(!filter.ignores_statement(&change(DdlKind::DropTable, "v"), ""));
    }

    #[test]
    fn transactions_are_left_out_by_their_commit_ts() {
        let filter = EventFilter::default().without_transactions(vec![7, 3]);
        let left_out = [3, 5, 7].map(|ts| filter.ignores_transaction(CommitTs(ts)));
        assert_eq!(left_out, [true, false, true]);
    }

    #[test]
    fn what_is_no_rule_is_told() {
        for (rule, words) in [
            (rule("d", &[], &[]), "matcher"),
            (rule("d.t", &["inserts"], &[]), "\"inserts\" is no kind of event"),
            (rule("d.t", &[], &["("]), "ignore-sql: \"(\" is no regular expression"),
        ] {
            let error = EventFilter::new(vec![rule], false).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
