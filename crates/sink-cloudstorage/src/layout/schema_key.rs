//! The key of a schema file.

use super::name::{check_name, key, name_in_key, schema_in_key};
use super::{LayoutError, TableDir, data_dir::number};
use object_store::path::Path;

const META: &str = "meta";
const PREFIX: &str = "schema_";
const EXTENSION: &str = ".json";
const CHECKSUM_DIGITS: usize = 10;

/// The key of a schema file, read back.
///
/// A file in table-id mode reads like a database's, with the id as the schema: the key does not tell them apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SchemaKey {
    /// The schema, or the table's id in table-id mode.
    pub schema: String,
    /// The table; empty for a database.
    pub table: String,
    /// The table version.
    pub version: u64,
    /// The checksum of the columns.
    pub checksum: u32,
}

impl SchemaKey {
    /// Reads the key of a schema file back.
    ///
    /// # Errors
    /// [`LayoutError::InvalidFileName`] if it is not one.
    pub fn parse(path: &str) -> Result<Self, LayoutError> {
        Self::recognise(path).ok_or_else(|| LayoutError::InvalidFileName(path.to_owned()))
    }

    fn recognise(path: &str) -> Option<Self> {
        let (schema, table, name) = match path.split('/').collect::<Vec<_>>()[..] {
            [schema, META, name] => (schema, "", name),
            [schema, table, META, name] => (schema, table, name),
            _ => return None,
        };
        let stem = name.strip_prefix(PREFIX)?.strip_suffix(EXTENSION)?;
        let (version, checksum) = stem.split_once('_')?;
        Some(Self {
            schema: name_in_key(schema).into_owned(),
            table: name_in_key(table).into_owned(),
            version: number(version)?,
            checksum: number(checksum)?,
        })
    }
}

/// The name of a schema file.
pub fn schema_file_name(version: u64, checksum: u32) -> String {
    format!("{PREFIX}{version}_{checksum:0CHECKSUM_DIGITS$}{EXTENSION}")
}

/// The directory of a table's schema files.
pub fn schema_dir(table: &TableDir) -> Path {
    key(format!("{table}/{META}"))
}

/// The key of a table's schema file.
pub fn table_schema_key(table: &TableDir, version: u64, checksum: u32) -> Path {
    key(format!("{table}/{META}/{}", schema_file_name(version, checksum)))
}

/// The key of a database's schema file.
///
/// # Errors
/// [`LayoutError::UnsafeName`] for a name that cannot stand in a key.
pub fn database_schema_key(schema: &str, version: u64, checksum: u32) -> Result<Path, LayoutError> {
    check_name("schema", schema)?;
    let name = schema_file_name(version, checksum);
    Ok(key(format!("{}/{META}/{name}", schema_in_key(schema))))
}

/// Whether a consumer takes a path for a schema file: `meta/schema_\d+_\d{10}\.json$`.
pub fn is_schema_file(path: &str) -> bool {
    let Some((dir, name)) = path.rsplit_once('/') else {
        return false;
    };
    let stem = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(EXTENSION));
    let Some((version, checksum)) = stem.and_then(|stem| stem.split_once('_')) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    dir.ends_with(META) && digits(version) && digits(checksum) && checksum.len() == CHECKSUM_DIGITS
}

#[cfg(test)]
mod tests {
    use super::{SchemaKey, database_schema_key, is_schema_file, table_schema_key};
    use crate::layout::TableDir;

    #[test]
    fn schema_files_are_recognised() {
        for path in [
            "schema1/meta/schema_100_3233644819.json",
            "schema1/table1/meta/schema_100_3752767265.json",
            "12345/meta/schema_0_0000000001.json",
            "meta/meta/meta/schema_1_0123456789.json",
            "/tmp/x/meta/schema_1_0123456789.json",
        ] {
            assert!(is_schema_file(path), "{path}");
        }
    }

    #[test]
    fn other_files_are_not() {
        for path in [
            "schema1/table1/meta/schema_100_375276726.json",
            "schema1/table1/meta/schema_100_37527672655.json",
            "schema1/table1/meta/schema_100_375276726x.json",
            "schema1/table1/meta/schema_x_3752767265.json",
            "schema1/table1/meta/schema__3752767265.json",
            "schema1/table1/meta/schema_3752767265.json",
            "schema1/table1/meta/schema_100_3752767265.json.tmp.0",
            "schema1/table1/meta/schema_100_3752767265.json#9",
            "schema1/table1/meta/schema_100_3752767265.jsn",
            "schema1/table1/meta/x/schema_100_3752767265.json",
            "schema1/table1/schema_100_3752767265.json",
            "schema_100_3752767265.json",
        ] {
            assert!(!is_schema_file(path), "{path}");
        }
    }

    #[test]
    fn keys_of_databases_and_tables_parse() {
        let database = SchemaKey::parse("test_schema/meta/schema_1_2.json").expect("a database's");
        assert_eq!((database.schema.as_str(), database.table.as_str()), ("test_schema", ""));
        assert_eq!((database.version, database.checksum), (1, 2));
        let table = SchemaKey::parse("test_schema/test_table/meta/schema_11_22.json").expect("a table's");
        assert_eq!((table.schema.as_str(), table.table.as_str()), ("test_schema", "test_table"));
        assert_eq!((table.version, table.checksum), (11, 22));
        for path in ["meta/schema_1_2.json", "a/b/c/meta/schema_1_2.json", "a/meta/schema_1.json"] {
            assert!(SchemaKey::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn keys_are_the_golden_ones() {
        let database = database_schema_key("schema1", 100, 3_233_644_819).expect("a plain name");
        assert_eq!(database.as_ref(), "schema1/meta/schema_100_3233644819.json");
        let table = TableDir::named("schema1", "table1").expect("plain names");
        let key = table_schema_key(&table, 100, 7);
        assert_eq!(key.as_ref(), "schema1/table1/meta/schema_100_0000000007.json");
        let key = table_schema_key(&TableDir::id(20), 100, 4_192_708_364);
        assert_eq!(key.as_ref(), "20/meta/schema_100_4192708364.json");
        let escaped = database_schema_key("../a", 1, 1).expect("a name of its own");
        assert_eq!(escaped.as_ref(), "..%2Fa/meta/schema_1_0000000001.json");
        assert_eq!(SchemaKey::parse(escaped.as_ref()).expect("it parses").schema, "../a");
    }
}
