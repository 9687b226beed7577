//! A number that stays with a table.
//!
//! The log has no lasting number for a table, so one is derived from its name when it first appears: 63 bits
//! of FNV-1a over `schema.table`. It stays through ALTER and RENAME. TRUNCATE, and a name whose number another
//! table took along when it was renamed, hash the commit-ts too (`schema.table@ts`). Reading the log again
//! from the same state gives the same numbers.

use change_event::{CommitTs, TableName};

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The number of a table that appears under this name.
pub(super) fn of_name(name: &TableName) -> i64 {
    hash(&name.to_string())
}

/// The number of a table that begins anew under a name at a commit-ts.
pub(super) fn of_name_at(name: &TableName, at: CommitTs) -> i64 {
    hash(&format!("{name}@{at}"))
}

fn hash(text: &str) -> i64 {
    let hash = text.bytes().fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    (hash >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a_without_its_lowest_bit() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325_u64.wrapping_shr(1) as i64);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8_u64.wrapping_shr(1) as i64);
    }
}
