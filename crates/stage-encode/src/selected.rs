//! A format that writes some of the columns only.

use crate::encoder::{EncodeError, Encoder, Reason};
use change_event::{ColumnSelectors, RowEvent, TableName, TableSchema};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// So many tables are kept; beyond, all are forgotten and looked at again.
const MOST_KEPT: usize = 16_384;

/// Any format, with the columns that selectors leave out taken away before it sees them. Schema files still show all
/// columns, as the ancestor's do: a reader needs the same selectors.
#[derive(Debug)]
pub struct Selected<E: ?Sized> {
    selectors: ColumnSelectors,
    /// What is written of a table in the version that came last.
    known: RwLock<HashMap<TableName, (u64, Selection)>>,
    format: Arc<E>,
}

/// What is written of a table.
#[derive(Clone, Debug)]
enum Selection {
    All,
    Some(Arc<Projection>),
    /// This column of the primary key is left out: no reader could tell the rows apart.
    NoKey(Arc<str>),
}

#[derive(Debug)]
struct Projection {
    places: Vec<usize>,
    table: Arc<TableSchema>,
}

impl<E: Encoder + ?Sized> Selected<E> {
    /// Takes columns away from what a format sees.
    pub fn new(selectors: ColumnSelectors, format: Arc<E>) -> Self {
        Self { selectors, known: RwLock::default(), format }
    }

    fn selection(&self, table: &TableSchema) -> Selection {
        if let Some((version, selection)) = self.known.read().get(&table.name)
            && *version == table.version
        {
            return selection.clone();
        }
        let selection = self.look_at(table);
        let mut known = self.known.write();
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        known.insert(table.name.clone(), (table.version, selection.clone()));
        selection
    }

    fn look_at(&self, table: &TableSchema) -> Selection {
        let Some(places) = self.selectors.selected(table) else { return Selection::All };
        let left_out = |(place, _): &(usize, _)| places.binary_search(place).is_err();
        let mut key = table.columns.iter().enumerate().filter(|(_, column)| column.primary_key);
        if let Some((_, column)) = key.find(left_out) {
            return Selection::NoKey(column.name.as_str().into());
        }
        let columns = places.iter().map(|&place| table.columns[place].clone()).collect();
        let table = Arc::new(TableSchema { columns, ..table.clone() });
        Selection::Some(Arc::new(Projection { places, table }))
    }
}

impl<E: Encoder + ?Sized> Encoder for Selected<E> {
    fn extension(&self) -> &'static str {
        self.format.extension()
    }

    fn header(&self, table: &TableSchema, out: &mut Vec<u8>) {
        match self.selection(table) {
            Selection::All | Selection::NoKey(_) => self.format.header(table, out),
            Selection::Some(projection) => self.format.header(&projection.table, out),
        }
    }

    fn encode(&self, event: &RowEvent, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let projection = match self.selection(&event.table) {
            Selection::All => return self.format.encode(event, out),
            Selection::Some(projection) => projection,
            Selection::NoKey(column) => {
                let (table, column) = (event.table.name.clone(), Some(column.to_string()));
                return Err(EncodeError { table, column, reason: Reason::KeyLeftOut });
            }
        };
        let rows = event.rows.with_columns(&projection.places);
        let selected = RowEvent { table: projection.table.clone(), commit_ts: event.commit_ts, rows };
        self.format.encode(&selected, out)
    }
}
