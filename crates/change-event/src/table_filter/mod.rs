//! Which tables are taken, in the rules that TiCDC's users know.
//!
//! ```text
//!  '*.*'                every table
//!  'shop.*'             every table of a database
//!  '!shop.tmp_*'        none of these; the last rule that matches decides
//!  '/^shard\d+$/.log'   a regular expression
//!  '"a.b".`c d`'        names with points or blanks
//! ```
//! `*` is any text, `?` any character, `[a-z]` and `[!a-z]` one of them or none of them, and a backslash makes the
//! character behind it plain. Names compare without regard to case unless it is asked for. What no rule matches is not
//! taken. The server's own databases are never taken: `mysql` with the heartbeat tables that hosted servers keep in it,
//! `information_schema`, `performance_schema` and `sys`.

mod pattern;
mod rule;

use crate::{Influence, TableName};
pub(crate) use rule::Rule;
use std::fmt;
use std::sync::Arc;

/// The server's own databases.
const SYSTEM: [&str; 4] = ["mysql", "information_schema", "performance_schema", "sys"];

/// Which tables are taken. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TableFilter {
    texts: Arc<[String]>,
    rules: Arc<[Rule]>,
    case_sensitive: bool,
}

/// A rule that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule {rule:?} is not one: {why}; rules are such as *.*, shop.*, !shop.tmp_* or /^s\\d+$/.log")]
pub struct RuleError {
    /// The rule as it was written.
    pub rule: String,
    /// What is wrong with it.
    pub why: String,
}

impl Default for TableFilter {
    /// Every table but the server's own.
    fn default() -> Self {
        Self {
            texts: Arc::new(["*.*".to_owned()]),
            rules: Arc::new([Rule::everything()]),
            case_sensitive: false,
        }
    }
}

impl PartialEq for TableFilter {
    fn eq(&self, other: &Self) -> bool {
        (&self.texts, self.case_sensitive) == (&other.texts, other.case_sensitive)
    }
}

impl fmt::Display for TableFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts.join(", "))
    }
}

impl TableFilter {
    /// Reads rules, the later ones being the stronger ones. Empty ones and those that begin with `#` are no rules.
    ///
    /// # Errors
    /// The first rule that cannot be read.
    pub fn new<S: AsRef<str>>(rules: &[S], case_sensitive: bool) -> Result<Self, RuleError> {
        let texts: Vec<String> = rules
            .iter()
            .map(|rule| rule.as_ref().trim().to_owned())
            .filter(|rule| !rule.is_empty() && !rule.starts_with('#'))
            .collect();
        let read = |text: &String| {
            Rule::read(text, case_sensitive).map_err(|why| RuleError { rule: text.clone(), why })
        };
        let rules = texts.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { texts: texts.into(), rules, case_sensitive })
    }

    /// Whether the rows and statements of a table are taken.
    pub fn takes(&self, table: &TableName) -> bool {
        let decides = |rule: &&Rule| rule.schema.matches(&table.schema) && rule.table.matches(&table.table);
        !is_system(&table.schema) && self.rules.iter().rev().find(decides).is_some_and(|rule| rule.takes)
    }

    /// Whether statements about a database are taken: there may be a table in it that is.
    pub fn takes_database(&self, database: &str) -> bool {
        // A rule against some tables of a database says nothing of the others.
        let decides =
            |rule: &&Rule| rule.schema.matches(database) && (rule.takes || rule.table.matches_everything());
        !is_system(database) && self.rules.iter().rev().find(decides).is_some_and(|rule| rule.takes)
    }

    /// Whether a change of any of these is taken.
    pub fn takes_any(&self, influence: &Influence) -> bool {
        match influence {
            Influence::Tables(tables) => tables.iter().any(|table| self.takes(table)),
            Influence::Database(database) => self.takes_database(database),
            Influence::All => true,
        }
    }
}

fn is_system(database: &str) -> bool {
    SYSTEM.iter().any(|system| system.eq_ignore_ascii_case(database))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rules: &[&str], names: &[&str]) -> Vec<bool> {
        let filter = TableFilter::new(rules, false).unwrap();
        let name = |name: &&str| {
            let (schema, table) = name.split_once('.').unwrap();
            filter.takes(&TableName::new(schema, table))
        };
        names.iter().map(name).collect()
    }

    #[test]
    fn the_last_rule_that_matches_decides() {
        let rules = ["*.*", "!shop.*", "shop.order*", "!shop.order_tmp", "# a comment", ""];
        let names = ["other.t", "shop.items", "shop.orders", "shop.order_tmp", "SHOP.Orders"];
        assert_eq!(taken(&rules, &names), [true, false, true, false, true]);
        assert_eq!(taken(&["a.b"], &["a.b", "a.c", "b.b"]), [true, false, false]);
        assert_eq!(taken(&[], &["a.b"]), [false]);
        assert_eq!(taken(&["!a.b"], &["a.c"]), [false], "what no rule matches is not taken");
    }

    #[test]
    fn patterns_are_those_that_ticdc_knows() {
        for (rule, name, is_taken) in [
            ("a?c.*", "abc.x", true),
            ("a?c.*", "ac.x", false),
            ("db[0-9].t", "db7.t", true),
            ("db[!0-9].t", "db7.t", false),
            ("db[!0-9].t", "dbx.t", true),
            (r"/^shard\d+$/.log", "shard12.log", true),
            (r"/^shard\d+$/.log", "shardx.log", false),
            ("/a.b|c/.x", "a.b.x", false),
            (r"shop./^t(a|b)$/", "shop.tb", true),
            ("\"we*rd\".`o``dd na*me`", "we*rd.o`dd na*me", true),
            ("\"we*rd\".*", "weird.x", false),
            (r"a\*b.t", "a*b.t", true),
            (r"a\*b.t", "axb.t", false),
            ("größe.straße", "GRÖSSE.straße", false),
            ("größe.straße", "GRÖẞE.STRAßE", true),
        ] {
            assert_eq!(taken(&[rule], &[name]), [is_taken], "{rule} {name}");
        }
    }

    #[test]
    fn case_counts_where_it_is_asked_for() {
        let filter = TableFilter::new(&["Shop./^T/"], true).unwrap();
        assert!(filter.takes(&TableName::new("Shop", "Ta")));
        assert!(!filter.takes(&TableName::new("shop", "Ta")) && !filter.takes(&TableName::new("Shop", "ta")));
    }

    #[test]
    fn the_servers_own_databases_are_never_taken() {
        for name in ["mysql.rds_heartbeat2", "sys.x", "performance_schema.y", "Information_Schema.z"] {
            assert_eq!(taken(&["*.*", "mysql.*"], &[name]), [false], "{name}");
        }
        assert!(!TableFilter::default().takes_database("mysql"));
    }

    #[test]
    fn a_database_is_taken_if_a_table_of_it_may_be() {
        let filter = TableFilter::new(&["a.*", "!a.b", "!c.*", "d.x"], false).unwrap();
        let databases = ["a", "c", "d", "e"].map(|database| filter.takes_database(database));
        assert_eq!(databases, [true, false, true, false]);
    }

    #[test]
    fn what_is_no_rule_is_told() {
        for (rule, why) in [
            ("shop", "point"),
            ("shop.", "table"),
            (".t", "database"),
            ("a.b.c", "behind"),
            ("a.[b", "]"),
            ("/(/.t", "regular expression"),
            ("/a.t", "/"),
            ("\"a.t", "\""),
            ("@file", "@"),
            ("a b.c", "blank"),
        ] {
            let error = TableFilter::new(&[rule], false).unwrap_err().to_string();
            assert!(
                error.contains(rule.escape_debug().to_string().as_str()) && error.contains(why),
                "{error}"
            );
        }
    }
}
