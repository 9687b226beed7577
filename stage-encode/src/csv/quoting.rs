//! Fields: the delimiter before them, and strings set off in either way.

use super::{CsvConfig, escaping::Escaping};
use memchr::{memchr, memchr_iter, memrchr};

/// Writes fields. A string is written in three steps: [`open`](Self::open), its plain bytes appended to the
/// output, [`close`](Self::close), so that nothing is rendered anywhere else first.
#[derive(Clone, Debug)]
pub(super) struct Quoting {
    /// The delimiter, and the quote if there is one.
    opening: Box<[u8]>,
    delimiter_len: usize,
    style: Style,
    /// Whether nothing that needs care can occur in [rendered](Self::close_rendered) text.
    rendered_is_safe: bool,
}

#[derive(Clone, Debug)]
enum Style {
    Quoted(u8),
    Escaped(Escaping),
}

impl Quoting {
    /// `config` is valid.
    pub(super) fn new(config: &CsvConfig) -> Self {
        let delimiter = config.delimiter.as_bytes();
        let quote = config.quote.as_bytes().first().copied();
        let style = match quote {
            Some(quote) => Style::Quoted(quote),
            None => Style::Escaped(Escaping::new(delimiter)),
        };
        let care = quote.or(delimiter.first().copied());
        Self {
            opening: [delimiter, config.quote.as_bytes()].concat().into(),
            delimiter_len: delimiter.len(),
            style,
            rendered_is_safe: !care.is_some_and(can_be_rendered),
        }
    }

    /// Starts a field that is no string.
    pub(super) fn bare(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.opening[..self.delimiter_len]);
    }

    /// Starts a string and says where; its bytes follow.
    pub(super) fn open(&self, out: &mut Vec<u8>) -> usize {
        out.extend_from_slice(&self.opening);
        out.len()
    }

    /// Starts the first field of a line, a string, and says where.
    pub(super) fn open_line(&self, out: &mut Vec<u8>) -> usize {
        out.extend_from_slice(&self.opening[self.delimiter_len..]);
        out.len()
    }

    /// Ends the string that started there.
    pub(super) fn close(&self, start: usize, out: &mut Vec<u8>) {
        match &self.style {
            Style::Quoted(quote) => {
                double(*quote, start, out);
                out.push(*quote);
            }
            Style::Escaped(escaping) => escaping.escape_from(start, out),
        }
    }

    /// Ends a string made of nothing but digits, base64 and the punctuation of dates: as a rule it needs no care.
    pub(super) fn close_rendered(&self, start: usize, out: &mut Vec<u8>) {
        match &self.style {
            Style::Quoted(quote) if self.rendered_is_safe => out.push(*quote),
            Style::Escaped(_) if self.rendered_is_safe => {}
            Style::Quoted(_) | Style::Escaped(_) => self.close(start, out),
        }
    }

    /// Writes a whole string field.
    pub(super) fn string(&self, text: &[u8], out: &mut Vec<u8>) {
        let start = self.open(out);
        out.extend_from_slice(text);
        // The text is searched where it was first: faster than in its copy, which is still on its way to memory.
        match &self.style {
            Style::Quoted(quote) if memchr(*quote, text).is_none() => out.push(*quote),
            Style::Escaped(escaping) if escaping.first_careful(text).is_none() => {}
            Style::Quoted(_) | Style::Escaped(_) => self.close(start, out),
        }
    }
}

/// Whether a byte occurs in dates, times, base64 or hexadecimal.
fn can_be_rendered(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=-:. ".contains(&byte)
}

/// Doubles every quote that `out` holds from `start` on, from the last to the first, in place.
fn double(quote: u8, start: usize, out: &mut Vec<u8>) {
    let Some(first) = memchr(quote, &out[start..]) else {
        return;
    };
    let mut end = out.len();
    let mut write = end + memchr_iter(quote, &out[start + first..]).count();
    out.resize(write, quote);
    while write > end {
        let Some(at) = memrchr(quote, &out[..end]) else {
            break;
        };
        write -= end - at;
        out.copy_within(at..end, write);
        write -= 1;
        out[write] = quote;
        end = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(delimiter: &str, quote: &str, text: &str) -> String {
        let config =
            CsvConfig { delimiter: delimiter.to_owned(), quote: quote.to_owned(), ..CsvConfig::default() };
        let mut out = Vec::new();
        Quoting::new(&config).string(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_ancestors_quote_goldens_hold() {
        assert_eq!(field(",", "\"", "a,b,c"), r#","a,b,c""#);
        assert_eq!(field(",", "\"", r#""a,b,c"#), r#","""a,b,c""#);
        assert_eq!(field(",", "\"", ""), r#","""#);
    }

    #[test]
    fn every_quote_is_doubled_and_nothing_else_is_changed() {
        assert_eq!(field(";", "'", "''a'\r\n\\;''"), ";'''''a''\r\n\\;'''''");
    }

    #[test]
    fn rendered_text_is_looked_at_where_it_could_hold_the_quote() {
        let config = CsvConfig { quote: "=".to_owned(), ..CsvConfig::default() };
        let quoting = Quoting::new(&config);
        let mut out = Vec::new();
        let start = quoting.open(&mut out);
        out.extend_from_slice(b"Zg==");
        quoting.close_rendered(start, &mut out);
        assert_eq!(out, b",=Zg=====");
    }
}
