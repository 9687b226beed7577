//! The checksum in a schema file's name: a CRC-32 over the names and the columns alone.
//!
//! The order of the columns does not count, nor the version, the query or its type: two versions of a table with
//! the same columns have the same checksum, which is how a restarted sink finds its old directory again.

use super::{SchemaColumn, SchemaFile, go_json::GoJson};

/// The checksum of a schema file (`output-format` 2.9).
pub fn checksum(file: &SchemaFile) -> u32 {
    crc32fast::hash(&reduced(file))
}

/// The object that is hashed: `Version` is always 0 in it, and a missing list of columns is an empty one.
fn reduced(file: &SchemaFile) -> Vec<u8> {
    let mut columns: Vec<&SchemaColumn> = file.columns.iter().flatten().collect();
    columns.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    let mut json = GoJson::default();
    json.open(b'{');
    json.key("Table");
    json.string(&file.table);
    json.key("Schema");
    json.string(&file.schema);
    json.key("Version");
    json.number(0);
    json.key("TableColumns");
    write_columns(&mut json, columns.into_iter());
    json.key("TableColumnsTotal");
    json.number(file.columns_total);
    json.close(b'}');
    json.into_bytes()
}

/// Writes a list of column objects.
pub(super) fn write_columns<'a>(json: &mut GoJson, columns: impl Iterator<Item = &'a SchemaColumn>) {
    json.open(b'[');
    for column in columns {
        json.element();
        json.open(b'{');
        column.write(json);
        json.close(b'}');
    }
    json.close(b']');
}

#[cfg(test)]
mod tests {
    use super::{checksum, reduced};
    use crate::schema_file::{SchemaColumn, SchemaFile};
    use serde_json::json;

    fn file(schema: &str, table: &str, columns: Vec<SchemaColumn>) -> SchemaFile {
        SchemaFile {
            table: table.to_owned(),
            schema: schema.to_owned(),
            columns_total: columns.len() as u64,
            columns: (!columns.is_empty()).then_some(columns),
            table_version: 100,
            query: "does not count".to_owned(),
            kind: 5,
        }
    }

    fn column(name: &str, kind: &str, precision: &str) -> SchemaColumn {
        SchemaColumn {
            name: name.to_owned(),
            kind: kind.to_owned(),
            precision: precision.to_owned(),
            ..SchemaColumn::default()
        }
    }

    fn people() -> Vec<SchemaColumn> {
        vec![
            SchemaColumn {
                default: Some(json!(10)),
                nullable: "false".to_owned(),
                is_primary_key: "true".to_owned(),
                ..column("Id", "INT", "11")
            },
            SchemaColumn {
                default: Some(json!("Default LastName")),
                nullable: "false".to_owned(),
                ..column("LastName", "VARCHAR", "128")
            },
            SchemaColumn {
                default: Some(json!("Default FirstName")),
                ..column("FirstName", "VARCHAR", "64")
            },
            SchemaColumn { default: Some(json!(12_345_678)), ..column("Birthday", "DATETIME", "") },
        ]
    }

    #[test]
    fn the_golden_vectors_hold() {
        let two = vec![column("col1", "INT", "11"), column("col2", "VARCHAR", "5")];
        for (file, bytes, crc) in [
            (file("schema1", "", vec![]), 114, 3_233_644_819),
            (file("test", "table1", two), 372, 4_192_708_364),
            (file("schema1", "table1", people()), 891, 3_752_767_265),
        ] {
            assert_eq!((reduced(&file).len(), checksum(&file)), (bytes, crc));
        }
    }

    #[test]
    fn the_image_of_a_database_is_the_golden_one() {
        let image = "{\n    \"Table\": \"\",\n    \"Schema\": \"schema1\",\n    \"Version\": 0,\n    \
                     \"TableColumns\": [],\n    \"TableColumnsTotal\": 0\n}";
        assert_eq!(reduced(&file("schema1", "", vec![])), image.as_bytes());
    }

    #[test]
    fn the_order_of_the_columns_does_not_count_and_their_ids_do() {
        let mut columns = people();
        let want = checksum(&file("schema1", "table1", columns.clone()));
        columns.reverse();
        assert_eq!(checksum(&file("schema1", "table1", columns.clone())), want);
        columns[0].id = "1".to_owned();
        assert_ne!(checksum(&file("schema1", "table1", columns)), want);
    }
}
