//! Names of schemas and tables as they stand in keys.
//!
//! Nearly all stand there verbatim. A name must not be able to leave its directory, nor take the place of a file of
//! the sink's own, nor be something else in a local directory than in a bucket; and no name stops anybody. So some are
//! escaped, as in a URL:
//!
//! | name | in a key |
//! |---|---|
//! | a slash, a control character | `%2F`, `%00` to `%1F`, `%7F` |
//! | `.` and `..`, as the whole name | `%2E`, `%2E.` |
//! | a schema called `.spillway` or `metadata` | `%2Espillway`, `%6Detadata` |
//! | a percent sign, where it would read as one of these | `%25` |
//!
//! What is behind a percent sign reads as an escape only if it is one of those, in upper case: `100%`, `%x` and `%41` are
//! what they are. Schema files have every name as it is.

use super::{LayoutError, METADATA_KEY};
use object_store::path::Path;
use std::borrow::Cow;

/// The sink's own directory.
const OWN: &str = ".spillway";

/// Checks a schema or table name; `what` says which, for the error.
///
/// # Errors
/// [`LayoutError::UnsafeName`] for the empty name, which no server has.
pub fn check_name(what: &'static str, name: &str) -> Result<(), LayoutError> {
    match name {
        "" => Err(LayoutError::UnsafeName { what, name: String::new(), why: "is empty" }),
        _ => Ok(()),
    }
}

/// A schema's name as it stands in a key.
pub fn schema_in_key(name: &str) -> Cow<'_, str> {
    if name == OWN || name == METADATA_KEY {
        return Cow::Owned(format!("%{:02X}{}", name.as_bytes()[0], &name[1..]));
    }
    table_in_key(name)
}

/// A table's name as it stands in a key.
pub fn table_in_key(name: &str) -> Cow<'_, str> {
    if name == "." || name == ".." {
        return Cow::Owned(format!("%2E{}", &name[1..]));
    }
    let is_escaped = |at: usize, c: char| match c {
        '/' => true,
        '%' => escape_at(&name[at..]).is_some(),
        c => c.is_ascii_control(),
    };
    if !name.char_indices().any(|(at, c)| is_escaped(at, c)) {
        return Cow::Borrowed(name);
    }
    let mut text = String::with_capacity(name.len() + 8);
    for (at, c) in name.char_indices() {
        match is_escaped(at, c) {
            true => text.push_str(&format!("%{:02X}", u32::from(c))),
            false => text.push(c),
        }
    }
    Cow::Owned(text)
}

/// The name that stands in a key.
pub fn name_in_key(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match escape_at(rest) {
            Some(escaped) => {
                name.push(escaped);
                rest = &rest[3..];
            }
            None => {
                name.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    Cow::Owned(name)
}

/// The character whose escape a text begins with.
fn escape_at(text: &str) -> Option<char> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let &[b'%', high, low, ..] = text.as_bytes() else { return None };
    let c = char::from(digit(high)? * 16 + digit(low)?);
    (c.is_ascii_control() || matches!(c, '/' | '.' | '%' | 'm')).then_some(c)
}

/// The key of a text whose names have been escaped.
///
/// # Panics
/// If they have not: a directory is only ever made of escaped names, numbers and dates.
pub(super) fn key(text: String) -> Path {
    Path::parse(text).expect("a key is made of escaped names, numbers and dates")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_could_leave_their_directory_are_escaped() {
        for (name, text) in [
            (".", "%2E"),
            ("..", "%2E."),
            ("a/b", "a%2Fb"),
            ("/", "%2F"),
            ("../x", "..%2Fx"),
            ("nul\0", "nul%00"),
            ("tab\t", "tab%09"),
            ("del\u{7f}", "del%7F"),
            ("a%2Fb", "a%252Fb"),
            ("%25", "%2525"),
            ("%/", "%%2F"),
        ] {
            assert_eq!(table_in_key(name), text);
            assert_eq!(schema_in_key(name), text);
            assert_eq!(key(format!("{text}/{text}/5")).as_ref(), format!("{text}/{text}/5"));
        }
        assert!(check_name("table", "").is_err());
    }

    #[test]
    fn a_database_does_not_take_the_place_of_what_is_the_sinks_own() {
        for (name, text) in [(".spillway", "%2Espillway"), ("metadata", "%6Detadata")] {
            assert_eq!(schema_in_key(name), text);
            assert_eq!(name_in_key(text), name);
            assert_eq!(table_in_key(name), name, "a table's directory is below its database's");
        }
    }

    #[test]
    fn every_other_name_stands_in_its_key_verbatim() {
        for name in [
            "a b",
            "a#1",
            "100%",
            "%2f",
            "%41",
            "a?b",
            "a*b",
            "~x",
            "\"q\"",
            "a\\b",
            "<t>",
            "[x]",
            "{y}",
            "a|b",
            "`t`",
            "表",
            "...",
            "..a",
            "-x",
            "a:b",
            "é",
            "metadata2",
            ".spillway2",
        ] {
            assert_eq!(schema_in_key(name), name);
            assert_eq!(key(format!("{name}/{name}/5")).as_ref(), format!("{name}/{name}/5"));
        }
    }

    proptest! {
        /// Of the characters that matter, and some that do not.
        #[test]
        fn what_is_escaped_reads_back_and_can_stand_in_a_key(
            name in "[%./mE0-9A-F\u{0}\u{9}\u{7f}a-c表 ]{1,12}",
        ) {
            for text in [schema_in_key(&name), table_in_key(&name)] {
                prop_assert_eq!(name_in_key(&text), name.as_str());
                let path = key(format!("{text}/{text}/5"));
                prop_assert_eq!(path.parts().count(), 3, "{}", text);
                prop_assert!(!text.chars().any(|c| c.is_ascii_control()));
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,20}") {
            drop(name_in_key(&text));
        }
    }
}
