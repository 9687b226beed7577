//! Which versions of tables need not be asked for: what an earlier run has seen, and what this one has begun.
//!
//! A table's first file needs to know what stands in its directory already, and that its schema file does. Asking takes
//! a request for each question; with a hundred thousand tables, whose first files come within a minute of a start, that
//! is most of what there is to do. Two things are known without asking:
//!
//! - A version that is **later than the checkpoint** at which this run went on is most likely new to the bucket. Schema
//!   files are written before anything else of their version, so if this one's could be created now, there is
//!   nothing else.
//! - A version **up to the checkpoint** was likely written to: where its index stands, so does its schema file.
//!
//! Neither is more than a hint in which order to ask; only that a schema file was created counts as proof.

use change_event::TableSchema;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use stage_writer::Past;
use std::collections::VecDeque;

/// Versions of this run that are remembered: about 1 MiB. Beyond that the oldest are asked for again.
const MOST: usize = 1 << 14;

/// What is known of versions without asking.
#[derive(Debug, Default)]
pub struct KnownVersions {
    /// Where this run went on: 0 in a fresh bucket.
    checkpoint: u64,
    since: Mutex<Since>,
}

/// What this run has learnt of versions after the checkpoint.
#[derive(Debug, Default)]
struct Since {
    versions: FxHashMap<(i64, u64), Past>,
    /// As they came.
    order: VecDeque<(i64, u64)>,
}

impl KnownVersions {
    /// For a run that goes on at this checkpoint.
    pub fn at(checkpoint: u64) -> Self {
        Self { checkpoint, since: Mutex::default() }
    }

    /// A version's schema file was created with its DDL.
    pub fn begun(&self, table: &TableSchema) {
        self.since.lock().learn((table.table_id, table.version), Past::None);
    }

    /// What is known before a directory's first file; to be asked once for each, since it is not the first any more then.
    pub fn past(&self, table: &TableSchema) -> Past {
        if table.version <= self.checkpoint {
            return Past::CompanionsIfIndex;
        }
        let before = self.since.lock().learn((table.table_id, table.version), Past::CompanionsIfIndex);
        before.unwrap_or(Past::NoneUnlessCompanions)
    }
}

impl Since {
    /// What was known before.
    fn learn(&mut self, version: (i64, u64), past: Past) -> Option<Past> {
        let before = self.versions.insert(version, past);
        if before.is_none() {
            self.order.push_back(version);
            if self.order.len() > MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.versions.remove(&oldest);
            }
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use change_event::TableName;

    fn table(table_id: i64, version: u64) -> TableSchema {
        let name = TableName::new("d", "t");
        TableSchema { name, table_id, partition: None, version, columns: Vec::new() }
    }

    #[test]
    fn what_was_begun_is_new_once() {
        let known = KnownVersions::at(10);
        known.begun(&table(1, 20));
        assert_eq!(known.past(&table(2, 20)), Past::NoneUnlessCompanions);
        assert_eq!(known.past(&table(1, 20)), Past::None);
        for again in [1, 2] {
            assert_eq!(known.past(&table(again, 20)), Past::CompanionsIfIndex);
        }
        assert_eq!(known.past(&table(1, 10)), Past::CompanionsIfIndex);
    }

    #[test]
    fn it_keeps_the_latest() {
        let known = KnownVersions::at(0);
        for version in 1..=MOST as u64 + 1 {
            known.begun(&table(1, version));
        }
        assert_eq!(known.past(&table(1, 2)), Past::None);
        assert_eq!(known.past(&table(1, 1)), Past::NoneUnlessCompanions);
        let since = known.since.lock();
        assert_eq!((since.versions.len(), since.order.len()), (MOST, MOST));
    }
}
