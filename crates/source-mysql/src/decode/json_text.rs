//! How scalars look in JSON text (`output-format` 3.1): numbers, strings, base64.

use std::io::Write;

/// Appends a double: never in exponent form between 1e-15 and 1e15, always with a point if it is whole.
pub(crate) fn number(value: f64, out: &mut Vec<u8>) {
    let magnitude = value.abs();
    let written = if magnitude != 0.0 && !(1e-15..1e15).contains(&magnitude) {
        exponent(value, out)
    } else if value.fract() == 0.0 {
        write!(out, "{value:.1}")
    } else {
        write!(out, "{value}")
    };
    debug_assert!(written.is_ok(), "a Vec takes every write");
}

/// The exponent has a sign and at least two digits.
fn exponent(value: f64, out: &mut Vec<u8>) -> std::io::Result<()> {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    write!(out, "{digits}e{sign}{exponent:0>2}")
}

/// Appends a string in quotes, escaped; malformed UTF-8 becomes U+FFFD.
pub(crate) fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            escaped(c, out);
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice(b"\\ufffd");
        }
    }
    out.push(b'"');
}

fn escaped(c: char, out: &mut Vec<u8>) {
    let short = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\0'..'\u{20}' | '\u{2028}' | '\u{2029}' => {
            let written = write!(out, "\\u{:04x}", u32::from(c));
            debug_assert!(written.is_ok(), "a Vec takes every write");
            return;
        }
        _ => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Appends standard base64 with padding.
pub(crate) fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0, |bits, (i, &b)| bits | usize::from(b) << (16 - 8 * i));
        for i in 0..4 {
            out.push(if i <= chunk.len() { ALPHABET[bits >> (18 - 6 * i) & 63] } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_switch_to_exponents_at_both_ends() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (1e14, "100000000000000.0"),
            (1e15, "1e+15"),
            (1.25e300, "1.25e+300"),
            (1e-15, "0.000000000000001"),
            (1e-16, "1e-16"),
            (5e-9, "0.000000005"),
        ] {
            assert_eq!(with(|out| number(value, out)), text);
        }
    }

    #[test]
    fn strings_are_escaped() {
        let text = with(|out| quoted("a\"\\\u{8}\u{c}\n\r\t\u{1}\u{2028}é".as_bytes(), out));
        assert_eq!(text, "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u2028é\"");
        assert_eq!(with(|out| quoted(b"x\xFFy", out)), "\"x\\ufffdy\"");
    }

    #[test]
    fn base64_pads() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(with(|out| base64(bytes.as_bytes(), out)), text);
        }
    }
}
