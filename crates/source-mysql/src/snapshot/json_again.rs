//! The JSON text of a MySQL as the log's binary form would come out: strings and doubles may be written in other ways.

use crate::decode::{json_number, json_string};

/// Appends a document that the server wrote.
pub(super) fn write(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(&first) = rest.first() {
        let (token, after) = match first {
            b'"' => rest.split_at(end_of_string(rest)),
            b'-' | b'0'..=b'9' => rest.split_at(end_of_number(rest)),
            _ => rest.split_at(1),
        };
        match first {
            b'"' => string(token, out),
            b'-' | b'0'..=b'9' => number(token, out),
            _ => out.extend_from_slice(token),
        }
        rest = after;
    }
}

/// The length of a string with its quotes.
fn end_of_string(text: &[u8]) -> usize {
    let mut escaped = false;
    for (i, &byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return i + 1,
            _ => {}
        }
    }
    text.len()
}

fn end_of_number(text: &[u8]) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
    text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len())
}

/// What is not read as a string stays as it is.
fn string(token: &[u8], out: &mut Vec<u8>) {
    match serde_json::from_slice::<String>(token) {
        Ok(text) => json_string(text.as_bytes(), out),
        Err(_) => out.extend_from_slice(token),
    }
}

/// A double has a point or an exponent. A number with a point may be a DECIMAL as well, which keeps its digits; the
/// same digits come out of a double that needs no exponent.
fn number(token: &[u8], out: &mut Vec<u8>) {
    let double = std::str::from_utf8(token).ok().and_then(|text| text.parse::<f64>().ok());
    match double {
        Some(double) if token.iter().any(|byte| matches!(byte, b'e' | b'E')) => json_number(double, out),
        _ => out.extend_from_slice(token),
    }
}

#[cfg(test)]
mod tests {
    use super::write;

    fn again(text: &str) -> String {
        let mut out = Vec::new();
        write(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_written_alike_stays() {
        for text in [
            r#"{"a": [1, 2.5, null, true], "b\"": "x\\"}"#,
            "[]",
            "-1.250",
            "18446744073709551615",
            r#""base64:type15:AP8=""#,
            "\"\u{e9}\"",
        ] {
            assert_eq!(again(text), text);
        }
    }

    #[test]
    fn doubles_and_strings_come_in_the_form_of_the_log() {
        assert_eq!(again("[1e300, -2E-20, 1e15]"), "[1e+300, -2e-20, 1e+15]");
        assert_eq!(again("\"\u{2028}\\u0001\""), r#""\u2028\u0001""#);
    }
}
