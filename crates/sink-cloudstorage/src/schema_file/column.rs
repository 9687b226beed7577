//! One column as a schema file shows it.

use super::go_json::GoJson;
use change_event::{Column, ColumnKind, DefaultValue};
use serde::Deserialize;
use serde_json::Value;

/// One column as a schema file shows it: all of it text, and what is empty left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct SchemaColumn {
    /// The column's id, if `output-column-id` is on.
    #[serde(rename = "ColumnId", default)]
    pub id: String,
    /// The name in its original case.
    #[serde(rename = "ColumnName")]
    pub name: String,
    /// The type in upper case, with ` UNSIGNED` where it is.
    #[serde(rename = "ColumnType")]
    pub kind: String,
    /// The default; an empty text or 0 is one too.
    #[serde(rename = "ColumnDefault", default)]
    pub default: Option<Value>,
    /// The length, where the type shows one.
    #[serde(rename = "ColumnPrecision", default)]
    pub precision: String,
    /// The decimals, where the type shows them.
    #[serde(rename = "ColumnScale", default)]
    pub scale: String,
    /// `false` for NOT NULL, otherwise empty.
    #[serde(rename = "ColumnNullable", default)]
    pub nullable: String,
    /// `true` for a column of the primary key, otherwise empty.
    #[serde(rename = "ColumnIsPk", default)]
    pub is_primary_key: String,
    /// The members of an ENUM or a SET.
    #[serde(rename = "ColumnElems", default)]
    pub members: Vec<String>,
}

impl SchemaColumn {
    /// Describes a column, with or without its id.
    pub fn of(column: &Column, with_id: bool) -> Self {
        let (precision, scale) = precision_and_scale(column);
        let sign = if column.unsigned { " UNSIGNED" } else { "" };
        let text = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
        Self {
            id: text(with_id.then_some(column.id)),
            name: column.name.clone(),
            kind: column.type_name().to_ascii_uppercase() + sign,
            default: column.default.as_ref().map(|default| match default {
                DefaultValue::Int(number) => Value::from(*number),
                DefaultValue::Text(text) => Value::from(text.as_str()),
            }),
            precision: text(precision.map(i64::from)),
            scale: text(scale.map(i64::from)),
            nullable: if column.nullable { "" } else { "false" }.to_owned(),
            is_primary_key: if column.primary_key { "true" } else { "" }.to_owned(),
            members: column.members.clone(),
        }
    }

    /// Writes the column's object.
    pub(super) fn write(&self, json: &mut GoJson) {
        said(json, "ColumnId", &self.id);
        json.key("ColumnName");
        json.string(&self.name);
        json.key("ColumnType");
        json.string(&self.kind);
        if let Some(default) = &self.default {
            json.key("ColumnDefault");
            json.value(default);
        }
        said(json, "ColumnPrecision", &self.precision);
        said(json, "ColumnScale", &self.scale);
        said(json, "ColumnNullable", &self.nullable);
        said(json, "ColumnIsPk", &self.is_primary_key);
        if !self.members.is_empty() {
            json.key("ColumnElems");
            json.open(b'[');
            for member in &self.members {
                json.element();
                json.string(member);
            }
            json.close(b']');
        }
    }
}

/// Writes a field that is left out when it is empty.
fn said(json: &mut GoJson, name: &str, text: &str) {
    if !text.is_empty() {
        json.key(name);
        json.string(text);
    }
}

/// Which numbers a type shows. A scale shows only where it says something: not where it is the type's own or 0.
fn precision_and_scale(column: &Column) -> (Option<u32>, Option<u32>) {
    use ColumnKind::*;
    let length = column.length_or_default();
    let own = column.kind.default_decimals();
    let telling = column.decimals.filter(|&d| d != 0 && Some(d) != own);
    match column.kind {
        Timestamp | DateTime | Time => (None, telling),
        Float | Double => (length, telling),
        Decimal => (length, Some(column.decimals.or(own).unwrap_or(0))),
        TinyInt | SmallInt | MediumInt | Int | BigInt | Bit | Year => (length, None),
        Char | VarChar | VarString | TinyText | Text | MediumText | LongText => (length, None),
        Date | Enum | Set | Json | Vector | Geometry | Unspecified => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::SchemaColumn;
    use change_event::{Column, ColumnKind, ColumnKind::*, DefaultValue};

    fn column(kind: ColumnKind, length: Option<u32>, decimals: Option<u32>) -> Column {
        Column { length, decimals, ..Column::new("c", kind) }
    }

    #[test]
    fn types_show_their_golden_precision_and_scale() {
        for (kind, length, decimals, text, precision, scale) in [
            (Time, None, Some(5), "TIME", "", "5"),
            (Int, Some(5), None, "INT", "5", ""),
            (Float, Some(12), Some(3), "FLOAT", "12", "3"),
            (Float, Some(12), None, "FLOAT", "12", ""),
            (Float, Some(5), None, "FLOAT", "5", ""),
            (Float, Some(7), Some(3), "FLOAT", "7", "3"),
            (Double, Some(12), Some(3), "DOUBLE", "12", "3"),
            (Double, Some(12), None, "DOUBLE", "12", ""),
            (Double, Some(5), None, "DOUBLE", "5", ""),
            (Double, Some(7), Some(3), "DOUBLE", "7", "3"),
            (Decimal, Some(10), Some(0), "DECIMAL", "10", "0"),
            (Decimal, None, None, "DECIMAL", "10", "0"),
            (Decimal, Some(20), Some(6), "DECIMAL", "20", "6"),
            (TinyInt, Some(5), None, "TINYINT", "5", ""),
            (SmallInt, Some(5), None, "SMALLINT", "5", ""),
            (MediumInt, Some(10), None, "MEDIUMINT", "10", ""),
            (BigInt, Some(20), None, "BIGINT", "20", ""),
            (Bit, Some(5), None, "BIT", "5", ""),
            (Int, None, None, "INT", "11", ""),
            (VarChar, Some(128), None, "VARCHAR", "128", ""),
            (Char, Some(32), None, "CHAR", "32", ""),
            (VarString, Some(64), None, "VAR_STRING", "64", ""),
            (Enum, None, None, "ENUM", "", ""),
            (Set, None, None, "SET", "", ""),
            (Timestamp, None, Some(2), "TIMESTAMP", "", "2"),
            (Timestamp, None, Some(0), "TIMESTAMP", "", ""),
            (DateTime, None, Some(2), "DATETIME", "", "2"),
            (DateTime, None, Some(0), "DATETIME", "", ""),
            (Date, None, Some(2), "DATE", "", ""),
            (Date, None, Some(0), "DATE", "", ""),
            (Year, Some(4), None, "YEAR", "4", ""),
            (Year, Some(2), Some(2), "YEAR", "2", ""),
            (Json, None, None, "JSON", "", ""),
            (Vector, None, None, "VECTOR", "", ""),
            (Geometry, None, None, "GEOMETRY", "", ""),
            (Unspecified, None, None, "UNSPECIFIED", "", ""),
            (LongText, None, None, "LONGTEXT", "4294967295", ""),
        ] {
            let shown = SchemaColumn::of(&column(kind, length, decimals), false);
            let want = (text, precision, scale);
            let got = (shown.kind.as_str(), shown.precision.as_str(), shown.scale.as_str());
            assert_eq!(got, want, "{kind:?} {length:?} {decimals:?}");
            assert!(shown.members.is_empty());
        }
    }

    #[test]
    fn the_charset_tells_bytes_from_text() {
        for (kind, text, bytes) in [
            (TinyText, "TINYTEXT", "TINYBLOB"),
            (Text, "TEXT", "BLOB"),
            (MediumText, "MEDIUMTEXT", "MEDIUMBLOB"),
            (LongText, "LONGTEXT", "LONGBLOB"),
            (Char, "CHAR", "BINARY"),
            (VarChar, "VARCHAR", "VARBINARY"),
            (VarString, "VAR_STRING", "VAR_STRING"),
        ] {
            for (charset, want) in [("utf8mb4", text), ("binary", bytes)] {
                let mut column = column(kind, Some(100), None);
                column.charset = Some(charset.to_owned());
                let shown = SchemaColumn::of(&column, false);
                assert_eq!((shown.kind.as_str(), shown.precision.as_str()), (want, "100"));
            }
        }
    }

    #[test]
    fn the_rest_is_said_only_where_it_says_something() {
        let plain = SchemaColumn::of(&column(Int, None, None), false);
        assert_eq!((plain.nullable.as_str(), plain.is_primary_key.as_str()), ("", ""));
        assert_eq!((plain.id.as_str(), plain.default), ("", None));

        let mut key = column(Int, None, None);
        (key.id, key.nullable, key.primary_key, key.unsigned) = (7, false, true, true);
        key.default = Some(DefaultValue::Int(0));
        let shown = SchemaColumn::of(&key, true);
        assert_eq!((shown.nullable.as_str(), shown.is_primary_key.as_str()), ("false", "true"));
        assert_eq!((shown.id.as_str(), shown.kind.as_str()), ("7", "INT UNSIGNED"));
        assert_eq!(shown.default, Some(0.into()));
    }
}
