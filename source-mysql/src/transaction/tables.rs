//! The tables of a log: each table map is read once, however often the log repeats it.

use crate::decode::{Fault, Flavor, Wire, WireTable, split_id};
use bytes::Bytes;
use change_event::{ColumnKind, TableSchema};
use std::collections::HashMap;
use std::sync::Arc;

/// So many maps are kept; beyond, all are forgotten and read again. A log repeats a table's map in every statement.
const MOST_KEPT: usize = 16_384;

/// The table maps seen so far.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// Whose table maps they are.
    flavor: Flavor,
    /// Places in `known` by the map's bytes without its id.
    by_definition: HashMap<Bytes, usize>,
    known: Vec<Known>,
    /// Places in `known` by the ids of the transaction at hand.
    by_id: HashMap<u64, usize>,
}

#[derive(Debug)]
struct Known {
    wire: WireTable,
    /// Joined with the tracked schema; forgotten whenever a DDL may have changed it.
    prepared: Option<Arc<Prepared>>,
}

/// A table whose rows can be decoded.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) schema: Arc<TableSchema>,
    pub(crate) columns: Vec<Wire>,
}

impl Tables {
    /// Says whose table maps are to come. A change forgets all tables.
    pub(crate) fn expect(&mut self, flavor: Flavor) {
        if flavor != self.flavor {
            *self = Self { flavor, ..Self::default() };
        }
    }

    /// Notes that rows with this map's id are of this map's table.
    pub(crate) fn map(&mut self, body: &Bytes) -> Result<(), Fault> {
        let (id, definition) = split_id(body)?;
        let place = match self.by_definition.get(definition) {
            Some(&place) => place,
            None => {
                self.known.push(Known { wire: WireTable::read(definition, self.flavor)?, prepared: None });
                // A copy: the body would keep a whole megabyte of log in memory.
                let key = Bytes::copy_from_slice(definition);
                self.by_definition.insert(key, self.known.len() - 1);
                self.known.len() - 1
            }
        };
        self.by_id.insert(id, place);
        Ok(())
    }

    /// The number of the table that a rows event names by its id.
    pub(crate) fn number(&self, id: u64) -> Result<usize, Fault> {
        let unknown = || Fault::corrupt(format!("rows name table {id}, but no table map came before them"));
        self.by_id.get(&id).copied().ok_or_else(unknown)
    }

    /// The columns of a table as the log shows them.
    pub(crate) fn seen(&self, number: usize) -> &TableSchema {
        &self.known[number].wire.seen
    }

    /// The table, if it was prepared since the last DDL.
    pub(crate) fn prepared(&self, number: usize) -> Option<Arc<Prepared>> {
        self.known[number].prepared.clone()
    }

    /// Joins a table with its tracked schema.
    pub(crate) fn prepare(
        &mut self,
        number: usize,
        schema: Arc<TableSchema>,
    ) -> Result<Arc<Prepared>, Fault> {
        let known = &mut self.known[number];
        if schema.columns.len() != known.wire.columns.len() {
            return Err(Fault::corrupt(format!(
                "table {} has {} columns in the log, {} by its DDL",
                schema.name,
                known.wire.columns.len(),
                schema.columns.len()
            )));
        }
        let pairs = known.wire.columns.iter().zip(&schema.columns);
        let columns = pairs.map(|(&wire, column)| as_tracked(wire, column.kind)).collect();
        let prepared = Arc::new(Prepared { schema, columns });
        known.prepared = Some(prepared.clone());
        Ok(prepared)
    }

    /// Forgets which schema each table has: a DDL came, or rows that a DDL must have come before.
    pub(crate) fn forget_schemas(&mut self) {
        self.known.iter_mut().for_each(|known| known.prepared = None);
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

/// MariaDB's JSON is text in the log; only the DDL knows better.
fn as_tracked(wire: Wire, kind: ColumnKind) -> Wire {
    match (wire, kind) {
        (Wire::Text { prefix, charset }, ColumnKind::Json) => Wire::JsonText { prefix, charset },
        (other, _) => other,
    }
}
