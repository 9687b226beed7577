//! Rows from CSV (`output-format` 3.1).

use super::row::Expected;
use super::{CsvOptions, Op, Row, Violation};
use bytes::Bytes;

/// One field: its value, and whether it stood in quotes.
struct Field {
    value: Option<String>,
    quoted: bool,
}

/// Reads every row of a data file.
pub(super) fn read_rows(
    content: &Bytes,
    csv: &CsvOptions,
    expected: &Expected<'_>,
) -> Result<Vec<Row>, Violation> {
    let mut reader = Reader { rest: content, csv, terminator: expected.options.terminator.as_bytes() };
    if csv.header {
        reader.skip_header(&header(csv, expected)).map_err(|problem| expected.malformed(0, problem))?;
    }
    let mut rows = Vec::new();
    while !reader.rest.is_empty() {
        let number = rows.len() + 1;
        let start = reader.rest;
        let fields = reader.read_fields().map_err(|problem| expected.malformed(number, problem))?;
        let raw = content.slice_ref(&start[..start.len() - reader.rest.len()]);
        rows.push(row_of(fields, raw, number, csv, expected)?);
    }
    Ok(rows)
}

/// Cuts bytes into fields.
struct Reader<'a> {
    rest: &'a [u8],
    csv: &'a CsvOptions,
    terminator: &'a [u8],
}

impl Reader<'_> {
    /// Reads up to and including the next terminator.
    fn read_fields(&mut self) -> Result<Vec<Field>, String> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.read_field()?);
            if self.skip(self.terminator) {
                return Ok(fields);
            }
            if !self.skip(self.csv.delimiter.as_bytes()) {
                let seen = String::from_utf8_lossy(&self.rest[..self.rest.len().min(20)]);
                return Err(format!("neither delimiter nor terminator after a field: {seen:?}"));
            }
        }
    }

    fn read_field(&mut self) -> Result<Field, String> {
        match self.csv.quote {
            Some(quote) if self.rest.first() == Some(&quote) => self.read_quoted(quote),
            quote => self.read_plain(quote.is_none()),
        }
    }

    /// Reads a string in quotes; a doubled quote is one.
    fn read_quoted(&mut self, quote: u8) -> Result<Field, String> {
        let mut value = Vec::new();
        let mut at = 1;
        loop {
            let length = self.rest[at..].iter().position(|&byte| byte == quote);
            let end = at + length.ok_or("a quote is not closed")?;
            value.extend_from_slice(&self.rest[at..end]);
            if self.rest.get(end + 1) != Some(&quote) {
                self.rest = &self.rest[end + 1..];
                break;
            }
            value.push(quote);
            at = end + 2;
        }
        let value = String::from_utf8(value).map_err(|_| "a value is not UTF-8")?;
        Ok(Field { value: Some(value), quoted: true })
    }

    /// Reads up to the next delimiter or terminator; with `escapes`, backslashes are resolved.
    fn read_plain(&mut self, escapes: bool) -> Result<Field, String> {
        let mut value = Vec::new();
        let mut at = 0;
        while at < self.rest.len() {
            let rest = &self.rest[at..];
            if rest.starts_with(self.csv.delimiter.as_bytes()) || rest.starts_with(self.terminator) {
                break;
            }
            if escapes && rest[0] == b'\\' {
                match rest.get(1).ok_or("a backslash ends the file")? {
                    b'n' => value.push(b'\n'),
                    b'r' => value.push(b'\r'),
                    other => value.push(*other),
                }
                at += 2;
            } else {
                value.push(rest[0]);
                at += 1;
            }
        }
        let is_null = &self.rest[..at] == self.csv.null.as_bytes();
        self.rest = &self.rest[at..];
        let value = String::from_utf8(value).map_err(|_| "a value is not UTF-8")?;
        Ok(Field { value: (!is_null).then_some(value), quoted: false })
    }

    fn skip(&mut self, what: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_header(&mut self, header: &str) -> Result<(), String> {
        if self.skip(header.as_bytes()) {
            return Ok(());
        }
        Err(format!("the file does not start with the header {header:?}"))
    }
}

/// The header line, terminator included.
fn header(csv: &CsvOptions, expected: &Expected<'_>) -> String {
    let mut names = vec!["ticdc-meta$operation", "ticdc-meta$table", "ticdc-meta$schema"];
    if expected.options.commit_ts {
        names.push("ticdc-meta$commit-ts");
    }
    if csv.output_old_value {
        names.push("ticdc-meta$is-update");
    }
    names.extend(expected.columns.iter().map(|column| column.name.as_str()));
    names.join(&csv.delimiter) + &expected.options.terminator
}

/// Makes sense of the fields of one row.
fn row_of(
    fields: Vec<Field>,
    raw: Bytes,
    number: usize,
    csv: &CsvOptions,
    expected: &Expected<'_>,
) -> Result<Row, Violation> {
    let malformed = |problem: String| expected.malformed(number, problem);
    let leading = 3 + usize::from(expected.options.commit_ts) + usize::from(csv.output_old_value);
    if fields.len() < leading {
        return Err(malformed(format!("{} fields, not even {leading}", fields.len())));
    }
    let mut fields = fields.into_iter();
    let mut next = |what: &str, is_string: bool| {
        let field = fields.next().filter(|field| field.quoted == (is_string && csv.quote.is_some()));
        field
            .and_then(|field| field.value)
            .ok_or_else(|| malformed(format!("{what} is missing or quoted wrongly")))
    };
    let op = match next("the operation", true)?.as_str() {
        "I" => Op::Insert,
        "U" => Op::Update,
        "D" => Op::Delete,
        other => return Err(malformed(format!("there is no operation {other:?}"))),
    };
    let (table, schema) = (next("the table", true)?, next("the schema", true)?);
    expected.check_table(number, &schema, &table)?;
    let commit_ts = if expected.options.commit_ts {
        let text = next("the commit-ts", false)?;
        text.parse().map_err(|_| malformed(format!("{text:?} is no commit-ts")))?
    } else {
        expected.version
    };
    let is_update = if csv.output_old_value {
        let text = next("is-update", false)?;
        Some(text.parse().map_err(|_| malformed(format!("{text:?} is neither true nor false")))?)
    } else {
        None
    };
    expected.check_width(number, fields.len())?;
    let mut values = Vec::with_capacity(fields.len());
    for (field, column) in fields.zip(&expected.columns) {
        let must_be_quoted = csv.quote.is_some() && field.value.is_some() && !column.is_number();
        if field.quoted != must_be_quoted {
            return Err(malformed(format!(
                "the {} column {} is quoted wrongly",
                column.type_name, column.name
            )));
        }
        values.push(field.value);
    }
    Ok(Row { op, commit_ts, is_update, values, shown: None, raw })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::{ColumnDef, Options, TableKey};

    fn read(
        content: &'static str,
        types: &[&str],
        csv: CsvOptions,
        options: Options,
    ) -> Result<Vec<Row>, Violation> {
        let columns: Vec<ColumnDef> = types
            .iter()
            .enumerate()
            .map(|(at, name)| ColumnDef {
                name: format!("c{at}"),
                type_name: (*name).to_owned(),
                ..ColumnDef::default()
            })
            .collect();
        let expected = Expected {
            file: "f",
            table: &TableKey::new("test", "t"),
            columns: columns.iter().collect(),
            version: 5,
            options: &options,
        };
        read_rows(&Bytes::from_static(content.as_bytes()), &csv, &expected)
    }

    fn values(row: &Row) -> Vec<Option<&str>> {
        row.values.iter().map(Option::as_deref).collect()
    }

    #[test]
    fn a_quoted_row_reads_back() {
        let content = "\"I\",\"t\",\"test\",435661838416609281,123,\"a,\"\"b\"\"\r\n\\\",\\N,\"\\N\"\r\n";
        let types = ["INT", "VARCHAR", "INT", "VARCHAR"];
        let rows = read(content, &types, CsvOptions::default(), Options::default()).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].op, rows[0].commit_ts), (Op::Insert, 435_661_838_416_609_281));
        assert_eq!(values(&rows[0]), [Some("123"), Some("a,\"b\"\r\n\\"), None, Some("\\N")]);
        assert_eq!(rows[0].raw, content);
    }

    #[test]
    fn an_escaped_row_reads_back() {
        let csv = CsvOptions {
            delimiter: "***".to_owned(),
            quote: None,
            output_old_value: true,
            ..CsvOptions::default()
        };
        let options = Options { terminator: "\n".to_owned(), ..Options::default() };
        let content = "D***t***test***7***true***abc\\*\\*\\*def***\\\\N\\r\\n***\\N***\\\\N\n";
        let rows = read(content, &["VARCHAR", "VARCHAR", "INT", "VARCHAR"], csv, options).unwrap();
        assert_eq!((rows[0].op, rows[0].is_update), (Op::Delete, Some(true)));
        assert_eq!(values(&rows[0]), [Some("abc***def"), Some("\\N\r\n"), None, Some("\\N")]);
    }

    #[test]
    fn a_row_without_a_commit_ts_has_that_of_its_directory() {
        let options = Options { commit_ts: false, ..Options::default() };
        let csv = CsvOptions { header: true, ..CsvOptions::default() };
        let content =
            "ticdc-meta$operation,ticdc-meta$table,ticdc-meta$schema,c0\r\n\"U\",\"t\",\"test\",2\r\n";
        let rows = read(content, &["INT"], csv, options).unwrap();
        assert_eq!((rows[0].op, rows[0].commit_ts, values(&rows[0])), (Op::Update, 5, vec![Some("2")]));
    }

    #[test]
    fn a_header_must_name_the_columns() {
        let csv = CsvOptions { header: true, ..CsvOptions::default() };
        let right = "ticdc-meta$operation,ticdc-meta$table,ticdc-meta$schema,ticdc-meta$commit-ts,c0\r\n\
                     \"I\",\"t\",\"test\",1,2\r\n";
        let rows = read(right, &["INT"], csv.clone(), Options::default()).unwrap();
        assert_eq!(rows.len(), 1);
        let wrong = "\"I\",\"t\",\"test\",1,2\r\n";
        assert!(read(wrong, &["INT"], csv, Options::default()).is_err());
    }

    #[test]
    fn a_row_that_is_not_as_described_is_named() {
        for (content, wanted) in [
            ("\"I\",\"t\",\"test\",1,2", "f, row 1: neither delimiter nor terminator after a field: \"\""),
            ("\"I\",\"t\",\"test\",1,\"2\"\r\n", "f, row 1: the INT column c0 is quoted wrongly"),
            ("\"I\",\"t\",\"test\",1\r\n", "f, row 1: 0 columns, the schema file has 1"),
            ("\"I\",\"t\",\"test\",x,2\r\n", "f, row 1: \"x\" is no commit-ts"),
            ("\"X\",\"t\",\"test\",1,2\r\n", "f, row 1: there is no operation \"X\""),
            ("I,\"t\",\"test\",1,2\r\n", "f, row 1: the operation is missing or quoted wrongly"),
            ("\"I\",\"u\",\"test\",1,2\r\n", "f, row 1 is a row of test.u"),
            ("\"I\",\"t\",\"test\",1,2\r\n\"I", "f, row 2: a quote is not closed"),
        ] {
            let violation = read(content, &["INT"], CsvOptions::default(), Options::default()).unwrap_err();
            assert_eq!(violation.to_string(), wanted);
        }
    }
}
