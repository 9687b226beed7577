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

use parking_lot::Mutex;
use pipeline_core::stage::GiveBack;
use rustc_hash::FxHashSet;
use stage_writer::Past;
use std::collections::VecDeque;

/// Versions that were begun and have no files yet: some 8 MiB. What is begun beyond that is asked for.
const MOST_BEGUN: usize = 1 << 18;
/// Versions that have files of this run: about 1 MiB. Beyond that the oldest are asked for as if they were new.
const MOST_SEEN: usize = 1 << 14;

/// What is known of versions without asking. A version is one of a directory: `id` is what that is named after in table-id
/// mode, and the table's own otherwise.
#[derive(Debug, Default)]
pub struct KnownVersions {
    /// Where this run went on: 0 in a fresh bucket.
    checkpoint: u64,
    since: Mutex<Since>,
}

/// What this run has learnt of versions after the checkpoint.
#[derive(Debug, Default)]
struct Since {
    /// Their schema files were created, and they have no files.
    begun: FxHashSet<(i64, u64)>,
    seen: FxHashSet<(i64, u64)>,
    /// As they came.
    order: VecDeque<(i64, u64)>,
}

impl KnownVersions {
    /// For a run that goes on at this checkpoint.
    pub fn at(checkpoint: u64) -> Self {
        Self { checkpoint, since: Mutex::default() }
    }

    /// A version's schema file was created with its DDL.
    pub fn begun(&self, id: i64, version: u64) {
        let mut since = self.since.lock();
        if since.begun.len() < MOST_BEGUN {
            since.begun.insert((id, version));
        }
    }

    /// What is known before a directory's first file; to be asked once for each, since it is not the first any more then.
    pub fn past(&self, id: i64, version: u64) -> Past {
        if version <= self.checkpoint {
            return Past::CompanionsIfIndex;
        }
        let mut since = self.since.lock();
        let was_begun = since.begun.remove(&(id, version));
        since.begun.give_back();
        match since.see((id, version)) {
            _ if was_begun => Past::None,
            true => Past::NoneUnlessCompanions,
            false => Past::CompanionsIfIndex,
        }
    }
}

impl Since {
    /// Whether that is new.
    fn see(&mut self, version: (i64, u64)) -> bool {
        let is_new = self.seen.insert(version);
        if is_new {
            self.order.push_back(version);
            if self.order.len() > MOST_SEEN
                && let Some(oldest) = self.order.pop_front()
            {
                self.seen.remove(&oldest);
            }
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_is_new_once() {
        let known = KnownVersions::at(10);
        known.begun(1, 20);
        assert_eq!(known.past(2, 20), Past::NoneUnlessCompanions);
        assert_eq!(known.past(1, 20), Past::None);
        for again in [1, 2] {
            assert_eq!(known.past(again, 20), Past::CompanionsIfIndex);
        }
        assert_eq!(known.past(1, 10), Past::CompanionsIfIndex);
    }

    #[test]
    fn it_keeps_so_many() {
        let known = KnownVersions::at(0);
        for version in 1..=MOST_BEGUN as u64 + 1 {
            known.begun(1, version);
        }
        assert_eq!(known.past(1, MOST_BEGUN as u64 + 1), Past::NoneUnlessCompanions);
        for version in 1..=MOST_SEEN as u64 + 1 {
            assert_eq!(known.past(1, version), Past::None);
        }
        // The first that was seen is forgotten, the last not.
        assert_eq!(known.past(1, MOST_SEEN as u64 + 1), Past::CompanionsIfIndex);
        assert_eq!(known.past(1, 1), Past::NoneUnlessCompanions);
        let since = known.since.lock();
        assert_eq!((since.seen.len(), since.order.len()), (MOST_SEEN, MOST_SEEN));
    }
}
