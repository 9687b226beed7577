//! A table's columns at one version, and their checksum (`output-format` 2.8 and 2.9).

use super::go_json::Json;
use super::names::{SchemaName, in_path};
use super::{TableKey, Violation};
use serde_json::{Map, Value};

/// One schema file, verified.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaFile {
    /// Where it is.
    pub path: String,
    /// What precedes `/meta/` in its path.
    pub folder: String,
    /// Whose columns these are; the table is empty for a database.
    pub key: TableKey,
    /// The table version.
    pub version: u64,
    /// The DDL's text; empty in a file that data brought along.
    pub query: String,
    /// The DDL's kind (`output-format` section 13); 0 in a file that data brought along.
    pub kind: u64,
    /// The columns; `None` for a database.
    pub columns: Option<Vec<ColumnDef>>,
}

/// A column, as a schema file describes it.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct ColumnDef {
    pub id: Option<String>,
    pub name: String,
    /// Upper case, with ` UNSIGNED` where that holds.
    pub type_name: String,
    pub default: Option<Value>,
    pub precision: Option<String>,
    pub scale: Option<String>,
    pub not_null: bool,
    pub is_pk: bool,
    pub members: Vec<String>,
}

impl SchemaFile {
    /// Reads a schema file and verifies that name and content agree and that every byte is as the format says.
    ///
    /// # Errors
    /// `SchemaContent`, `SchemaVersion`, `SchemaChecksum`, `SchemaPlace` or `SchemaBytes`.
    pub fn parse(path: &str, name: &SchemaName, content: &[u8]) -> Result<Self, Violation> {
        let malformed = |problem: String| Violation::SchemaContent { path: path.to_owned(), problem };
        let value: Value = serde_json::from_slice(content).map_err(|error| malformed(error.to_string()))?;
        let fields = value.as_object().ok_or_else(|| malformed("it is not an object".to_owned()))?;
        let columns = match fields.get("TableColumns") {
            Some(Value::Array(columns)) => {
                Some(columns.iter().map(ColumnDef::parse).collect::<Result<_, _>>())
            }
            _ => None,
        };
        let file = Self {
            path: path.to_owned(),
            folder: name.folder.clone(),
            key: TableKey::new(text(fields, "Schema"), text(fields, "Table")),
            version: number(fields, "TableVersion"),
            query: text(fields, "Query"),
            kind: number(fields, "Type"),
            columns: columns.transpose().map_err(malformed)?,
        };
        file.verify(name, content)?;
        Ok(file)
    }

    fn verify(&self, name: &SchemaName, content: &[u8]) -> Result<(), Violation> {
        let path = || self.path.clone();
        if self.version != name.version {
            return Err(Violation::SchemaVersion { path: path(), inside: self.version });
        }
        let computed = self.checksum();
        if computed != name.checksum {
            return Err(Violation::SchemaChecksum { path: path(), computed });
        }
        let TableKey { schema, table } = &self.key;
        let is_home = match name.folder.split_once('/') {
            Some(folder) => folder == (&in_path(schema, true), &in_path(table, false)),
            // A database's folder, or that of a table by its id.
            None if table.is_empty() => name.folder == in_path(schema, true),
            None => name.folder.bytes().all(|c| c.is_ascii_digit()),
        };
        if !is_home {
            return Err(Violation::SchemaPlace { path: path(), inside: self.key.clone() });
        }
        let expected = self.to_text();
        if expected.as_bytes() != content {
            return Err(Violation::SchemaBytes { path: path(), expected });
        }
        Ok(())
    }

    /// The checksum that belongs into the name: a CRC-32 of a reduced file with its columns sorted by name.
    pub fn checksum(&self) -> u32 {
        let mut sorted: Vec<&ColumnDef> = self.columns.iter().flatten().collect();
        sorted.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        let total = sorted.len() as u64;
        let reduced = Json::Object(vec![
            ("Table", Json::Text(&self.key.table)),
            ("Schema", Json::Text(&self.key.schema)),
            ("Version", Json::Whole(0)),
            ("TableColumns", column_array(sorted.into_iter())),
            ("TableColumnsTotal", Json::Whole(total)),
        ]);
        crc32fast::hash(reduced.to_text().as_bytes())
    }

    /// The bytes of the file.
    pub fn to_text(&self) -> String {
        let columns = self.columns.as_ref();
        let total = columns.map_or(0, Vec::len) as u64;
        let file = Json::Object(vec![
            ("Table", Json::Text(&self.key.table)),
            ("Schema", Json::Text(&self.key.schema)),
            ("Version", Json::Whole(1)),
            ("TableVersion", Json::Whole(self.version)),
            ("Query", Json::Text(&self.query)),
            ("Type", Json::Whole(self.kind)),
            ("TableColumns", columns.map_or(Json::Null, |columns| column_array(columns.iter()))),
            ("TableColumnsTotal", Json::Whole(total)),
        ]);
        file.to_text()
    }
}

impl ColumnDef {
    fn parse(value: &Value) -> Result<Self, String> {
        let fields = value.as_object().ok_or("a column is not an object")?;
        let optional = |name| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let members = fields.get("ColumnElems").and_then(Value::as_array);
        Ok(Self {
            id: optional("ColumnId"),
            name: optional("ColumnName").ok_or("a column has no ColumnName")?,
            type_name: optional("ColumnType").ok_or("a column has no ColumnType")?,
            default: fields.get("ColumnDefault").cloned(),
            precision: optional("ColumnPrecision"),
            scale: optional("ColumnScale"),
            not_null: optional("ColumnNullable").as_deref() == Some("false"),
            is_pk: optional("ColumnIsPk").as_deref() == Some("true"),
            members: members
                .into_iter()
                .flatten()
                .filter_map(|member| member.as_str().map(str::to_owned))
                .collect(),
        })
    }

    fn to_json(&self) -> Json<'_> {
        let mut pairs = Vec::new();
        pairs.extend(self.id.as_ref().map(|id| ("ColumnId", Json::Text(id))));
        pairs.push(("ColumnName", Json::Text(&self.name)));
        pairs.push(("ColumnType", Json::Text(&self.type_name)));
        pairs.extend(self.default.as_ref().map(|value| ("ColumnDefault", Json::Scalar(value))));
        pairs.extend(self.precision.as_ref().map(|precision| ("ColumnPrecision", Json::Text(precision))));
        pairs.extend(self.scale.as_ref().map(|scale| ("ColumnScale", Json::Text(scale))));
        pairs.extend(self.not_null.then_some(("ColumnNullable", Json::Text("false"))));
        pairs.extend(self.is_pk.then_some(("ColumnIsPk", Json::Text("true"))));
        if !self.members.is_empty() {
            let members = self.members.iter().map(|member| Json::Text(member));
            pairs.push(("ColumnElems", Json::Array(members.collect())));
        }
        Json::Object(pairs)
    }

    /// The type without its sign: `INT` of `INT UNSIGNED`.
    pub fn base_type(&self) -> &str {
        self.type_name.split(' ').next().unwrap_or_default()
    }

    /// Whether values are bytes and not text.
    pub fn is_binary(&self) -> bool {
        let base = self.base_type();
        base.ends_with("BLOB") || base.ends_with("BINARY") || base == "GEOMETRY"
    }

    /// Whether values are plain numbers, never quoted.
    pub fn is_number(&self) -> bool {
        let base = self.base_type();
        base.ends_with("INT") || matches!(base, "FLOAT" | "DOUBLE" | "BIT" | "YEAR")
    }
}

fn column_array<'a>(columns: impl Iterator<Item = &'a ColumnDef>) -> Json<'a> {
    Json::Array(columns.map(ColumnDef::to_json).collect())
}

/// A string field. What is missing shows when the bytes are compared.
fn text(fields: &Map<String, Value>, name: &str) -> String {
    let text = fields.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// A whole-number field, likewise.
fn number(fields: &Map<String, Value>, name: &str) -> u64 {
    fields.get(name).and_then(Value::as_u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, type_name: &str, precision: Option<&str>) -> ColumnDef {
        ColumnDef {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            precision: precision.map(str::to_owned),
            ..ColumnDef::default()
        }
    }

    fn file(schema: &str, table: &str, columns: Option<Vec<ColumnDef>>) -> SchemaFile {
        SchemaFile {
            path: String::new(),
            folder: String::new(),
            key: TableKey::new(schema, table),
            version: 100,
            query: "CREATE DATABASE `schema1`".to_owned(),
            kind: 1,
            columns,
        }
    }

    #[test]
    fn checksums_are_those_of_the_format() {
        assert_eq!(file("schema1", "", None).checksum(), 3_233_644_819);
        let columns = vec![column("col2", "VARCHAR", Some("5")), column("col1", "INT", Some("11"))];
        assert_eq!(file("test", "table1", Some(columns)).checksum(), 4_192_708_364);
        let id = ColumnDef {
            default: Some(10.into()),
            not_null: true,
            is_pk: true,
            ..column("Id", "INT", Some("11"))
        };
        let last_name = ColumnDef {
            default: Some("Default LastName".into()),
            not_null: true,
            ..column("LastName", "VARCHAR", Some("128"))
        };
        let first_name = ColumnDef {
            default: Some("Default FirstName".into()),
            ..column("FirstName", "VARCHAR", Some("64"))
        };
        let birthday = ColumnDef { default: Some(12_345_678.into()), ..column("Birthday", "DATETIME", None) };
        let columns = vec![id, last_name, first_name, birthday];
        assert_eq!(file("schema1", "table1", Some(columns)).checksum(), 3_752_767_265);
    }

    #[test]
    fn a_database_file_is_spelled_as_the_golden_one() {
        assert_eq!(
            file("schema1", "", None).to_text(),
            "{\n    \"Table\": \"\",\n    \"Schema\": \"schema1\",\n    \"Version\": 1,\n    \"TableVersion\": 100,\n    \
             \"Query\": \"CREATE DATABASE `schema1`\",\n    \"Type\": 1,\n    \"TableColumns\": null,\n    \
             \"TableColumnsTotal\": 0\n}"
        );
    }
}
