//! Which databases and tables a target can hold: none takes the place of another, or of a file of the sink's own.
//!
//! A bucket takes any name beside any other. A local directory does not: a file and a directory cannot share a name, a
//! name has its greatest length, and some file systems ignore case. What could not be written is refused before its
//! first row, with what can be done, and not when the disk says that something is not a directory.

use crate::layout::name::check_name;
use crate::layout::{LayoutError, METADATA_KEY};
use change_event::TableName;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use thiserror::Error;

/// The longest name of a directory on the usual file systems, in bytes.
const LONGEST: usize = 255;

/// What a target's names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Keys of objects: any two differ.
    Keys,
    /// Names in a local directory.
    Files {
        /// Whether names that differ in case only are one.
        ignore_case: bool,
    },
}

/// A database or table that the target cannot hold.
#[derive(Debug, Error)]
pub(crate) enum NotAdmitted {
    #[error(transparent)]
    Name(#[from] LayoutError),
    #[error(
        "database {0} cannot be written to a local directory: its directory would take the name of the sink's own \
         {own}; write to a bucket of an object store, or leave the database out with a rule in \
         [filter]",
        own = .0.to_lowercase()
    )]
    Taken(String),
    #[error(
        "{0} and {1} differ in case only, and the file system of the target ignores case: they would share a \
         directory; write to a bucket of an object store, or leave one of them out with a rule in \
         [filter]"
    )]
    SameDirectory(TableName, TableName),
}

/// Admits tables, and remembers them: as many names as there are tables.
#[derive(Debug)]
pub(crate) struct Admission {
    names: Names,
    tables: Mutex<FxHashSet<Arc<TableName>>>,
    /// A table of each database, and each table, by its name without its case. Empty where case counts.
    folded: Mutex<FxHashMap<(String, Option<String>), TableName>>,
}

impl Admission {
    pub(crate) fn new(names: Names) -> Self {
        Self { names, tables: Mutex::default(), folded: Mutex::default() }
    }

    /// How many tables were admitted.
    pub(crate) fn tables(&self) -> u64 {
        self.tables.lock().len() as u64
    }

    /// Admits a table, again and again.
    ///
    /// # Errors
    /// [`NotAdmitted`].
    pub(crate) fn table(&self, table: &Arc<TableName>) -> Result<(), NotAdmitted> {
        self.database(&table.schema)?;
        self.name("table", &table.table)?;
        if let Names::Files { ignore_case: true } = self.names {
            let schema = table.schema.to_lowercase();
            let mut folded = self.folded.lock();
            let mut first = |key| folded.entry(key).or_insert_with(|| TableName::clone(table)).clone();
            let of_database = first((schema.clone(), None));
            let of_table = first((schema, Some(table.table.to_lowercase())));
            if of_database.schema != table.schema {
                return Err(NotAdmitted::SameDirectory(of_database, TableName::clone(table)));
            }
            if of_table != **table {
                return Err(NotAdmitted::SameDirectory(of_table, TableName::clone(table)));
            }
        }
        self.tables.lock().insert(table.clone());
        Ok(())
    }

    /// Whether a database may have a directory.
    ///
    /// # Errors
    /// [`NotAdmitted`].
    pub(crate) fn database(&self, schema: &str) -> Result<(), NotAdmitted> {
        self.name("schema", schema)?;
        let taken = match self.names {
            Names::Keys => false,
            // As they are spelt they are escaped.
            Names::Files { ignore_case: false } => false,
            Names::Files { ignore_case: true } => {
                let own = [METADATA_KEY, ".spillway"];
                own.contains(&schema.to_lowercase().as_str()) && !own.contains(&schema)
            }
        };
        if taken { Err(NotAdmitted::Taken(schema.to_owned())) } else { Ok(()) }
    }

    fn name(&self, what: &'static str, name: &str) -> Result<(), NotAdmitted> {
        check_name(what, name)?;
        match self.names {
            Names::Files { .. } if name.len() > LONGEST => {
                let why = "is longer than the 255 bytes that a local directory's name may have";
                Err(LayoutError::UnsafeName { what, name: name.to_owned(), why }.into())
            }
            Names::Keys | Names::Files { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Admission, Names};
    use change_event::TableName;
    use std::sync::Arc;

    fn table(schema: &str, table: &str) -> Arc<TableName> {
        Arc::new(TableName::new(schema, table))
    }

    #[test]
    fn only_another_case_of_the_sinks_own_names_is_refused_where_case_is_ignored() {
        let refusal = |names, schema| {
            Admission::new(names).table(&table(schema, "t")).err().map(|error| error.to_string())
        };
        assert_eq!(
            refusal(Names::Files { ignore_case: true }, "MetaData").unwrap(),
            "database MetaData cannot be written to a local directory: its directory would take the name of the \
             sink's own metadata; write to a bucket of an object store, or leave the database out with a \
             rule in [filter]"
        );
        assert!(refusal(Names::Files { ignore_case: true }, ".Spillway").is_some());
        for schema in ["metadata", ".spillway", "metadata2", "meta"] {
            assert_eq!(refusal(Names::Files { ignore_case: true }, schema), None, "{schema}");
        }
        for names in [Names::Keys, Names::Files { ignore_case: false }] {
            for schema in ["metadata", "MetaData", ".spillway", ".Spillway", "..", "a/b"] {
                assert_eq!(refusal(names, schema), None, "{schema}");
            }
        }
    }

    #[test]
    fn names_that_differ_in_case_only_are_refused_where_case_is_ignored() {
        let files = Admission::new(Names::Files { ignore_case: true });
        for _ in 0..2 {
            files.table(&table("Shop", "Orders")).unwrap();
            files.table(&table("Shop", "Items")).unwrap();
            let error = files.table(&table("Shop", "orders")).unwrap_err().to_string();
            assert!(error.starts_with("Shop.Orders and Shop.orders differ in case only"), "{error}");
            let error = files.table(&table("SHOP", "new")).unwrap_err().to_string();
            assert!(error.starts_with("Shop.Orders and SHOP.new differ in case only"), "{error}");
        }
        assert_eq!(files.tables(), 2);
        for names in [Names::Keys, Names::Files { ignore_case: false }] {
            let admission = Admission::new(names);
            for name in ["Orders", "orders", "ORDERS"] {
                admission.table(&table("Shop", name)).unwrap();
            }
        }
    }

    #[test]
    fn a_name_too_long_for_a_directory_is_refused_there() {
        let long = "x".repeat(256);
        let files = Admission::new(Names::Files { ignore_case: false });
        let error = files.table(&table("s", &long)).unwrap_err().to_string();
        assert!(error.contains("longer than the 255 bytes") && error.contains("rename it"), "{error}");
        files.table(&table("s", &long[1..])).unwrap();
        Admission::new(Names::Keys).table(&table("s", &long)).unwrap();
    }
}
