//! JSON strings as the ancestor's library (easyjson, HTML escaping on) escapes them.
//!
//! | input | output |
//! |---|---|
//! | `"` `\` | `\"` `\\` |
//! | tab, LF, CR | `\t` `\n` `\r` |
//! | other bytes below 0x20 (backspace and form feed too) | `\u00xx`, lower-case |
//! | `<` `>` `&` | `\u003c` `\u003e` `\u0026` |
//! | U+2028, U+2029 | `\u2028` `\u2029` |
//! | each byte of invalid UTF-8 | `\ufffd` |
//! | everything else (`/` and 0x7f too) | as it is |
//!
//! Plain text is found a block at a time, in loops without an exit that the compiler turns into vector code.

/// Bytes looked at together.
const BLOCK: usize = 32;

/// The first byte of U+2028 and U+2029, and of other characters.
const SEPARATOR_LEAD: u8 = 0xe2;

const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends text, quotes around it not included.
pub(super) fn write_utf8(text: &[u8], out: &mut Vec<u8>) {
    if std::str::from_utf8(text).is_ok() {
        return write_valid(text, out);
    }
    for chunk in text.utf8_chunks() {
        write_valid(chunk.valid().as_bytes(), out);
        for _ in chunk.invalid() {
            out.extend_from_slice(br"\ufffd");
        }
    }
}

/// Appends bytes as if they were Latin-1: each becomes the character of that number.
pub(super) fn write_latin1(bytes: &[u8], out: &mut Vec<u8>) {
    for block in bytes.chunks(BLOCK) {
        if !block.iter().fold(false, |any, &b| any | needs_care(b) | !b.is_ascii()) {
            out.extend_from_slice(block);
            continue;
        }
        // The longest escape of a byte has six.
        let mut text = [0; BLOCK * 6];
        let mut len = 0;
        for &byte in block {
            let written = match byte {
                0x80.. => {
                    text[len..len + 2].copy_from_slice(&[0xc0 | byte >> 6, 0x80 | byte & 0x3f]);
                    2
                }
                byte if needs_care(byte) => {
                    let (escape, escape_len) = escape(byte);
                    text[len..len + 6].copy_from_slice(&escape);
                    escape_len
                }
                byte => {
                    text[len] = byte;
                    1
                }
            };
            len += written;
        }
        out.extend_from_slice(&text[..len]);
    }
}

/// Appends valid UTF-8.
fn write_valid(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    loop {
        let (plain, careful) = rest.split_at(first_careful(rest));
        out.extend_from_slice(plain);
        rest = match careful {
            [] => return,
            [SEPARATOR_LEAD, 0x80, last @ (0xa8 | 0xa9), tail @ ..] => {
                out.extend_from_slice(if *last == 0xa8 { br"\u2028" } else { br"\u2029" });
                tail
            }
            [SEPARATOR_LEAD, tail @ ..] => {
                out.push(SEPARATOR_LEAD);
                tail
            }
            [byte, tail @ ..] => {
                let (escape, len) = escape(*byte);
                out.extend_from_slice(&escape[..len]);
                tail
            }
        };
    }
}

/// Where the first byte is that may not be written as it is; the length if there is none.
fn first_careful(text: &[u8]) -> usize {
    let careful = |byte: u8| needs_care(byte) | (byte == SEPARATOR_LEAD);
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let clean =
        blocks.iter().take_while(|block| !block.iter().fold(false, |any, &b| any | careful(b))).count();
    let start = clean * BLOCK;
    text[start..].iter().position(|&b| careful(b)).map_or(text.len(), |at| start + at)
}

/// Whether an ASCII byte is escaped. Without short circuits, for the sake of vector code.
fn needs_care(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == b'<') | (byte == b'>') | (byte == b'&')
}

/// The escape of an ASCII byte, and how many bytes of it count.
fn escape(byte: u8) -> ([u8; 6], usize) {
    let short = |letter: u8| ([b'\\', letter, 0, 0, 0, 0], 2);
    match byte {
        b'"' | b'\\' => short(byte),
        b'\t' => short(b't'),
        b'\n' => short(b'n'),
        b'\r' => short(b'r'),
        byte => {
            let digit = |nibble: u8| HEX_DIGITS[usize::from(nibble)];
            ([b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)], 6)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf8(text: &[u8]) -> String {
        let mut out = Vec::new();
        write_utf8(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn latin1(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        write_latin1(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_kind_of_escape_has_its_form() {
        assert_eq!(utf8(b"\"\\\t\n\r"), r#"\"\\\t\n\r"#);
        assert_eq!(utf8(b"\x00\x08\x0b\x0c\x1f"), r"\u0000\u0008\u000b\u000c\u001f");
        assert_eq!(utf8(b"<a>&amp;"), r"\u003ca\u003e\u0026amp;");
        assert_eq!(utf8("a\u{2028}b\u{2029}c".as_bytes()), r"a\u2028b\u2029c");
        assert_eq!(utf8(b"/\x7f"), "/\x7f");
    }

    #[test]
    fn other_characters_stay_as_they_are() {
        let text = "你好，世界 “quoted” € \u{1f980} \u{2027}\u{202a}";
        assert_eq!(utf8(text.as_bytes()), text);
    }

    #[test]
    fn every_byte_of_invalid_utf8_becomes_one_escape() {
        assert_eq!(utf8(b"a\xffb"), r"a\ufffdb");
        assert_eq!(utf8(b"\xe2\x80<"), r"\ufffd\ufffd\u003c");
        assert_eq!(utf8(b"\xed\xa0\x80"), r"\ufffd\ufffd\ufffd");
        assert_eq!(utf8(b"\xf0\x9f\xa6"), r"\ufffd\ufffd\ufffd");
    }

    #[test]
    fn an_escape_is_found_wherever_it_stands() {
        for len in 0..3 * BLOCK {
            let mut text = vec![b'x'; 3 * BLOCK];
            text[len] = b'<';
            let expected = String::from_utf8(text.clone()).unwrap().replace('<', r"\u003c");
            assert_eq!(utf8(&text), expected);
        }
    }

    #[test]
    fn every_byte_has_its_latin1_character() {
        let bytes: Vec<u8> = (0..=255).collect();
        let characters: String = bytes.iter().map(|&b| char::from(b)).collect();
        assert_eq!(latin1(&bytes), utf8(characters.as_bytes()));
        let read: String = serde_json::from_str(&format!("\"{}\"", latin1(&bytes))).unwrap();
        assert_eq!(read, characters);
    }
}
