//! JSON as Go's `encoding/json` `MarshalIndent` writes it with four spaces: HTML escaping on, no newline at the end.
//!
//! Written by hand because the bytes are checksummed: no other writer escapes `<`, `>`, `&`, U+2028 and U+2029 and
//! formats floats in quite this way.

use serde_json::Value;
use std::io::Write as _;

/// A JSON document being written.
#[derive(Debug, Default)]
pub struct GoJson {
    out: Vec<u8>,
    depth: usize,
    /// Nothing has been written into the innermost container yet.
    fresh: bool,
}

impl GoJson {
    /// Opens an object (`{`) or an array (`[`).
    pub fn open(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.depth += 1;
        self.fresh = true;
    }

    /// Closes the innermost container; an empty one stays on its line.
    pub fn close(&mut self, bracket: u8) {
        self.depth -= 1;
        if !self.fresh {
            self.new_line();
        }
        self.fresh = false;
        self.out.push(bracket);
    }

    /// Starts the next element of an array.
    pub fn element(&mut self) {
        if !self.fresh {
            self.out.push(b',');
        }
        self.fresh = false;
        self.new_line();
    }

    /// Starts the next field of an object.
    pub fn key(&mut self, name: &str) {
        self.element();
        self.string(name);
        self.out.extend_from_slice(b": ");
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        self.out.push(b'"');
        for c in text.chars() {
            match c {
                '"' => self.out.extend_from_slice(br#"\""#),
                '\\' => self.out.extend_from_slice(br"\\"),
                '\n' => self.out.extend_from_slice(br"\n"),
                '\r' => self.out.extend_from_slice(br"\r"),
                '\t' => self.out.extend_from_slice(br"\t"),
                '\u{8}' => self.out.extend_from_slice(br"\b"),
                '\u{c}' => self.out.extend_from_slice(br"\f"),
                '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => self.escape(c),
                plain => self.out.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        self.out.push(b'"');
    }

    /// Writes an unsigned number.
    pub fn number(&mut self, number: u64) {
        self.text(format_args!("{number}"));
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Writes any value.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.null(),
            Value::Bool(truth) => self.text(format_args!("{truth}")),
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) => self.float(float),
                None => self.text(format_args!("{number}")),
            },
            Value::String(text) => self.string(text),
            Value::Array(elements) => {
                self.open(b'[');
                for element in elements {
                    self.element();
                    self.value(element);
                }
                self.close(b']');
            }
            Value::Object(fields) => {
                self.open(b'{');
                for (name, field) in fields {
                    self.key(name);
                    self.value(field);
                }
                self.close(b'}');
            }
        }
    }

    /// The finished document.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Shortest digits; an exponent below 1e-6 and from 1e21, signed when positive.
    fn float(&mut self, float: f64) {
        let size = float.abs();
        if size != 0.0 && !(1e-6..1e21).contains(&size) {
            let text = format!("{float:e}");
            let sign = if size < 1.0 { "e" } else { "e+" };
            self.text(format_args!("{}", text.replace('e', sign)));
        } else {
            self.text(format_args!("{float}"));
        }
    }

    fn escape(&mut self, c: char) {
        self.text(format_args!("\\u{:04x}", u32::from(c)));
    }

    fn new_line(&mut self) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + 4 * self.depth, b' ');
    }

    fn text(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect("a Vec takes every byte");
    }
}

#[cfg(test)]
mod tests {
    use super::GoJson;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn written(value: &Value) -> String {
        let mut json = GoJson::default();
        json.value(value);
        String::from_utf8(json.into_bytes()).expect("JSON is UTF-8")
    }

    #[test]
    fn strings_are_escaped_as_go_escapes_them() {
        for (text, want) in [
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\n\r\t\u{8}\u{c}", r#""\n\r\t\b\f""#),
            ("\0\u{1b}\u{1f}", r#""\u0000\u001b\u001f""#),
            ("<a&b>", r#""\u003ca\u0026b\u003e""#),
            ("\u{2028}\u{2029}", r#""\u2028\u2029""#),
            ("/\u{7f}表é😀", "\"/\u{7f}表é😀\""),
        ] {
            assert_eq!(written(&json!(text)), want);
        }
    }

    #[test]
    fn floats_are_written_as_go_writes_them() {
        for (float, want) in [
            (1.5, "1.5"),
            (1.0, "1"),
            (-0.0, "-0"),
            (0.000_001, "0.000001"),
            (0.000_000_9, "9e-7"),
            (1.25e-10, "1.25e-10"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
        ] {
            assert_eq!(written(&json!(float)), want);
        }
        assert_eq!(written(&json!(u64::MAX)), "18446744073709551615");
    }

    #[test]
    fn containers_are_indented_unless_they_are_empty() {
        let value = json!({"a": [], "b": {}, "c": [1, {"d": null}], "e": true});
        let want = "{\n    \"a\": [],\n    \"b\": {},\n    \"c\": [\n        1,\n        {\n            \
                    \"d\": null\n        }\n    ],\n    \"e\": true\n}";
        assert_eq!(written(&value), want);
    }

    proptest! {
        #[test]
        fn every_string_reads_back(text in any::<String>()) {
            let read: String = serde_json::from_str(&written(&json!(text))).expect("valid JSON");
            prop_assert_eq!(read, text);
        }

        #[test]
        fn every_float_reads_back(float in any::<f64>().prop_filter("JSON has no such number", |f| f.is_finite())) {
            // Not with serde_json's reader, which may be off by one unit in the last place.
            let read: f64 = written(&json!(float)).parse().expect("a number");
            prop_assert_eq!(read, float);
        }
    }
}
