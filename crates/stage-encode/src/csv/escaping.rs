//! Strings without quotes: a backslash before what would end them.

use memchr::{memchr, memchr3};

/// Escapes strings for one delimiter.
///
/// LF, CR and backslash become `\n`, `\r` and `\\`. Where the delimiter starts, each of its bytes gets a backslash
/// and the delimiter is passed as a unit. A reader can take this back unless the delimiter holds a backslash or a
/// letter or digit that its reader knows as an escape (`n`, `r`, …): choose another one then.
///
/// The ancestor panics, or writes what reads back wrongly, for a delimiter that overlaps itself (`**`): the string
/// `a*` before `**` looks like a delimiter and a `*`. Here the last bytes of a string get a backslash too if
/// they would form a delimiter with the one that follows. For every other delimiter the bytes are the ancestor's;
/// one beyond ASCII is written as it is and not, as there, byte by byte as code points.
#[derive(Clone, Debug)]
pub(super) struct Escaping {
    delimiter: Box<[u8]>,
}

/// What stands at a place in a string.
enum Found {
    Plain,
    Control(u8),
    Delimiter(usize),
}

impl Escaping {
    /// `delimiter` is not empty.
    pub(super) fn new(delimiter: &[u8]) -> Self {
        Self { delimiter: delimiter.into() }
    }

    /// Where the first byte is that may need a backslash.
    pub(super) fn first_careful(&self, text: &[u8]) -> Option<usize> {
        let control = memchr3(b'\n', b'\r', b'\\', text);
        let delimiter = memchr(self.delimiter[0], text);
        control.into_iter().chain(delimiter).min()
    }

    /// Escapes what `out` holds from `start` on.
    pub(super) fn escape_from(&self, start: usize, out: &mut Vec<u8>) {
        if let Some(first) = self.first_careful(&out[start..]) {
            self.rewrite(start + first, out);
        }
    }

    /// Appends the escaped text behind the plain one, then takes the plain one away.
    fn rewrite(&self, first: usize, out: &mut Vec<u8>) {
        let end = out.len();
        let (mut plain_from, mut at) = (first, first);
        while at < end {
            let found = self.look(&out[at..end]);
            if matches!(found, Found::Plain) {
                at += 1;
                continue;
            }
            out.extend_from_within(plain_from..at);
            at += match found {
                Found::Plain => 0,
                Found::Control(letter) => {
                    out.extend_from_slice(&[b'\\', letter]);
                    1
                }
                Found::Delimiter(len) => {
                    for &byte in &self.delimiter[..len] {
                        out.extend_from_slice(&[b'\\', byte]);
                    }
                    len
                }
            };
            plain_from = at;
        }
        out.extend_from_within(plain_from..end);
        out.drain(first..end);
    }

    fn look(&self, rest: &[u8]) -> Found {
        if rest.starts_with(&self.delimiter) {
            return Found::Delimiter(self.delimiter.len());
        }
        match rest[0] {
            b'\n' => Found::Control(b'n'),
            b'\r' => Found::Control(b'r'),
            b'\\' => Found::Control(b'\\'),
            _ if self.joins_the_next(rest) => Found::Delimiter(1),
            _ => Found::Plain,
        }
    }

    /// Whether a string's last bytes start a delimiter together with the delimiter that follows the string.
    fn joins_the_next(&self, rest: &[u8]) -> bool {
        let delimiter = &*self.delimiter;
        rest.len() < delimiter.len()
            && delimiter.starts_with(rest)
            && delimiter.starts_with(&delimiter[rest.len()..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(delimiter: &str, text: &str) -> String {
        let mut out = format!("before{delimiter}{text}").into_bytes();
        let start = out.len() - text.len();
        Escaping::new(delimiter.as_bytes()).escape_from(start, &mut out);
        let out = String::from_utf8(out).unwrap();
        out.strip_prefix(&format!("before{delimiter}")).unwrap().to_owned()
    }

    #[test]
    fn the_ancestors_goldens_hold() {
        assert_eq!(escaped(",", "abcdef"), "abcdef");
        assert_eq!(escaped(",", "abc\r\ndef"), r"abc\r\ndef");
        assert_eq!(escaped(",", r"abc\def"), r"abc\\def");
        assert_eq!(escaped(",", "abc,def"), r"abc\,def");
        assert_eq!(escaped("***", "abc***def"), r"abc\*\*\*def");
        assert_eq!(escaped("?", r"abc\def?ghi\r\n"), r"abc\\def\?ghi\\r\\n");
        assert_eq!(escaped("!", "a!b!c!def"), r"a\!b\!c\!def");
        assert_eq!(escaped(",", "a\\b\\c"), r"a\\b\\c");
    }

    #[test]
    fn part_of_a_delimiter_stays_as_it_is() {
        assert_eq!(escaped("***", "a*b**c"), "a*b**c");
        assert_eq!(escaped("ab", "aab b"), r"a\a\b b");
        assert_eq!(escaped("ab", "xa"), "xa");
    }

    #[test]
    fn a_delimiter_that_overlaps_itself_is_never_ambiguous() {
        assert_eq!(escaped("**", "***"), r"\*\*\*");
        assert_eq!(escaped("**", "a*"), r"a\*");
        assert_eq!(escaped("***", "a**"), r"a\*\*");
        assert_eq!(escaped("aba", "ab"), r"\ab");
    }

    #[test]
    fn a_delimiter_with_a_backslash_does_no_harm() {
        assert_eq!(escaped("|\\", "a|\\b\\"), r"a\|\\b\\");
        assert_eq!(escaped("\\", "a\\b"), r"a\\b");
    }

    #[test]
    fn a_delimiter_beyond_ascii_is_written_as_it_is() {
        let mut out = "a€b".as_bytes().to_vec();
        Escaping::new("€".as_bytes()).escape_from(0, &mut out);
        assert_eq!(out, b"a\\\xe2\\\x82\\\xacb");
    }
}
