//! Tables rebuilt commit by commit, for a bucket whose tables keep their columns.

use super::{Bucket, Row, Table, TableKey, Violation};
use std::collections::BTreeMap;

/// The tables of a bucket at some commit-ts, and how to go on from there.
#[derive(Debug)]
pub struct Stepwise<'a> {
    tables: BTreeMap<TableKey, Growing<'a>>,
}

/// A table, and the rows that are still to come.
#[derive(Debug)]
struct Growing<'a> {
    table: Table,
    rest: Vec<&'a Row>,
    applied: usize,
}

impl Bucket {
    /// Starts with every table empty. DDLs are not applied: a table has the columns of its first rows throughout.
    ///
    /// # Errors
    /// As [`Bucket::commit_ts_order_per_table`].
    pub fn stepwise(&self) -> Result<Stepwise<'_>, Violation> {
        let growing = |(key, rest): (TableKey, Vec<_>)| {
            let columns = self.files.iter().find(|file| file.table == key).map(|file| file.columns.to_vec());
            let table = Table::new(columns.unwrap_or_default());
            (key, Growing { table, rest, applied: 0 })
        };
        Ok(Stepwise { tables: self.distinct_rows()?.into_iter().map(growing).collect() })
    }
}

impl<'a> Stepwise<'a> {
    /// Applies to one table what was committed up to this commit-ts, and gives the rows that were applied.
    ///
    /// # Errors
    /// A row that cannot be applied.
    pub fn advance(&mut self, key: &TableKey, commit_ts: u64) -> Result<&[&'a Row], Violation> {
        let Some(growing) = self.tables.get_mut(key) else { return Ok(&[]) };
        let start = growing.applied;
        let rows = growing.rest[start..].iter().take_while(|row| row.commit_ts <= commit_ts);
        for row in rows {
            growing.table.apply(row, key)?;
            growing.applied += 1;
        }
        Ok(&growing.rest[start..growing.applied])
    }

    /// A table as it is now; `None` if it never had a row.
    pub fn table(&self, key: &TableKey) -> Option<&Table> {
        self.tables.get(key).map(|growing| &growing.table)
    }
}
