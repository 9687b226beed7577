//! The tables of a log: each table map is read once, however often the log repeats it.

use crate::decode::{Fault, RowLayout, SeenTable, ServerVersion, TableMap, split_id};
use bytes::Bytes;
use change_event::{IgnoredRows, TableName, TableSchema};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// So many maps are kept; beyond, all are forgotten and read again. A log repeats a table's map in every statement.
const MOST_KEPT: usize = 16_384;

/// The table maps seen so far.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// Whose table maps they are.
    server: ServerVersion,
    /// Places in `known` by the map's bytes without its id.
    by_definition: HashMap<Bytes, usize>,
    known: Vec<Known>,
    /// Places in `known` by the ids of the transaction at hand.
    by_id: HashMap<u64, usize>,
}

#[derive(Debug)]
struct Known {
    /// The map's bytes without its id.
    definition: Bytes,
    /// Joined with the tracked schema; forgotten whenever a DDL may have changed it.
    prepared: Option<Rowed>,
    /// The schema that its rows had last, while anybody has such rows: those of one version share it, so that nobody compares
    /// columns.
    schema: Weak<TableSchema>,
    /// Its rows were met since the last DDL.
    met: bool,
}

/// What becomes of the rows of a table.
#[derive(Clone, Debug)]
pub(crate) enum Rowed {
    Decoded(Arc<Prepared>),
    /// They are no changes of a table: the numbers of a SEQUENCE.
    LeftOut,
}

/// A table whose rows can be decoded.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) schema: Arc<TableSchema>,
    pub(crate) columns: RowLayout,
    /// Kinds of changes that are left out.
    pub(crate) ignored: IgnoredRows,
    /// The map's bytes without its id.
    pub(crate) map: Bytes,
}

impl Tables {
    /// Says whose table maps are to come. A change forgets all tables.
    pub(crate) fn expect(&mut self, server: ServerVersion) {
        if server != self.server {
            *self = Self { server, ..Self::default() };
        }
    }

    /// Whose log it is.
    pub(crate) fn server(&self) -> ServerVersion {
        self.server
    }

    /// Notes that rows with this map's id are of this map's table, and gives the table's number.
    pub(crate) fn map(&mut self, body: &Bytes) -> Result<usize, Fault> {
        let (id, definition) = split_id(body)?;
        let place = self.place(definition);
        self.by_id.insert(id, place);
        Ok(place)
    }

    /// The number of the table with this map, which is its bytes without the id.
    pub(crate) fn place(&mut self, definition: &[u8]) -> usize {
        if let Some(&place) = self.by_definition.get(definition) {
            return place;
        }
        // A copy: the body would keep a whole megabyte of log in memory.
        let definition = Bytes::copy_from_slice(definition);
        self.known.push(Known {
            definition: definition.clone(),
            prepared: None,
            schema: Weak::new(),
            met: false,
        });
        self.by_definition.insert(definition, self.known.len() - 1);
        self.known.len() - 1
    }

    /// The map of the table with this number.
    pub(crate) fn definition(&self, number: usize) -> Bytes {
        self.known[number].definition.clone()
    }

    /// The number of the table that a rows event names by its id.
    pub(crate) fn number(&self, id: u64) -> Result<usize, Fault> {
        let unknown = || Fault::corrupt(format!("rows name table {id}, but no table map came before them"));
        self.by_id.get(&id).copied().ok_or_else(unknown)
    }

    /// The name of the table with this number.
    pub(crate) fn name(&self, number: usize) -> Result<TableName, Fault> {
        TableMap::name_in(&self.known[number].definition)
    }

    /// The table map with this number. It is read when its rows are: what a statement says of the table counts.
    pub(crate) fn read(&self, number: usize) -> Result<TableMap<'_>, Fault> {
        TableMap::read(&self.known[number].definition, self.server)
    }

    /// What was found out about a table since the last DDL.
    pub(crate) fn prepared(&self, number: usize) -> Option<Rowed> {
        self.known[number].prepared.clone()
    }

    /// Whether these are the first rows of the table since the last DDL: a transaction may have a million events of rows.
    pub(crate) fn meets_first(&mut self, number: usize) -> bool {
        !std::mem::replace(&mut self.known[number].met, true)
    }

    /// Leaves out the rows of a table.
    pub(crate) fn leave_out(&mut self, number: usize) -> Rowed {
        self.known[number].prepared = Some(Rowed::LeftOut);
        Rowed::LeftOut
    }

    /// Joins a table with its tracked schema.
    pub(crate) fn prepare(
        &mut self,
        number: usize,
        seen: SeenTable,
        schema: Arc<TableSchema>,
        ignored: IgnoredRows,
    ) -> Result<Rowed, Fault> {
        let mut columns = seen.layout;
        if schema.columns.len() != columns.len() {
            return Err(Fault::corrupt(format!(
                "table {} has {} columns in the log, {} by its DDL",
                schema.name,
                columns.len(),
                schema.columns.len()
            )));
        }
        columns.follow(&schema.columns);
        let map = self.definition(number);
        let last = self.known[number].schema.upgrade();
        let schema = last.filter(|last| *last == schema).unwrap_or(schema);
        self.known[number].schema = Arc::downgrade(&schema);
        let prepared = Rowed::Decoded(Arc::new(Prepared { schema, columns, ignored, map }));
        self.known[number].prepared = Some(prepared.clone());
        Ok(prepared)
    }

    /// Forgets which schema each table has: a DDL came, or rows that a DDL must have come before.
    pub(crate) fn forget_schemas(&mut self) {
        for known in &mut self.known {
            (known.prepared, known.met) = (None, false);
        }
    }

    /// Forgets the ids of a transaction that is over.
    pub(crate) fn end_transaction(&mut self) {
        self.by_id.clear();
        if self.known.len() > MOST_KEPT {
            self.known.clear();
            self.by_definition.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tables;

    #[test]
    fn the_rows_of_a_table_are_met_once_between_two_ddls() {
        let mut tables = Tables::default();
        let (one, other) = (tables.place(b"one"), tables.place(b"other"));
        assert_eq!(tables.place(b"one"), one);
        let met = [one, one, other, one, other].map(|number| tables.meets_first(number));
        assert_eq!(met, [true, false, true, false, false]);
        tables.forget_schemas();
        assert!(tables.meets_first(one));
    }
}
