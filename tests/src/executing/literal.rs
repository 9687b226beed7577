//! A value's text as SQL, by the type of its column.
//!
//! | type | SQL |
//! |---|---|
//! | integers, DECIMAL, BIT, YEAR; ENUM and SET of canal-json | the number |
//! | FLOAT | the number with all its digits, in quotes |
//! | DOUBLE, dates and times | the text in quotes |
//! | text, JSON; ENUM and SET of CSV | its UTF-8 bytes in hex, so that no `sql_mode` matters |
//! | binary | its bytes in hex, or `FROM_BASE64` of them |

use crate::consumer::{BinaryText, ColumnDef, Format};
use std::fmt::Write;

/// What kind of SQL a value becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Number,
    Float,
    Quoted,
    Text,
    Binary(BinaryText),
}

impl Spelling {
    pub(super) fn of(column: &ColumnDef, format: &Format) -> Self {
        let (is_canal, binary) = match format {
            Format::CanalJson => (true, BinaryText::Hex),
            Format::Csv(csv) => (false, csv.binary),
        };
        match column.base_type() {
            "FLOAT" => Self::Float,
            "DOUBLE" | "DATE" | "TIME" | "DATETIME" | "TIMESTAMP" => Self::Quoted,
            "DECIMAL" => Self::Number,
            "ENUM" | "SET" if is_canal => Self::Number,
            _ if column.is_number() => Self::Number,
            _ if column.is_binary() => Self::Binary(binary),
            _ => Self::Text,
        }
    }

    /// The value as SQL.
    pub(super) fn literal(self, value: Option<&str>) -> String {
        let Some(text) = value else { return "NULL".to_owned() };
        match self {
            Self::Number if is_number(text) => text.to_owned(),
            Self::Float => format!("'{}'", exact_float(text)),
            Self::Number | Self::Quoted => format!("'{}'", text.replace('\'', "''")),
            Self::Text if text.is_empty() => "''".to_owned(),
            Self::Text => format!("_utf8mb4 X'{}'", hex(text.as_bytes())),
            Self::Binary(BinaryText::Hex) => format!("X'{text}'"),
            Self::Binary(BinaryText::Base64) => format!("FROM_BASE64('{text}')"),
        }
    }

    /// A condition that holds for exactly this value. `name` is in backquotes, `data_type` that of the target.
    pub(super) fn is_value(self, name: &str, data_type: &str, value: Option<&str>) -> String {
        let literal = self.literal(value);
        let Some(text) = value else { return format!("{name} IS NULL") };
        match self {
            // MySQL's own type, which is compared as a document.
            Self::Text if data_type == "json" => format!("{name} = CAST({literal} AS JSON)"),
            // Equal in every byte: a collation is content with less.
            Self::Text => format!("HEX(CONVERT({name} USING utf8mb4)) = '{}'", hex(text.as_bytes())),
            // Six digits are what a FLOAT shows when it is compared.
            Self::Float => format!("ABS({name} - {literal}) <= ABS({literal}) * 1e-6"),
            Self::Number if matches!(data_type, "enum" | "set" | "bit") => format!("{name} + 0 = {literal}"),
            Self::Binary(_) => format!("HEX({name}) = HEX({literal})"),
            Self::Number | Self::Quoted => format!("{name} = {literal}"),
        }
    }
}

/// The number itself and not its shortest text: that of the greatest is greater, and so out of range.
fn exact_float(text: &str) -> String {
    text.parse::<f32>().map_or_else(|_| text.to_owned(), |number| format!("{:e}", f64::from(number)))
}

/// Whether the text is a number as SQL has it.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|c| c.is_ascii_digit() || c == b'.')
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        write!(hex, "{byte:02X}").expect("a String takes everything");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::CsvOptions;

    #[test]
    fn a_value_becomes_sql_by_its_type() {
        let csv = Format::Csv(CsvOptions::default());
        for (type_name, format, value, wanted) in [
            ("INT UNSIGNED", &csv, "7", "7"),
            ("BIT", &csv, "18446744073709551615", "18446744073709551615"),
            ("DECIMAL", &csv, "-1.50", "-1.50"),
            ("DOUBLE", &csv, "1e+06", "'1e+06'"),
            ("FLOAT", &csv, "3.4028235e+38", "'3.4028234663852886e38'"),
            ("DATE", &csv, "0000-00-00", "'0000-00-00'"),
            ("VARCHAR", &csv, "it's", "_utf8mb4 X'69742773'"),
            ("TEXT", &csv, "", "''"),
            ("ENUM", &csv, "a", "_utf8mb4 X'61'"),
            ("ENUM", &Format::CanalJson, "2", "2"),
            ("BLOB", &csv, "AP8=", "FROM_BASE64('AP8=')"),
            ("BLOB", &Format::CanalJson, "00ff", "X'00ff'"),
        ] {
            let column = ColumnDef { type_name: type_name.to_owned(), ..ColumnDef::default() };
            assert_eq!(Spelling::of(&column, format).literal(Some(value)), wanted, "{type_name}");
            assert_eq!(Spelling::of(&column, format).literal(None), "NULL");
        }
    }
}
