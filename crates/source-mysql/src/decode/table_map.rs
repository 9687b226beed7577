//! A table map event: what the log says of a table right before its rows.

use super::Fault;
use super::cursor::Cursor;
use super::hidden;
use super::layout::RowLayout;
use super::metadata::Metadata;
use super::physical::Physical;
use super::seen;
use super::server_version::{Flavor, ServerVersion};
use crate::schemas::Shape;
use change_event::{TableName, TableSchema};

/// A table map, read.
#[derive(Debug)]
pub(crate) struct TableMap<'a> {
    pub(crate) name: TableName,
    pub(crate) server: ServerVersion,
    /// Of every column in the log.
    pub(crate) physical: Vec<Physical>,
    nullable: &'a [u8],
    pub(crate) metadata: Metadata<'a>,
}

/// A table as its map shows it, and how to read its rows.
#[derive(Debug)]
pub(crate) struct SeenTable {
    /// The columns with their types. Ids, defaults and generated columns are not in the log.
    pub(crate) schema: TableSchema,
    pub(crate) layout: RowLayout,
}

/// The table's number in this log, and the rest of the event, which is the same for equal tables.
pub(crate) fn split_id(body: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let mut cursor = Cursor::new(body);
    let id = cursor.little(6)?;
    let _flags = cursor.u16()?;
    Ok((id, cursor.rest()))
}

impl<'a> TableMap<'a> {
    /// Reads a table map without its [id](split_id).
    pub(crate) fn read(definition: &'a [u8], server: ServerVersion) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(definition);
        let schema = name(&mut cursor)?;
        let table = name(&mut cursor)?;
        let mut map = Self { name: TableName::new(schema, table), ..Self::empty(server) };
        match map.fill(&mut cursor) {
            Ok(()) => Ok(map),
            Err(fault) => Err(map.in_table(fault)),
        }
    }

    /// Only the name in a table map without its [id](split_id): it can be read where the columns cannot.
    pub(crate) fn name_in(definition: &[u8]) -> Result<TableName, Fault> {
        let mut cursor = Cursor::new(definition);
        let schema = name(&mut cursor)?;
        Ok(TableName::new(schema, name(&mut cursor)?))
    }

    /// No columns yet.
    pub(super) fn empty(server: ServerVersion) -> Self {
        let name = TableName::new("", "");
        Self { name, server, physical: Vec::new(), nullable: &[], metadata: Metadata::default() }
    }

    fn fill(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Fault> {
        let count = usize::try_from(cursor.length()?).unwrap_or(usize::MAX);
        let codes = cursor.take(count)?;
        let mut lengths = Cursor::new(cursor.counted()?);
        self.nullable = cursor.take(count.div_ceil(8))?;
        self.metadata = Metadata::read(cursor.rest())?;
        self.physical =
            codes.iter().map(|&code| Physical::read(code, &mut lengths)).collect::<Result<_, _>>()?;
        if self.has_names() && self.metadata.names.len() != count {
            return Err(Fault::corrupt("it has another number of names than columns"));
        }
        Ok(())
    }

    /// Whether the log names the columns, and shows everything else that `binlog_row_metadata=FULL` adds.
    pub(crate) fn has_names(&self) -> bool {
        !self.metadata.names.is_empty()
    }

    pub(crate) fn is_nullable(&self, column: usize) -> bool {
        self.nullable[column / 8] & (1 << (column % 8)) != 0
    }

    /// Whether this is a MariaDB SEQUENCE: by the names of its columns, or, where the log has none, as the statements
    /// said that its name is no table's.
    pub(crate) fn is_sequence(&self, is_no_table: bool) -> bool {
        const COLUMNS: [&[u8]; 8] = [
            b"next_not_cached_value",
            b"minimum_value",
            b"maximum_value",
            b"start_value",
            b"increment",
            b"cache_size",
            b"cycle_option",
            b"cycle_count",
        ];
        self.server.flavor == Flavor::MariaDb
            && (self.metadata.names == COLUMNS
                || (is_no_table && self.metadata.names.is_empty() && self.physical.len() == COLUMNS.len()))
    }

    /// Joins the map with what statements said of its table. What the log shows wins; what it does not show is
    /// taken from there. `absent`: the columns that the rows leave out.
    pub(crate) fn columns(
        &self,
        shape: Option<&Shape<'_>>,
        absent: Option<&[bool]>,
    ) -> Result<SeenTable, Fault> {
        let join = || {
            let hidden = hidden::find(self, shape, absent)?;
            let (columns, wires) = seen::columns(self, shape, hidden.as_ref())?;
            let schema =
                TableSchema { name: self.name.clone(), table_id: 0, partition: None, version: 0, columns };
            Ok(SeenTable { schema, layout: RowLayout::new(wires, hidden) })
        };
        join().map_err(|fault| self.in_table(fault))
    }

    fn in_table(&self, fault: Fault) -> Fault {
        let name = &self.name;
        match fault {
            Fault::Unsupported(what) => Fault::unsupported(format!("table {name}: {what}")),
            Fault::Corrupt(reason) => Fault::corrupt(format!("table {name}: {reason}")),
            elsewhere @ Fault::Elsewhere(_) => elsewhere,
        }
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
    use crate::schemas::Versioning;
    use change_event::{Column, ColumnKind};

    /// `shop.t` with one INT and no metadata.
    const BARE: &[u8] = b"\x04shop\0\x01t\0\x01\x03\0\x01";

    fn seen(definition: &[u8], server: &str, columns: Option<&[Column]>) -> Result<SeenTable, Fault> {
        let shape = columns.map(|columns| Shape { columns, versioning: Versioning::No, unique_keys: 0 });
        TableMap::read(definition, ServerVersion::of(server))?.columns(shape.as_ref(), None)
    }

    fn error(server: &str, columns: Option<&[Column]>) -> String {
        seen(BARE, server, columns).unwrap_err().at("binlog.1", 4).to_string()
    }

    #[test]
    fn a_table_without_column_names_says_what_to_do() {
        let text = error("8.0.36", None);
        assert!(text.contains("shop.t") && text.contains("binlog_row_metadata=FULL"), "{text}");
        let text = error("5.7.22-log", None);
        assert!(text.contains("--start earliest") && !text.contains("binlog_row_metadata"), "{text}");
    }

    #[test]
    fn a_table_without_column_names_has_those_of_its_statements() {
        let declared = Column { unsigned: true, nullable: false, ..Column::new("id", ColumnKind::Int) };
        let table = seen(BARE, "5.7.22-log", Some(&[declared])).unwrap();
        let id = &table.schema.columns[0];
        assert_eq!((id.name.as_str(), id.unsigned), ("id", true));
        assert!(id.nullable, "the log knows it");
    }

    #[test]
    fn statements_and_rows_that_contradict_each_other_are_an_error_that_names_both() {
        let two = [Column::new("a", ColumnKind::Int), Column::new("b", ColumnKind::Int)];
        let text = error("5.7.22-log", Some(&two));
        assert!(text.contains("shop.t") && text.contains("2 columns") && text.contains("rows 1"), "{text}");
        let text = error("5.7.22-log", Some(&[Column::new("a", ColumnKind::BigInt)]));
        assert!(text.contains("shop.t") && text.contains("a bigint"), "{text}");
        assert!(text.contains("an integer of 4 bytes"), "{text}");
    }

    #[test]
    fn a_named_int_column_reads_back() {
        let definition = b"\x04shop\0\x01t\0\x01\x03\0\x00\x01\x01\x80\x04\x03\x02id\x08\x01\x00";
        let table = seen(definition, "8.0.36", None).unwrap();
        let id = &table.schema.columns[0];
        assert_eq!((id.name.as_str(), id.unsigned, id.primary_key), ("id", true, true));
        assert!(!id.nullable);
    }
}
