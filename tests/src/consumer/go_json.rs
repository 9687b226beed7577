//! JSON as the schema files spell it: Go's `MarshalIndent` with four spaces (`output-format` 2.8).

use serde_json::{Number, Value};
use std::fmt::Write;

const INDENT: &str = "    ";

/// Writes a value. Objects keep the order of their pairs, which is why they are not [`Value`]s.
pub(super) enum Json<'a> {
    /// Any scalar.
    Scalar(&'a Value),
    /// A string.
    Text(&'a str),
    /// A whole number.
    Whole(u64),
    /// `null`
    Null,
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object, in order.
    Object(Vec<(&'static str, Json<'a>)>),
}

impl Json<'_> {
    /// The bytes of the file: no line end at the end.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Scalar(value) => write_scalar(out, value),
            Self::Text(text) => write_string(out, text),
            Self::Whole(number) => out.push_str(&number.to_string()),
            Self::Null => out.push_str("null"),
            Self::Array(items) => {
                write_block(out, depth, ['[', ']'], items, |out, item| item.write(out, depth + 1));
            }
            Self::Object(pairs) => {
                write_block(out, depth, ['{', '}'], pairs, |out, (name, value)| {
                    write_string(out, name);
                    out.push_str(": ");
                    value.write(out, depth + 1);
                });
            }
        }
    }
}

fn write_block<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    items: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.push_str(&INDENT.repeat(depth + 1));
        write(out, item);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&INDENT.repeat(depth));
    }
    out.push(close);
}

fn write_scalar(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => write_string(out, text),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => out.push_str(&value.to_string()),
    }
}

/// A number as Go writes it after it has read it: as a double.
fn number_text(number: &Number) -> String {
    let double = number.as_f64().unwrap_or_default();
    let magnitude = double.abs();
    if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        return format!("{double}");
    }
    let text = format!("{double:e}");
    if text.contains("e-") { text } else { text.replace('e', "e+") }
}

/// A string with Go's escapes, those for HTML included.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a String cannot fail.
                write!(out, "\\u{:04x}", u32::from(c)).ok();
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Value) -> String {
        Json::Scalar(&value).to_text()
    }

    #[test]
    fn strings_escape_what_html_minds() {
        let value = Value::from("a<b>&\"\\\n\u{1}\u{8}\u{2028}/\u{7f}ü");
        assert_eq!(text(value), "\"a\\u003cb\\u003e\\u0026\\\"\\\\\\n\\u0001\\b\\u2028/\u{7f}ü\"");
    }

    #[test]
    fn numbers_use_an_exponent_only_when_very_small_or_very_large() {
        for (number, wanted) in [
            (0.0, "0"),
            (12_345_678.0, "12345678"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (0.000_001, "0.000001"),
            (1.5e-7, "1.5e-7"),
        ] {
            assert_eq!(text(Value::from(number)), wanted);
        }
    }

    #[test]
    fn empty_arrays_stay_on_their_line() {
        assert_eq!(Json::Array(Vec::new()).to_text(), "[]");
        let object =
            Json::Object(vec![("A", Json::Array(vec![Json::Whole(1), Json::Null])), ("B", Json::Text(""))]);
        assert_eq!(object.to_text(), "{\n    \"A\": [\n        1,\n        null\n    ],\n    \"B\": \"\"\n}");
    }
}
