//! One textual form for the values of a bucket and those of a server.
//!
//! | type | text |
//! |---|---|
//! | integers, BIT, YEAR | decimal number |
//! | FLOAT, DOUBLE | the shortest text that reads back as the same number of that width |
//! | DECIMAL | digits with full scale |
//! | DATE, TIME, DATETIME | as the server prints them, with all digits of their precision |
//! | TIMESTAMP | likewise, in UTC |
//! | text | UTF-8 |
//! | binary | as the bucket spells it: base64 or lower-case hex |
//! | ENUM, SET | names in CSV, numbers in canal-json |
//! | JSON | parsed and written again |

use super::table::Values;
use super::{BinaryText, ColumnDef, Difference, Format, TableKey};
use mysql_async::Value;

/// A value of a result, as text. Doubles and floats are spelled shortest.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Float(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        other => other.as_sql(true),
    }
}

/// A name in backquotes.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// What to select so that a column arrives in the textual form of the bucket.
pub(super) fn expression(
    table: &TableKey,
    column: &ColumnDef,
    format: &Format,
) -> Result<String, Difference> {
    let name = quoted(&column.name);
    let number = format!("CAST(CAST({name} AS UNSIGNED) AS CHAR)");
    let binary = match format {
        Format::Csv(csv) => csv.binary,
        Format::CanalJson => BinaryText::Hex,
    };
    let base = column.base_type();
    Ok(match base {
        "FLOAT" | "DOUBLE" => name,
        "BIT" | "YEAR" => number,
        "ENUM" | "SET" if *format == Format::CanalJson => number,
        "CHAR" | "VARCHAR" | "VAR_STRING" | "ENUM" | "SET" | "JSON" => {
            format!("CONVERT({name} USING utf8mb4)")
        }
        _ if base.ends_with("TEXT") => format!("CONVERT({name} USING utf8mb4)"),
        _ if column.is_binary() => {
            let bytes = bytes_of(column, &name);
            match binary {
                BinaryText::Base64 => format!("REPLACE(TO_BASE64({bytes}), CHAR(10), '')"),
                BinaryText::Hex => format!("LOWER(HEX({bytes}))"),
            }
        }
        "DECIMAL" | "DATE" | "DATETIME" | "TIMESTAMP" | "TIME" => format!("CAST({name} AS CHAR)"),
        // Plus nothing: what ZEROFILL shows is not in the number.
        _ if column.is_number() => format!("CAST({name} + 0 AS CHAR)"),
        _ => {
            return Err(Difference::UnknownType {
                table: table.clone(),
                column: column.name.clone(),
                type_name: column.type_name.clone(),
            });
        }
    })
}

/// A column's bytes. What is a `BINARY` in the log may have a type of its own on the server, such as INET6.
fn bytes_of(column: &ColumnDef, name: &str) -> String {
    match (column.base_type(), &column.precision) {
        ("BINARY", Some(length)) => format!("CAST({name} AS BINARY({length}))"),
        _ => name.to_owned(),
    }
}

/// One spelling for values that have several.
pub(super) fn canonical(
    table: &TableKey,
    columns: &[ColumnDef],
    values: &Values,
) -> Result<Values, Difference> {
    let of_column = |(column, value): (&ColumnDef, &Option<String>)| {
        let Some(text) = value else { return Ok(None) };
        let spelled = match column.base_type() {
            "FLOAT" => text.parse::<f32>().ok().map(|number| (number + 0.0).to_string()),
            "DOUBLE" => text.parse::<f64>().ok().map(|number| (number + 0.0).to_string()),
            "JSON" => serde_json::from_str(text).ok().map(|json: serde_json::Value| json.to_string()),
            _ => Some(text.clone()),
        };
        spelled.map(Some).ok_or_else(|| Difference::Malformed {
            table: table.clone(),
            column: column.name.clone(),
            type_name: column.type_name.clone(),
            value: text.clone(),
        })
    };
    columns.iter().zip(values).map(of_column).collect()
}
