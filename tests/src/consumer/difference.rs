//! What differs between a bucket and a server.

use super::table::Values;
use super::{ColumnDef, Table, TableKey, TableRows};
use std::collections::{BTreeMap, BTreeSet};

/// How many differing rows a message shows.
const SHOWN: usize = 10;

/// What differs between a bucket and a server.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Difference {
    /// The server could not be asked; this says nothing about the bucket.
    #[error("cannot read {what} from the server")]
    Sql {
        what: String,
        #[source]
        source: mysql_async::Error,
    },
    /// A type that this comparison does not know.
    #[error("column {column} of {table} has the type {type_name}, which cannot be compared")]
    UnknownType { table: TableKey, column: String, type_name: String },
    /// A value that is not of its column's type.
    #[error("column {column} of {table}: {value:?} is no {type_name}")]
    Malformed { table: TableKey, column: String, type_name: String, value: String },
    /// Not the same tables.
    #[error("other tables: only the bucket has {only_bucket:?}, only the server has {only_server:?}")]
    Tables { only_bucket: Vec<String>, only_server: Vec<String> },
    /// Not the same columns, or in another order.
    #[error("{table} has other columns: {bucket:?} in the bucket, {server:?} on the server")]
    Columns { table: TableKey, bucket: Vec<String>, server: Vec<String> },
    /// Not the same rows.
    #[error("{table}: {count} of its rows differ\n{lines}")]
    Rows { table: TableKey, count: usize, lines: String },
}

/// Says which rows differ, and in which columns.
pub(super) fn rows_difference(key: &TableKey, bucket: &Table, server: &Table) -> Result<(), Difference> {
    let lines: Vec<String> = match (&bucket.rows, &server.rows) {
        (TableRows::Keyed(bucket_rows), TableRows::Keyed(server_rows)) => {
            let keys: BTreeSet<&String> = bucket_rows.keys().chain(server_rows.keys()).collect();
            keys.into_iter()
                .filter_map(|row| {
                    row_difference(row, &bucket.columns, bucket_rows.get(row), server_rows.get(row))
                })
                .collect()
        }
        (TableRows::Bag(bucket_rows), TableRows::Bag(server_rows)) => {
            bag_differences(bucket_rows, server_rows)
        }
        (TableRows::Keyed(_) | TableRows::Bag(_), _) => unreachable!("both tables have the same columns"),
    };
    if lines.is_empty() {
        return Ok(());
    }
    Err(Difference::Rows {
        table: key.clone(),
        count: lines.len(),
        lines: lines[..lines.len().min(SHOWN)].join("\n"),
    })
}

fn row_difference(
    row: &str,
    columns: &[ColumnDef],
    bucket: Option<&Values>,
    server: Option<&Values>,
) -> Option<String> {
    match (bucket, server) {
        (Some(bucket), Some(server)) => {
            let cells = columns.iter().zip(bucket.iter().zip(server));
            let differing: Vec<String> = cells
                .filter(|(_, (bucket, server))| bucket != server)
                .map(|(column, (bucket, server))| {
                    format!("{} is {bucket:?} in the bucket, {server:?} on the server", column.name)
                })
                .collect();
            (!differing.is_empty()).then(|| format!("  row {row}: {}", differing.join("; ")))
        }
        (Some(values), None) => Some(format!("  row {row}: only in the bucket: {values:?}")),
        (None, Some(values)) => Some(format!("  row {row}: only on the server: {values:?}")),
        (None, None) => None,
    }
}

fn bag_differences(bucket: &BTreeMap<Values, usize>, server: &BTreeMap<Values, usize>) -> Vec<String> {
    let rows: BTreeSet<&Values> = bucket.keys().chain(server.keys()).collect();
    rows.into_iter()
        .filter_map(|row| {
            let times = |rows: &BTreeMap<Values, usize>| rows.get(row).copied().unwrap_or(0);
            let (bucket, server) = (times(bucket), times(server));
            (bucket != server)
                .then(|| format!("  row {row:?}: {bucket} times in the bucket, {server} on the server"))
        })
        .collect()
}
