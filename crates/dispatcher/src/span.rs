//! What a dispatcher stands for.

use change_event::TableName;
use pipeline_core::RouteId;
use std::fmt;
use std::sync::Arc;

/// Rows of a table that keep their order among themselves: a whole table, or one part of a split one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The same after every restart.
    pub id: DispatcherId,
    /// Where its rows go in the sink's pipeline. Never used twice while the process runs: a table that is dropped
    /// and made again has the same id, but another route.
    pub route: RouteId,
    /// The table; `None` for the trigger dispatcher, which has no rows and keeps statements about tables and
    /// databases in order. Shared: there may be thousands of tables, and whoever keeps a list of them need not copy names.
    pub table: Option<Arc<TableName>>,
    /// Which part of the table, from 0.
    pub index: u32,
    /// How many parts the table has.
    pub of: u32,
}

impl Span {
    /// Part `index` of `of` parts of a table.
    pub fn of_table(table: impl Into<Arc<TableName>>, index: u32, of: u32, route: RouteId) -> Self {
        let table = table.into();
        Self { id: DispatcherId::of(Some(&table), index), route, table: Some(table), index, of }
    }

    /// The span of the trigger dispatcher.
    pub fn trigger(route: RouteId) -> Self {
        Self { id: DispatcherId::of(None, 0), route, table: None, index: 0, of: 1 }
    }

    /// Whether other dispatchers have rows of the same table.
    pub fn is_split(&self) -> bool {
        self.of > 1
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            None => f.write_str("the table trigger"),
            Some(table) if self.is_split() => write!(f, "{table}, span {} of {}", self.index, self.of),
            Some(table) => table.fmt(f),
        }
    }
}

/// The 128-bit name of a dispatcher.
///
/// It depends on nothing but the table's name and the span's index, so that a restart finds its own files again:
/// the 128-bit FNV-1a hash (draft-eastlake-fnv) of database, a zero byte, table, a zero byte, and the index as four
/// bytes, the least first. The trigger dispatcher's table is two empty names.
///
/// The text form is the two halves in decimal, the low one first, with nothing in between (`output-format` 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DispatcherId {
    /// Bits 0 to 63.
    pub low: u64,
    /// Bits 64 to 127.
    pub high: u64,
}

impl DispatcherId {
    /// The id of one span of a table.
    pub fn of(table: Option<&TableName>, index: u32) -> Self {
        const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = (1 << 88) | 0x13b;
        let (schema, name) = table.map_or(("", ""), |t| (&t.schema, &t.table));
        let parts = [schema.as_bytes(), &[0], name.as_bytes(), &[0], &index.to_le_bytes()];
        let hash = parts
            .into_iter()
            .flatten()
            .fold(BASIS, |hash, &byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
        Self { low: hash as u64, high: (hash >> 64) as u64 }
    }
}

impl fmt::Display for DispatcherId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_both_halves_in_decimal_low_first() {
        let id = DispatcherId { low: 12, high: 345 };
        assert_eq!(id.to_string(), "12345");
    }

    #[test]
    fn an_id_never_changes_between_releases() {
        let id = DispatcherId::of(Some(&TableName::new("db", "t")), 1);
        // Worked out apart from this code, by the formula in the documentation.
        assert_eq!((id.low, id.high), (16329067784606232980, 17265508584507443086));
    }

    #[test]
    fn where_a_name_is_cut_makes_a_difference() {
        let one = DispatcherId::of(Some(&TableName::new("a", "bc")), 0);
        let other = DispatcherId::of(Some(&TableName::new("ab", "c")), 0);
        assert_ne!(one, other);
        assert_ne!(one, DispatcherId::of(Some(&TableName::new("a", "bc")), 1));
    }
}
