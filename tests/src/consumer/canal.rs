//! Rows from canal-json (`output-format` 3.2).

use super::row::Expected;
use super::{ColumnDef, Op, Row, Violation};
use bytes::Bytes;
use serde_json::{Map, Value};

/// Reads every row of a data file. An UPDATE becomes a D row and an I row.
pub(super) fn read_rows(content: &Bytes, expected: &Expected<'_>) -> Result<Vec<Row>, Violation> {
    let terminator = expected.options.terminator.as_str();
    let malformed = |line: usize, problem: &str| expected.malformed(line, problem);
    let text = std::str::from_utf8(content).map_err(|_| malformed(0, "the file is not UTF-8"))?;
    let mut rows = Vec::new();
    for (line, with_end) in text.split_inclusive(terminator).enumerate() {
        let number = line + 1;
        let json =
            with_end.strip_suffix(terminator).ok_or_else(|| malformed(number, "no terminator at its end"))?;
        let value: Value =
            serde_json::from_str(json).map_err(|error| malformed(number, &error.to_string()))?;
        let raw = content.slice_ref(with_end.as_bytes());
        let message = Message { value, raw, number };
        message.append_rows(&mut rows, expected)?;
    }
    Ok(rows)
}

/// One line.
struct Message {
    value: Value,
    raw: Bytes,
    number: usize,
}

impl Message {
    fn append_rows(&self, rows: &mut Vec<Row>, expected: &Expected<'_>) -> Result<(), Violation> {
        let text = |name: &str| self.value[name].as_str().unwrap_or_default();
        expected.check_table(self.number, text("database"), text("table"))?;
        let data = self.image("data", expected)?;
        match text("type") {
            "INSERT" => rows.push(self.row(Op::Insert, data, data, false, expected)?),
            "DELETE" => rows.push(self.row(Op::Delete, data, data, false, expected)?),
            "UPDATE" => {
                let old = self.image("old", expected)?;
                rows.push(self.row(Op::Delete, old, data, true, expected)?);
                rows.push(self.row(Op::Insert, data, data, true, expected)?);
            }
            other => return Err(expected.malformed(self.number, format!("there is no type {other:?}"))),
        }
        Ok(())
    }

    /// The one object in the array of this name.
    fn image(&self, name: &str, expected: &Expected<'_>) -> Result<&Map<String, Value>, Violation> {
        let image = match self.value[name].as_array().map(Vec::as_slice) {
            Some([image]) => image.as_object(),
            _ => None,
        };
        image.ok_or_else(|| expected.malformed(self.number, format!("`{name}` is not one row")))
    }

    /// A row from one image; what it leaves out stands in `fallback`.
    fn row(
        &self,
        op: Op,
        image: &Map<String, Value>,
        fallback: &Map<String, Value>,
        is_update: bool,
        expected: &Expected<'_>,
    ) -> Result<Row, Violation> {
        let commit_ts = self.commit_ts(expected)?;
        // A DELETE may have its key alone.
        if op == Op::Insert {
            expected.check_width(self.number, image.len())?;
        }
        let value_of = |column: &&ColumnDef| {
            let value = image.get(&column.name).or_else(|| fallback.get(&column.name));
            match value {
                Some(Value::String(text)) => Ok(Some(plain_text(column, text))),
                Some(Value::Null) => Ok(None),
                None if op == Op::Delete && !column.is_pk => Ok(None),
                Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => {
                    let problem = format!("column {} is no string and not null", column.name);
                    Err(expected.malformed(self.number, problem))
                }
            }
        };
        let is_shown = |column: &&ColumnDef| image.contains_key(&column.name);
        let shown: Vec<bool> = expected.columns.iter().map(is_shown).collect();
        let is_partial = op == Op::Delete && !is_update && shown.contains(&false);
        Ok(Row {
            op,
            commit_ts,
            is_update: Some(is_update),
            values: expected.columns.iter().map(value_of).collect::<Result<_, _>>()?,
            shown: is_partial.then_some(shown),
            raw: self.raw.clone(),
        })
    }

    /// Its `_tidb.commitTs`, if the reader was told that it has one.
    fn commit_ts(&self, expected: &Expected<'_>) -> Result<u64, Violation> {
        if expected.options.commit_ts {
            let commit_ts = self.value["_tidb"]["commitTs"].as_u64();
            return commit_ts.ok_or_else(|| expected.malformed(self.number, "there is no `_tidb.commitTs`"));
        }
        match self.value.get("_tidb") {
            None => Ok(expected.version),
            Some(_) => Err(expected.malformed(self.number, "nobody asked for `_tidb`")),
        }
    }
}

/// The value as text; bytes, which canal-json spells as one code point each, as lower-case hex.
fn plain_text(column: &ColumnDef, text: &str) -> String {
    if !column.is_binary() {
        return text.to_owned();
    }
    text.chars().map(|c| format!("{:02x}", u32::from(c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::{Options, TableKey};

    fn read(content: &'static str) -> Result<Vec<Row>, Violation> {
        let column = |name: &str, type_name: &str, is_pk| ColumnDef {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            is_pk,
            ..ColumnDef::default()
        };
        let columns = [column("a", "TINYINT", true), column("b", "BLOB", false)];
        let options = Options { terminator: "\n".to_owned(), ..Options::default() };
        let expected = Expected {
            file: "f",
            table: &TableKey::new("test", "t"),
            columns: columns.iter().collect(),
            version: 5,
            options: &options,
        };
        read_rows(&Bytes::from_static(content.as_bytes()), &expected)
    }

    #[test]
    fn an_update_is_its_old_row_gone_and_its_new_row_there() {
        let rows = read(
            "{\"database\":\"test\",\"table\":\"t\",\"type\":\"UPDATE\",\"old\":[{\"b\":\"\u{ff}\"}],\
             \"data\":[{\"a\":\"1\",\"b\":null}],\"_tidb\":{\"commitTs\":9}}\n",
        )
        .unwrap();
        let seen: Vec<_> = rows.iter().map(|row| (row.op, row.commit_ts, row.values.clone())).collect();
        let one = || Some("1".to_owned());
        assert_eq!(
            seen,
            [(Op::Delete, 9, vec![one(), Some("ff".to_owned())]), (Op::Insert, 9, vec![one(), None])]
        );
    }

    #[test]
    fn a_line_that_is_not_as_described_is_named() {
        for (content, wanted) in [
            ("{}", "f, row 1: no terminator at its end"),
            ("{}\n", "f, row 1 is a row of ."),
            (
                "{\"database\":\"test\",\"table\":\"t\",\"type\":\"INSERT\",\"data\":[{\"a\":\"1\"}],\"_tidb\":{\"commitTs\":9}}\n",
                "f, row 1: 1 columns, the schema file has 2",
            ),
            (
                "{\"database\":\"test\",\"table\":\"t\",\"type\":\"DELETE\",\"data\":[{\"a\":\"1\"}]}\n",
                "f, row 1: there is no `_tidb.commitTs`",
            ),
        ] {
            assert_eq!(read(content).unwrap_err().to_string(), wanted);
        }
    }
}
