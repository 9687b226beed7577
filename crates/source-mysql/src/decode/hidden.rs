//! Columns that are in the log but not in the table.
//!
//! | server | columns | where |
//! |---|---|---|
//! | MariaDB | `DB_ROW_HASH_1`…: a unique key over a long text, or `USING HASH` | at the end |
//! | MariaDB | `row_start`, `row_end` of system versioning, unless they are declared | before those |
//! | MySQL before about 8.0.18 | the values of a key's expressions; the map has them, the rows have not | anywhere |
//!
//! `SHOW COLUMNS` and `SELECT *` show none of them.

use super::Fault;
use super::physical::Physical;
use super::server_version::Flavor;
use super::table_map::TableMap;
use crate::schemas::{Shape, Versioning};

/// What a table's rows hold besides its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// Of every column in the log, whether the table has it.
    pub(crate) shown: Vec<bool>,
    /// Until when a row is the current one, where history rows are among the rows.
    pub(crate) row_end: Option<usize>,
}

/// Finds the hidden columns of a table. `absent`: the columns that its rows leave out.
pub(crate) fn find(
    map: &TableMap<'_>,
    shape: Option<&Shape<'_>>,
    absent: Option<&[bool]>,
) -> Result<Option<Hidden>, Fault> {
    let mut hidden = Hidden { shown: vec![true; map.physical.len()], row_end: None };
    match map.server.flavor {
        Flavor::MySql => without_expressions(map, shape, absent, &mut hidden)?,
        // What its rows leave out are generated columns, or the row is refused when it is read.
        Flavor::MariaDb => {
            let end = map.physical.len() - hashes(map, shape);
            hidden.shown[end..].fill(false);
            history(map, shape, end, &mut hidden);
        }
    }
    let plain = hidden.row_end.is_none() && hidden.shown.iter().all(|&shown| shown);
    Ok((!plain).then_some(hidden))
}

/// Rows that leave out a column of the table.
pub(crate) fn lacks_columns() -> Fault {
    Fault::unsupported(
        "the rows lack columns (SET GLOBAL binlog_row_image=FULL on the server avoids it from then on; where it is FULL, MariaDB \
         leaves generated columns out, which are known with --start earliest, or by a user with SELECT)",
    )
}

/// What the rows leave out is the value of an expression by its name (a hash in hexadecimal, later
/// `!hidden!key!0!0`), or where there are no names, because the declared columns are all there.
fn without_expressions(
    map: &TableMap<'_>,
    shape: Option<&Shape<'_>>,
    absent: Option<&[bool]>,
    hidden: &mut Hidden,
) -> Result<(), Fault> {
    let Some(absent) = absent.filter(|absent| absent.len() == hidden.shown.len()) else {
        return absent.map_or(Ok(()), |_| Err(lacks_columns()));
    };
    let is_expression = |name: &[u8]| {
        name.starts_with(b"!hidden!") || (name.len() == 32 && name.iter().all(u8::is_ascii_hexdigit))
    };
    let present = absent.iter().filter(|absent| !**absent).count();
    for (i, _) in absent.iter().enumerate().filter(|(_, absent)| **absent) {
        let hides = match map.metadata.names.get(i) {
            Some(name) => is_expression(name),
            None => shape.is_some_and(|shape| shape.columns.len() == present),
        };
        if !hides {
            return Err(lacks_columns());
        }
        hidden.shown[i] = false;
    }
    Ok(())
}

/// How many columns at the end are hashes.
fn hashes(map: &TableMap<'_>, shape: Option<&Shape<'_>>) -> usize {
    let count = map.physical.len();
    if map.has_names() {
        let declared = |name: &str| shape.is_some_and(|s| s.columns.iter().any(|c| c.name == name));
        let is_hash = |i: &usize| {
            let name = String::from_utf8_lossy(map.metadata.names[*i]);
            let number = name.strip_prefix("DB_ROW_HASH_").and_then(|number| number.parse::<u32>().ok());
            number.is_some() && map.physical[*i] == Physical::Int(8) && !declared(&name)
        };
        return (0..count).rev().take_while(is_hash).count();
    }
    let Some(shape) = shape else { return 0 };
    let versions = if shape.versioning == Versioning::Implicit { 2 } else { 0 };
    let more = count.saturating_sub(shape.columns.len() + versions);
    let are_hashes = map.physical[count - more..].iter().all(|physical| *physical == Physical::Int(8));
    if more <= shape.unique_keys && are_hashes { more } else { 0 }
}

/// The columns of system versioning among those before `end`.
fn history(map: &TableMap<'_>, shape: Option<&Shape<'_>>, end: usize, hidden: &mut Hidden) {
    let is_moment = |i: usize| matches!(map.physical[i], Physical::Timestamp(6) | Physical::Int(8));
    let name = |i: usize| map.metadata.names.get(i).copied();
    let implicit_by_name =
        || end >= 2 && name(end - 2) == Some(b"row_start") && name(end - 1) == Some(b"row_end");
    let implicit = match shape.map_or(Versioning::Unsaid, |shape| shape.versioning) {
        Versioning::No => false,
        Versioning::Implicit if map.has_names() => implicit_by_name(),
        Versioning::Implicit => true,
        Versioning::Until(column) => {
            let named = (0..end).find(|&i| name(i) == Some(column.as_bytes()));
            let counted = shape.and_then(|s| s.columns.iter().position(|c| c.name == column));
            let place = if map.has_names() { named } else { counted };
            hidden.row_end = place.filter(|&i| i < end && is_moment(i));
            false
        }
        Versioning::Unsaid => implicit_by_name() && is_guarded(map, end - 1),
    };
    if implicit && end >= 2 && is_moment(end - 2) && is_moment(end - 1) {
        hidden.shown[end - 2..end].fill(false);
        hidden.row_end = Some(end - 1);
    }
}

/// Whether a column that is called `row_end` can be that of system versioning: it is NOT NULL, and in every key.
fn is_guarded(map: &TableMap<'_>, row_end: usize) -> bool {
    let key = &map.metadata.primary_key;
    !map.is_nullable(row_end - 1)
        && !map.is_nullable(row_end)
        && (key.is_empty() || key.contains(&(row_end as u64)))
}
