//! Fields: the delimiter before them, and strings set off in either way.

use super::{CsvConfig, escaping::Escaping};
use memchr::{memchr, memchr_iter, memrchr};

/// Writes fields. A string is written in three steps: [`open`](Self::open), its plain bytes appended to the
/// output, [`close`](Self::close), so that nothing is rendered anywhere else first.
#[derive(Clone, Debug)]
pub(super) struct Quoting {
    delimiter: Short,
    /// The delimiter, and the quote if there is one.
    opening: Short,
    style: Style,
    /// Whether nothing that needs care can occur in [rendered](Self::close_rendered) text.
    rendered_is_safe: bool,
}

/// Up to four bytes, written as four of which some are taken back: a copy of known length is one instruction.
#[derive(Clone, Copy, Debug)]
struct Short {
    bytes: [u8; 4],
    len: usize,
}

impl Short {
    /// # Panics
    /// If there are more than four.
    fn new(text: &[u8]) -> Self {
        let mut bytes = [0; 4];
        bytes[..text.len()].copy_from_slice(text);
        Self { bytes, len: text.len() }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len;
        out.extend_from_slice(&self.bytes);
        out.truncate(end);
    }
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
            delimiter: Short::new(delimiter),
            opening: Short::new(&[delimiter, config.quote.as_bytes()].concat()),
            style,
            rendered_is_safe: !care.is_some_and(can_be_rendered),
        }
    }

    /// Starts a field that is no string.
    pub(super) fn bare(&self, out: &mut Vec<u8>) {
        self.delimiter.write(out);
    }

    /// Starts a string and says where; its bytes follow.
    pub(super) fn open(&self, out: &mut Vec<u8>) -> usize {
        self.opening.write(out);
        out.len()
    }

    /// Starts the first field of a line, a string, and says where.
    pub(super) fn open_line(&self, out: &mut Vec<u8>) -> usize {
        out.extend_from_slice(&self.opening.bytes[self.delimiter.len..self.opening.len]);
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
        // The text is searched where it was first: faster than in its copy, which is still on its way to memory.
        if self.needs_no_care(text) {
            return self.plain_string(text, out);
        }
        let start = self.open(out);
        out.extend_from_slice(text);
        self.close(start, out);
    }

    /// Writes a whole string field whose text [needs no care](Self::needs_no_care).
    pub(super) fn plain_string(&self, text: &[u8], out: &mut Vec<u8>) {
        self.opening.write(out);
        out.extend_from_slice(text);
        if let Style::Quoted(quote) = self.style {
            out.push(quote);
        }
    }

    /// Whether strings of these bytes are written as they are.
    pub(super) fn needs_no_care(&self, text: &[u8]) -> bool {
        match &self.style {
            Style::Quoted(quote) => memchr(*quote, text).is_none(),
            Style::Escaped(escaping) => escaping.first_careful(text).is_none(),
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
