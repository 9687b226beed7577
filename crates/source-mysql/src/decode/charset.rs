//! Text to UTF-8, borrowed where nothing changes.

use super::Fault;
use super::mysql_tables::{big5_extension, corrections};
use encoding_rs::Encoding;
use std::borrow::Cow;

/// How the bytes of a text column become UTF-8.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Charset {
    /// They are UTF-8 already.
    Utf8,
    /// By a table, corrected to MySQL's, except ASCII, which is the same in it.
    Table { web: &'static Encoding, corrections: &'static [(char, char)] },
    /// By a table, character by character: MySQL has others in two rows of it.
    Big5,
    /// UTF-16 in either order of bytes.
    Utf16(&'static Encoding),
    /// Big-endian UTF-32.
    Utf32,
}

impl Charset {
    /// The conversion for a charset by its MySQL name.
    ///
    /// # Errors
    /// [`Fault::Unsupported`] for the charsets that no conversion exists for.
    pub(crate) fn named(name: &str) -> Result<Self, Fault> {
        use encoding_rs as e;
        let web = match name {
            "utf8mb4" | "utf8mb3" | "utf8" | "ascii" | "binary" => return Ok(Self::Utf8),
            "ucs2" | "utf16" => return Ok(Self::Utf16(e::UTF_16BE)),
            "utf16le" => return Ok(Self::Utf16(e::UTF_16LE)),
            "utf32" => return Ok(Self::Utf32),
            "big5" => return Ok(Self::Big5),
            // MySQL's latin1 is the code page: it fills 0x80 to 0x9F, holes as themselves.
            "latin1" => e::WINDOWS_1252,
            "latin2" => e::ISO_8859_2,
            "latin5" => e::WINDOWS_1254,
            "latin7" => e::ISO_8859_13,
            "greek" => e::ISO_8859_7,
            "hebrew" => e::ISO_8859_8,
            "cp1250" => e::WINDOWS_1250,
            "cp1251" => e::WINDOWS_1251,
            "cp1256" => e::WINDOWS_1256,
            "cp1257" => e::WINDOWS_1257,
            "cp866" => e::IBM866,
            "koi8r" => e::KOI8_R,
            "koi8u" => e::KOI8_U,
            "macroman" => e::MACINTOSH,
            "tis620" => e::WINDOWS_874,
            "ujis" | "eucjpms" => e::EUC_JP,
            "sjis" | "cp932" => e::SHIFT_JIS,
            "gb2312" | "gbk" => e::GBK,
            "gb18030" => e::GB18030,
            "euckr" => e::EUC_KR,
            _ => {
                return Err(Fault::unsupported(format!(
                    "text in charset {name} cannot be converted to UTF-8 (converting the column to utf8mb4 avoids it from \
                     then on)"
                )));
            }
        };
        Ok(Self::Table { web, corrections: corrections(name) })
    }

    /// The text in UTF-8. What is malformed in the column's charset becomes U+FFFD; malformed UTF-8 stays as it is.
    #[inline]
    pub(crate) fn to_utf8(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        let text = match self {
            Self::Utf8 => return Cow::Borrowed(bytes),
            Self::Table { .. } | Self::Big5 if bytes.is_ascii() => return Cow::Borrowed(bytes),
            Self::Table { web, corrections } => corrected(decoded(web, bytes), corrections),
            Self::Big5 => big5(bytes),
            Self::Utf16(order) => decoded(order, bytes),
            Self::Utf32 => utf32(bytes),
        };
        Cow::Owned(text.into_bytes())
    }

    /// The same for what must be a `String`: a name, a member, a statement.
    pub(crate) fn to_text(self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(&self.to_utf8(bytes)).into_owned()
    }
}

fn decoded(web: &'static Encoding, bytes: &[u8]) -> String {
    web.decode_without_bom_handling(bytes).0.into_owned()
}

fn corrected(text: String, corrections: &[(char, char)]) -> String {
    if corrections.is_empty() {
        return text;
    }
    let right = |c| corrections.iter().find(|(wrong, _)| *wrong == c).map_or(c, |(_, right)| *right);
    text.chars().map(right).collect()
}

fn big5(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3 / 2);
    let mut rest = bytes;
    while let &[lead, ref tail @ ..] = rest {
        let (extension, length) = match tail.first() {
            Some(&trail) if lead >= 0x80 => (big5_extension(lead, trail), 2),
            Some(_) | None => (None, 1),
        };
        let (code, after) = rest.split_at(length);
        match extension {
            Some(c) => text.push(c),
            None => text.push_str(&corrected(decoded(encoding_rs::BIG5, code), corrections("big5"))),
        }
        rest = after;
    }
    text
}

fn utf32(bytes: &[u8]) -> String {
    let mut chunks = bytes.chunks_exact(4);
    let mut text: String = chunks
        .by_ref()
        .map(|c| c.iter().fold(0, |n, &b| n << 8 | u32::from(b)))
        .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !chunks.remainder().is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Charset;
    use std::borrow::Cow;

    fn utf8(charset: &str, bytes: &[u8]) -> String {
        Charset::named(charset).unwrap().to_text(bytes)
    }

    #[test]
    fn text_of_many_charsets_becomes_utf8() {
        assert_eq!(utf8("latin1", b"caf\xE9 \x80"), "café €");
        assert_eq!(utf8("gbk", b"\xC4\xE3\xBA\xC3"), "你好");
        assert_eq!(utf8("big5", b"\xA7\x41\xA6\x6E"), "你好");
        assert_eq!(utf8("sjis", b"\x82\xB1"), "こ");
        assert_eq!(utf8("euckr", b"\xB0\xA1"), "가");
        assert_eq!(utf8("cp1251", b"\xC4\xE0"), "Да");
        assert_eq!(utf8("ucs2", b"\x00\x41\x4F\x60"), "A你");
        assert_eq!(utf8("utf16le", b"\x41\x00"), "A");
        assert_eq!(utf8("utf32", b"\x00\x01\xF6\x00"), "😀");
        assert_eq!(utf8("utf16", b"\xFE\xFF\x00\x41"), "\u{FEFF}A", "a byte order mark is text");
    }

    #[test]
    fn characters_that_the_web_maps_otherwise_are_mysqls() {
        assert_eq!(utf8("sjis", b"back\x81\x5Fslash"), "back\\slash");
        assert_eq!(utf8("cp932", b"\x81\x5F"), "＼");
        assert_eq!(utf8("big5", b"\xA2\x44 \xC6\xE7 \xC6\xF8 \xC7\xFC"), "¥ ゃ ァ ⑽");
        assert_eq!(utf8("latin5", b"\x80\xFD"), "\u{80}ı");
    }

    #[test]
    fn ascii_is_borrowed() {
        let gbk = Charset::named("gbk").unwrap();
        assert!(matches!(gbk.to_utf8(b"plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_charset_without_conversion_is_named() {
        let fault = Charset::named("dec8").unwrap_err();
        assert!(fault.at("f", 4).to_string().contains("charset dec8"));
    }
}
