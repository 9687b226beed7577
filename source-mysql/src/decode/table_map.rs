//! A table map event: the table as the rows after it show it.

use super::Fault;
use super::cursor::Cursor;
use super::metadata::Metadata;
use super::physical::{Flavor, Physical};
use super::seen;
use super::value::Wire;
use change_event::{TableName, TableSchema};

/// A table map, read: how to decode its rows, and the table as far as the log shows it.
#[derive(Debug)]
pub(crate) struct WireTable {
    /// The columns with their types. Ids, defaults and generated columns are not in the log.
    pub(crate) seen: TableSchema,
    /// How each column's values are stored.
    pub(crate) columns: Vec<Wire>,
}

/// The table's number in this log, and the rest of the event, which is the same for equal tables.
pub(crate) fn split_id(body: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let mut cursor = Cursor::new(body);
    let id = cursor.little(6)?;
    let _flags = cursor.u16()?;
    Ok((id, cursor.rest()))
}

impl WireTable {
    /// Reads a table map without its [id](split_id).
    pub(crate) fn read(definition: &[u8], flavor: Flavor) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(definition);
        let schema = name(&mut cursor)?;
        let table = name(&mut cursor)?;
        let name = TableName::new(schema, table);
        let in_table = |fault| match fault {
            Fault::Unsupported(what) => Fault::unsupported(format!("table {name}: {what}")),
            Fault::Corrupt(reason) => Fault::corrupt(format!("table {name}: {reason}")),
        };

        let count = usize::try_from(cursor.length()?).unwrap_or(usize::MAX);
        let codes = cursor.take(count)?;
        let mut lengths = Cursor::new(cursor.counted()?);
        let nullable = cursor.take(count.div_ceil(8))?;
        let metadata = Metadata::read(cursor.rest()).map_err(in_table)?;
        if metadata.names.len() != count {
            return Err(in_table(Fault::unsupported(
                "the log has no column names; SET GLOBAL binlog_row_metadata=FULL on the server",
            )));
        }
        let physical = codes
            .iter()
            .map(|&code| Physical::read(code, &mut lengths))
            .collect::<Result<Vec<_>, _>>()
            .map_err(in_table)?;
        let (columns, wires) = seen::columns(&physical, &metadata, nullable, flavor).map_err(in_table)?;
        Ok(Self {
            seen: TableSchema { name, table_id: 0, partition: None, version: 0, columns },
            columns: wires,
        })
    }
}

/// A name with its length before and a zero byte after it.
fn name(cursor: &mut Cursor<'_>) -> Result<String, Fault> {
    let length = usize::from(cursor.u8()?);
    let name = String::from_utf8_lossy(cursor.take(length)?).into_owned();
    cursor.u8()?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_without_column_names_says_what_to_set() {
        let definition = b"\x04shop\0\x01t\0\x01\x03\0\x01";
        let fault = WireTable::read(definition, Flavor::MySql).unwrap_err();
        let text = fault.at("binlog.1", 4).to_string();
        assert!(text.contains("shop.t") && text.contains("binlog_row_metadata=FULL"), "{text}");
    }

    #[test]
    fn a_named_int_column_reads_back() {
        let definition = b"\x04shop\0\x01t\0\x01\x03\0\x00\x01\x01\x80\x04\x03\x02id\x08\x01\x00";
        let table = WireTable::read(definition, Flavor::MySql).unwrap();
        let id = &table.seen.columns[0];
        assert_eq!((id.name.as_str(), id.unsigned, id.primary_key), ("id", true, true));
        assert!(!id.nullable);
    }
}
