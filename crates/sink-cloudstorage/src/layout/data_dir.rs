//! The directory of data files: one table, one version, and perhaps a partition and a date.

use super::{DateLevel, LayoutError, TableDir, name::key};
use jiff::tz::TimeZone;
use object_store::path::Path;
use std::fmt;

/// A directory of data files, made from its parts or parsed back from a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataDir {
    table: TableDir,
    version: u64,
    partition: Option<i64>,
    date: Option<String>,
}

impl DataDir {
    /// The directory of a table version, without partition and date.
    pub fn new(table: TableDir, version: u64) -> Self {
        Self { table, version, partition: None, date: None }
    }

    /// The same with a partition level. There is none in table-id mode: the id is the partition's own.
    pub fn with_partition(mut self, id: i64) -> Self {
        self.partition = self.table.table_id().is_none().then_some(id);
        self
    }

    /// The same at another date, or without one.
    pub fn at(mut self, level: DateLevel, wall_millis: u64, zone: &TimeZone) -> Self {
        self.date = level.directory(wall_millis, zone);
        self
    }

    /// Whose data it holds.
    pub fn table(&self) -> &TableDir {
        &self.table
    }

    /// The table version.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The physical partition id, if there is a partition level.
    pub fn partition(&self) -> Option<i64> {
        self.partition
    }

    /// The date, if there is a date level.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    /// The directory's key.
    pub fn key(&self) -> Path {
        key(self.to_string())
    }

    /// The key of something in the directory; `inside` is a name of ours, not a user's.
    pub(super) fn key_of(&self, inside: &str) -> Path {
        key(format!("{self}/{inside}"))
    }

    /// Reads a directory back. How many parts it has and whether the last is a date tell its form
    /// (`output-format` 2.7).
    ///
    /// # Errors
    /// [`LayoutError::NoDataPath`] if the path has no such form at this date level.
    pub fn parse(path: &str, level: DateLevel) -> Result<Self, LayoutError> {
        let mismatch = || LayoutError::NoDataPath(path.to_owned());
        let mut parts: Vec<&str> = path.split('/').collect();
        let date = match level {
            DateLevel::None => None,
            DateLevel::Year | DateLevel::Month | DateLevel::Day => {
                let date = parts.pop().filter(|date| level.matches(date));
                Some(date.ok_or_else(mismatch)?.to_owned())
            }
        };
        let (table, version, partition) = match parts[..] {
            [id, version] => (TableDir::id(number(id).ok_or_else(mismatch)?), version, None),
            [schema, table, version] => (named(schema, table, path)?, version, None),
            [schema, table, version, partition] => {
                let partition = number(partition).ok_or_else(mismatch)?;
                (named(schema, table, path)?, version, Some(partition))
            }
            _ => return Err(mismatch()),
        };
        Ok(Self { table, version: number(version).ok_or_else(mismatch)?, partition, date })
    }
}

fn named(schema: &str, table: &str, path: &str) -> Result<TableDir, LayoutError> {
    TableDir::in_key(schema, table).map_err(|_| LayoutError::NoDataPath(path.to_owned()))
}

/// A number of plain digits; `from_str` alone would take a `+` too.
pub(crate) fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for DataDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.table, self.version)?;
        if let Some(partition) = self.partition {
            write!(f, "/{partition}")?;
        }
        if let Some(date) = &self.date {
            write!(f, "/{date}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::DataDir;
    use crate::layout::{DateLevel, TableDir};
    use jiff::tz::TimeZone;

    #[test]
    fn every_form_parses_back_to_itself() {
        for (path, level) in [
            ("12345/5", DateLevel::None),
            ("test/table1/5", DateLevel::None),
            ("test/table1/5/55", DateLevel::None),
            ("12345/5/2023", DateLevel::Year),
            ("test/table1/5/2022-12", DateLevel::Month),
            ("test/table1/5/55/2022-12-31", DateLevel::Day),
        ] {
            let dir = DataDir::parse(path, level).expect(path);
            assert_eq!(dir.key().as_ref(), path);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for (path, level) in [
            ("5", DateLevel::None),
            ("test/table1", DateLevel::None),
            ("test/table1/x", DateLevel::None),
            ("test/table1/+5", DateLevel::None),
            ("test/table1/5/part", DateLevel::None),
            ("a/b/5/55/2023-01-01", DateLevel::None),
            ("12345/5", DateLevel::Day),
            ("test/table1/5", DateLevel::Day),
            ("test/table1/5/2023-01", DateLevel::Day),
            ("test/table1/5/55/6/2023-01-01", DateLevel::Day),
            ("test//5/2023", DateLevel::Year),
        ] {
            let error = DataDir::parse(path, level).expect_err(path).to_string();
            assert_eq!(error, format!("cannot match dml path pattern for {path:?}"));
        }
    }

    #[test]
    fn table_id_mode_has_no_partition_level() {
        let dir = DataDir::new(TableDir::id(7), 5).with_partition(55);
        assert_eq!(dir.key().as_ref(), "7/5");
        assert_eq!(dir.table().names(), ("7".to_owned(), String::new()));
    }

    #[test]
    fn a_new_date_replaces_the_old_one() {
        let table = TableDir::named("s", "t").expect("plain names");
        let dir = DataDir::new(table, 5).at(DateLevel::Year, 0, &TimeZone::UTC);
        assert_eq!(dir.key().as_ref(), "s/t/5/1970");
        assert_eq!(dir.at(DateLevel::None, 0, &TimeZone::UTC).key().as_ref(), "s/t/5");
    }
}
