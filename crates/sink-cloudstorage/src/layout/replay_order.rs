//! The order in which a consumer replays directories.

use super::{DataDir, SchemaKey};

/// What a consumer sorts by: version first, so that all tables advance together, and the schema file of a version
/// before its data.
///
/// The order of the fields is the order of the comparison (`output-format` 2.7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplayKey {
    version: u64,
    /// −1 marks a schema file; 0 stands for no partition.
    partition: i64,
    date: String,
    by_table_id: bool,
    table_id: i64,
    schema: String,
    table: String,
}

impl From<&DataDir> for ReplayKey {
    fn from(dir: &DataDir) -> Self {
        let (schema, table) = dir.table().names();
        Self {
            version: dir.version(),
            partition: dir.partition().unwrap_or(0),
            date: dir.date().unwrap_or_default().to_owned(),
            by_table_id: dir.table().table_id().is_some(),
            table_id: dir.table().table_id().unwrap_or(0),
            schema,
            table,
        }
    }
}

impl From<&SchemaKey> for ReplayKey {
    fn from(key: &SchemaKey) -> Self {
        Self {
            version: key.version,
            partition: -1,
            date: String::new(),
            by_table_id: false,
            table_id: 0,
            schema: key.schema.clone(),
            table: key.table.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ReplayKey;
    use crate::layout::{DataDir, DateLevel, SchemaKey};

    fn data(path: &str, level: DateLevel) -> ReplayKey {
        (&DataDir::parse(path, level).expect(path)).into()
    }

    fn schema(path: &str) -> ReplayKey {
        (&SchemaKey::parse(path).expect(path)).into()
    }

    #[test]
    fn a_schema_file_comes_before_the_data_of_its_version_and_after_older_data() {
        let marker = schema("s/t/meta/schema_5_1.json");
        assert!(marker < data("s/t/5/2023-01-01", DateLevel::Day));
        assert!(marker < data("a/a/5", DateLevel::None));
        assert!(marker > data("s/t/4/9/2023-01-01", DateLevel::Day));
        assert_eq!(marker, schema("s/t/meta/schema_5_1.json"));
    }

    #[test]
    fn version_partition_date_and_mode_count_in_this_order() {
        let keys = [
            data("z/z/5", DateLevel::None),
            data("9/5", DateLevel::None),
            data("a/a/5/2023", DateLevel::Year),
            data("a/a/5/2024", DateLevel::Year),
            data("a/a/5/1/2023", DateLevel::Year),
            data("a/a/6", DateLevel::None),
        ];
        assert!(keys.is_sorted(), "{keys:#?}");
    }
}
