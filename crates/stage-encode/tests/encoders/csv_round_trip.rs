//! Whatever the strings and whatever the delimiter and the quote: a reader gets the strings back.

use crate::event::event;
use change_event::{Column, ColumnKind, Op, Value};
use proptest::{collection::vec, prelude::*, sample::select};
use stage_encode::{Csv, CsvConfig, Encoder};

/// One field as a reader finds it.
#[derive(Clone, Debug, PartialEq)]
enum Field {
    Null,
    String(Vec<u8>),
}

/// A reader that knows only the options: the mirror of nothing in the encoder.
struct Reader<'a> {
    config: &'a CsvConfig,
    rest: &'a [u8],
}

impl Reader<'_> {
    fn lines(mut self) -> Vec<Vec<Field>> {
        let mut lines = Vec::new();
        while !self.rest.is_empty() {
            let mut line = vec![self.field()];
            while self.skip(self.config.delimiter.as_bytes()) {
                line.push(self.field());
            }
            assert!(
                self.skip(self.config.terminator.as_bytes()),
                "at {:?}",
                self.rest.escape_ascii().to_string()
            );
            lines.push(line);
        }
        lines
    }

    fn field(&mut self) -> Field {
        match self.config.quote.as_bytes() {
            [] => self.escaped(),
            &[quote] => self.quoted(quote),
            _ => unreachable!(),
        }
    }

    fn quoted(&mut self, quote: u8) -> Field {
        if !self.skip(&[quote]) {
            assert!(self.skip(self.config.null.as_bytes()));
            return Field::Null;
        }
        let mut text = Vec::new();
        loop {
            let byte = self.next();
            if byte != quote {
                text.push(byte);
            } else if self.skip(&[quote]) {
                text.push(quote);
            } else {
                return Field::String(text);
            }
        }
    }

    fn escaped(&mut self) -> Field {
        let null = self.config.null.as_bytes();
        let mut text = Vec::new();
        let mut raw_len = 0;
        let whole = self.rest;
        while !self.rest.starts_with(self.config.delimiter.as_bytes())
            && !self.rest.starts_with(self.config.terminator.as_bytes())
        {
            let byte = match self.next() {
                b'\\' => match self.next() {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    byte => byte,
                },
                byte => byte,
            };
            text.push(byte);
            raw_len = whole.len() - self.rest.len();
        }
        if &whole[..raw_len] == null { Field::Null } else { Field::String(text) }
    }

    fn next(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().expect("a field ends before the file does");
        self.rest = rest;
        *first
    }

    fn skip(&mut self, prefix: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[derive(Clone, Debug)]
enum Cell {
    Null,
    Text(Vec<u8>),
    Bytes(Vec<u8>),
}

/// Bytes that make trouble, more often than others.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => select(&b",*ab|\"'\\\n\r\x00N"[..]), 1 => any::<u8>()];
    vec(byte, 0..40)
}

fn cells() -> impl Strategy<Value = Vec<Cell>> {
    let cell = prop_oneof![
        1 => Just(Cell::Null),
        4 => bytes().prop_map(Cell::Text),
        2 => bytes().prop_map(Cell::Bytes),
    ];
    vec(cell, 1..5)
}

fn delimiter(of: &'static [u8]) -> impl Strategy<Value = String> {
    vec(select(of), 1..4).prop_map(|bytes| bytes.into_iter().map(char::from).collect())
}

fn quoted_config() -> impl Strategy<Value = CsvConfig> {
    (delimiter(b",*ab|\\; \t"), select(&b"\"'*b|=0\\I"[..]))
        .prop_map(|(delimiter, quote)| CsvConfig {
            delimiter,
            quote: char::from(quote).to_string(),
            null: "<null>".to_owned(),
            ..CsvConfig::default()
        })
        .prop_filter("legal options", |config| config.validate().is_ok())
}

fn escaped_config() -> impl Strategy<Value = CsvConfig> {
    delimiter(b",*ab|=; \t").prop_map(|delimiter| CsvConfig {
        delimiter,
        quote: String::new(),
        ..CsvConfig::default()
    })
}

fn reads_back(config: CsvConfig, table: &str, rows: &[Vec<Cell>]) -> Result<(), TestCaseError> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let columns = (0..width).map(|at| Column::new(format!("c{at}"), ColumnKind::Text)).collect();
    let images: Vec<Vec<Value<'_>>> = rows
        .iter()
        .map(|row| {
            let known = row.iter().map(|cell| match cell {
                Cell::Null => Value::Null,
                Cell::Text(text) => Value::Text(text),
                Cell::Bytes(bytes) => Value::Bytes(bytes),
            });
            known.chain(std::iter::repeat(Value::Null)).take(width).collect()
        })
        .collect();
    let changes: Vec<_> = images.iter().map(|image| (Op::Insert, image.as_slice())).collect();
    let event = event(table, columns, &changes);
    let mut out = Vec::new();
    Csv::new(config.clone()).unwrap().encode(&event, &mut out).unwrap();

    let found = Reader { config: &config, rest: &out }.lines();
    let place = ["I", table, "test"].map(|text| Field::String(text.as_bytes().to_vec()));
    let expected: Vec<Vec<Field>> = images
        .iter()
        .map(|image| place.iter().cloned().chain(image.iter().map(expected)).collect())
        .collect();
    prop_assert_eq!(found, expected, "{}", out.escape_ascii());
    Ok(())
}

fn expected(value: &Value<'_>) -> Field {
    match value {
        Value::Text(text) => Field::String(text.to_vec()),
        Value::Bytes(bytes) => Field::String(base64(bytes)),
        _ => Field::Null,
    }
}

/// Base64 the slow way: bit by bit.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let digit = |six: &[u8]| {
        let padded = six.iter().chain(std::iter::repeat(&0)).take(6);
        digits[padded.fold(0usize, |sum, &bit| sum * 2 + usize::from(bit))]
    };
    let mut text: Vec<u8> = bits.chunks(6).map(digit).collect();
    text.resize(text.len().next_multiple_of(4), b'=');
    text
}

proptest! {
    #[test]
    fn quoted_strings_read_back(config in quoted_config(), table in "[a-z\"'*|,\\\\]{1,8}", rows in vec(cells(), 1..4)) {
        reads_back(config, &table, &rows)?;
    }

    #[test]
    fn escaped_strings_read_back(config in escaped_config(), table in "[a-z\"'*|,\\\\]{1,8}", rows in vec(cells(), 1..4)) {
        reads_back(config, &table, &rows)?;
    }
}
