//! One transaction on its way: everything between its first event and its commit.
//!
//! ```text
//!  entries   1 2 3 4 5 6 7 8 9 │ 10 11 12
//!            on disk, in blocks │ the tail, in memory
//! ```
//! The tail goes to disk as a whole when it outgrows its room. A savepoint is a place in both: how much was on disk when
//! it was set, and how many entries came behind that.

use super::spill::{Block, Spilled};
use crate::decode::{Query, RawRows};
use crate::log::{LogName, Place};
use crate::parked::Parked;
use crate::sql::split;
use bytes::{Bytes, BytesMut};
use change_event::Influence;
use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;

/// What an entry of the tail takes besides its bytes of the log.
const ENTRY: usize = size_of::<Entry>() + 32;

/// What a transaction did, in log order.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A statement within it: CREATE TABLE … SELECT logs one before its rows.
    Statement { query: Query, body: Bytes, place: Place },
    /// Rows of the table with this [number](super::tables::Tables).
    Rows { table: usize, rows: RawRows },
    /// An event that was passed over, and whose shape it may have changed.
    PassedOver { parked: Box<Parked>, touches: Option<Influence> },
}

impl Entry {
    /// Its bytes, as they are in the log.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Statement { query, .. } => query.sql.len(),
            Self::Rows { rows, .. } => rows.images.len(),
            Self::PassedOver { parked, .. } => parked.body.len(),
        }
    }

    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.bytes() + ENTRY
    }

    /// Gives its table the number that it has now.
    pub(crate) fn renumber(&mut self, renumbered: &[(usize, usize)]) {
        if let Self::Rows { table, .. } = self
            && let Some((_, new)) = renumbered.iter().find(|(old, _)| old == table)
        {
            *table = *new;
        }
    }
}

/// What is kept of a transaction when it goes back to a savepoint.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    /// Where the blocks on disk ended.
    end: u64,
    /// How many [firsts](Spilled::firsts) those had.
    firsts: usize,
    /// How many entries came behind the blocks.
    tail: usize,
    bytes: usize,
    statements: usize,
}

/// A transaction that has not committed yet.
#[derive(Debug)]
pub(crate) struct Group {
    /// Where it begins.
    pub(crate) start: u64,
    /// The log file that its events are in, if its end is in another one.
    pub(crate) elsewhere: Option<Arc<LogName>>,
    /// What is in memory.
    tail: Vec<Entry>,
    /// What came before that, if it did not fit.
    spilled: Option<Box<Spilled>>,
    /// Bytes of the entries, as they are in the log.
    bytes: usize,
    /// How many statements are among the entries.
    statements: usize,
    savepoints: Vec<(String, Kept)>,
    /// So many entries are to be read back from disk: they are the tail again.
    wanted: usize,
    /// Tables that have another number now than on disk.
    renumbered: Vec<(usize, usize)>,
}

/// A transaction that committed, taken apart.
pub(crate) struct Parts {
    pub(crate) elsewhere: Option<Arc<LogName>>,
    pub(crate) spilled: Spilled,
    pub(crate) tail: Vec<Entry>,
    pub(crate) renumbered: Vec<(usize, usize)>,
}

impl Group {
    pub(crate) fn new(start: u64) -> Self {
        Self {
            start,
            elsewhere: None,
            tail: Vec::new(),
            spilled: None,
            bytes: 0,
            statements: 0,
            savepoints: Vec::new(),
            wanted: 0,
            renumbered: Vec::new(),
        }
    }

    /// Adds rows or a statement and gives the bytes held now, on disk or not.
    pub(crate) fn push(&mut self, entry: Entry) -> usize {
        self.bytes += entry.bytes();
        self.statements += usize::from(matches!(entry, Entry::Statement { .. }));
        self.tail.push(entry);
        self.bytes
    }

    /// Bytes of the entries, as they are in the log.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of memory that its entries take.
    pub(crate) fn memory(&self) -> usize {
        self.tail_bytes() + self.tail.len() * ENTRY
    }

    fn tail_bytes(&self) -> usize {
        self.bytes - self.spilled.as_ref().map_or(0, |spilled| spilled.bytes)
    }

    /// Whether a part of it is on disk.
    pub(crate) fn is_spilled(&self) -> bool {
        self.spilled.is_some()
    }

    /// Whether a statement is among its entries.
    pub(crate) fn has_statements(&self) -> bool {
        self.statements > 0
    }

    /// The numbers of the tables that it has rows of.
    pub(crate) fn tables(&self) -> HashSet<usize> {
        let in_memory = self.tail.iter().filter_map(|entry| match entry {
            Entry::Rows { table, .. } => Some(*table),
            Entry::Statement { .. } | Entry::PassedOver { .. } => None,
        });
        let on_disk = self.spilled.iter().flat_map(|spilled| spilled.tables());
        on_disk.chain(in_memory).collect()
    }

    /// Says what numbers its tables have now.
    pub(crate) fn renumber(&mut self, renumbered: Vec<(usize, usize)>) {
        for entry in &mut self.tail {
            entry.renumber(&renumbered);
        }
        self.renumbered = renumbered;
    }

    /// Takes the entries in memory out of the pieces of log that they are in, which may be far larger.
    pub(crate) fn detach(&mut self) {
        let mut copy = BytesMut::with_capacity(self.tail_bytes());
        for entry in &self.tail {
            if let Entry::Rows { rows, .. } = entry {
                copy.extend_from_slice(&rows.head);
                copy.extend_from_slice(&rows.images);
            }
        }
        let mut copy = copy.freeze();
        for entry in &mut self.tail {
            if let Entry::Rows { rows, .. } = entry {
                rows.head = copy.split_to(rows.head.len());
                rows.images = copy.split_to(rows.images.len());
            }
        }
    }

    pub(crate) fn savepoint(&mut self, name: String) {
        self.savepoints.retain(|(known, _)| *known != name);
        let spilled = self.spilled.as_ref();
        let kept = Kept {
            end: spilled.map_or(0, |spilled| spilled.end),
            firsts: spilled.map_or(0, |spilled| spilled.firsts.len()),
            tail: self.tail.len(),
            bytes: self.bytes,
            statements: self.statements,
        };
        self.savepoints.push((name, kept));
    }

    /// Forgets what came after a savepoint. One we never saw was set before the first row: everything goes.
    pub(crate) fn rollback_to(&mut self, name: &str) {
        let place = self.savepoints.iter().position(|(known, _)| known == name);
        let kept = place.map_or_else(Kept::default, |i| self.savepoints[i].1);
        self.savepoints.truncate(place.map_or(0, |i| i + 1));
        (self.bytes, self.statements) = (kept.bytes, kept.statements);
        match &mut self.spilled {
            Some(spilled) if kept.end < spilled.end => {
                self.tail.clear();
                self.wanted = kept.tail;
                spilled.go_back(kept.end, kept.firsts);
            }
            Some(_) | None => self.tail.truncate(kept.tail),
        }
    }

    /// Takes out what a rollback leaves: a DROP is done. MariaDB logs one so for a CREATE OR REPLACE … SELECT that failed.
    pub(crate) fn take_drops(&mut self) -> Vec<Entry> {
        let is_drop = |entry: &mut Entry| match entry {
            Entry::Statement { query, .. } => {
                split(&query.sql, query.dialect).0.first().is_some_and(|first| first.is_word("DROP"))
            }
            Entry::Rows { .. } | Entry::PassedOver { .. } => false,
        };
        self.tail.extract_if(.., is_drop).collect()
    }

    /// Whether entries must be read back before anything else is done with it.
    pub(crate) fn wants_back(&self) -> bool {
        self.spilled.as_ref().is_some_and(|spilled| spilled.is_cut())
    }

    /// What reads them, if they must.
    pub(crate) fn reading_back(
        &self,
    ) -> Option<impl FnOnce() -> std::io::Result<Vec<Entry>> + Send + 'static> {
        let cut = self.spilled.as_ref().filter(|spilled| spilled.is_cut());
        cut.map(|spilled| spilled.reading_back(self.wanted))
    }

    /// Takes the entries that were read back.
    pub(crate) fn put_back(&mut self, entries: Vec<Entry>) {
        self.tail = entries;
        self.wanted = 0;
        let tail: usize = self.tail.iter().map(Entry::bytes).sum();
        if let Some(spilled) = &mut self.spilled {
            spilled.was_cut(self.bytes - tail);
        }
    }

    /// Makes blocks of what is in memory, for the end of the file.
    pub(crate) fn blocks(&mut self, size: usize) -> (Option<Arc<File>>, u64, Vec<Block>) {
        let spilled = self.spilled.get_or_insert_default();
        let (file, at) = (spilled.file.clone(), spilled.end);
        (file, at, spilled.blocks(std::mem::take(&mut self.tail), size))
    }

    /// Notes that the blocks are on disk.
    pub(crate) fn written(&mut self, file: Arc<File>) {
        if let Some(spilled) = &mut self.spilled {
            spilled.file = Some(file);
        }
    }

    pub(crate) fn into_parts(self) -> Parts {
        Parts {
            elsewhere: self.elsewhere,
            spilled: self.spilled.map(|spilled| *spilled).unwrap_or_default(),
            tail: self.tail,
            renumbered: self.renumbered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parked::{ParkedBody, ParkedStatement, PassedBy};
    use change_event::{CommitTs, Op, TableName};
    use proptest::prelude::*;
    use std::path::Path;

    fn entry(sql: &str) -> Entry {
        let query =
            Query { database: String::new(), sql: sql.into(), dialect: Default::default(), failed: false };
        Entry::Statement { query, body: Bytes::new(), place: Place::default() }
    }

    fn place(number: usize) -> Place {
        let start = number as u64;
        Place { start, end: start + 1, inner: 1, timestamp: 2, server_id: 3, code: 4 }
    }

    fn parked(number: usize, statement: bool, len: usize) -> Parked {
        let statement =
            statement.then(|| ParkedStatement { database: "d".to_owned(), sql: number.to_string() });
        Parked {
            version: Parked::VERSION,
            file: "a file".to_owned(),
            offset: number as u64,
            end: 7,
            inner: 1,
            log_created: 2,
            gtid: Some("0-1-1".to_owned()),
            commit_ts: CommitTs::default(),
            table: Some(TableName::new("d", "t")),
            reason: "a reason".to_owned(),
            by: PassedBy::Operator,
            table_map: statement.is_none().then(|| Bytes::from_static(b"a map")),
            statement,
            kind: 4,
            timestamp: 5,
            server_id: 6,
            body: ParkedBody(Bytes::from_static(b"head"), Bytes::from(vec![7; len])),
        }
    }

    /// A transaction, and whether it goes to disk.
    struct Rig<'a> {
        group: Group,
        dir: &'a Path,
    }

    impl Rig<'_> {
        fn flush(&mut self, size: usize) {
            let (file, at, blocks) = self.group.blocks(size);
            self.group.written(super::super::spill::append(self.dir, file, at, blocks).unwrap());
        }

        fn settle(&mut self) {
            if let Some(read) = self.group.reading_back() {
                self.group.put_back(read().unwrap());
            }
        }

        /// Everything in words.
        fn words(self) -> Vec<String> {
            let Parts { spilled, tail, .. } = self.group.into_parts();
            let mut entries = Vec::new();
            let mut at = 0;
            while at < spilled.end {
                let file = spilled.file.as_ref().unwrap();
                let (more, next) = super::super::spill::read(file, at, spilled.end, &spilled.firsts).unwrap();
                (entries, at) = (entries.into_iter().chain(more).collect(), next);
            }
            entries.iter().chain(&tail).map(|entry: &Entry| format!("{entry:?}")).collect()
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Rows { table: usize, absent: bool, len: usize },
        Statement,
        PassedOver { touches: bool, statement: bool, len: usize },
        Savepoint(u8),
        RollbackTo(u8),
        Flush(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0..4_usize, any::<bool>(), prop_oneof![0..40_usize, Just(70_000)])
                .prop_map(|(table, absent, len)| Step::Rows { table, absent, len }),
            1 => Just(Step::Statement),
            1 => (any::<bool>(), any::<bool>(), prop_oneof![0..40_usize, Just(70_000)])
                .prop_map(|(touches, statement, len)| Step::PassedOver { touches, statement, len }),
            2 => (0..4_u8).prop_map(Step::Savepoint),
            1 => (0..5_u8).prop_map(Step::RollbackTo),
            3 => (0..100_usize).prop_map(Step::Flush),
        ]
    }

    proptest! {
        /// The same steps with and without a disk: the same entries, bytes, tables and statements.
        #[test]
        fn a_transaction_on_disk_is_the_one_in_memory(steps in prop::collection::vec(step(), 0..60)) {
            let dir = tempfile::tempdir().unwrap();
            let [mut spilled, mut whole] = [(); 2].map(|()| Rig { group: Group::new(4), dir: dir.path() });
            for (number, step) in steps.into_iter().enumerate() {
                for rig in [&mut spilled, &mut whole] {
                    match step {
                        Step::Rows { table, absent, len } => {
                            let images = Bytes::from(vec![number as u8; len]);
                            let absent = absent.then(|| Box::from([true, false]));
                            let head = Bytes::from(vec![number as u8; 3]);
                            let place = place(number);
                            let rows = RawRows { op: Op::Update, width: 2, absent, images, head, place };
                            rig.group.push(Entry::Rows { table, rows });
                        }
                        Step::Statement => drop(rig.group.push(entry(&number.to_string()))),
                        Step::PassedOver { touches, statement, len } => {
                            let parked = Box::new(parked(number, statement, len));
                            let touches = touches.then_some(Influence::All);
                            rig.group.push(Entry::PassedOver { parked, touches });
                        }
                        Step::Savepoint(name) => rig.group.savepoint(name.to_string()),
                        Step::RollbackTo(name) => rig.group.rollback_to(&name.to_string()),
                        Step::Flush(_) => {}
                    }
                    rig.settle();
                }
                if let Step::Flush(size) = step {
                    spilled.flush(size);
                }
            }
            let looks = |group: &Group| (group.bytes(), group.has_statements(), group.tables());
            prop_assert_eq!(looks(&spilled.group), looks(&whole.group));
            prop_assert!(spilled.group.memory() <= whole.group.memory());
            whole.group.detach();
            prop_assert_eq!(spilled.words(), whole.words());
            prop_assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the file has no name");
        }
    }

    #[test]
    fn tables_have_the_numbers_of_the_commit() {
        let mut group = Group::new(4);
        let rows = |op| RawRows {
            op,
            width: 1,
            absent: None,
            images: Bytes::new(),
            head: Bytes::new(),
            place: Place::default(),
        };
        for table in [3, 5, 3] {
            group.push(Entry::Rows { table, rows: rows(Op::Insert) });
        }
        group.renumber(vec![(3, 5), (5, 3)]);
        let numbers = group.into_parts().tail.into_iter().map(|entry| match entry {
            Entry::Rows { table, .. } => table,
            Entry::Statement { .. } | Entry::PassedOver { .. } => 0,
        });
        assert_eq!(numbers.collect::<Vec<_>>(), [5, 3, 5]);
    }

    #[test]
    fn a_rollback_to_a_savepoint_keeps_what_came_before() {
        let mut group = Group::new(4);
        group.push(entry("1"));
        group.savepoint("a".into());
        group.push(entry("2"));
        group.savepoint("b".into());
        group.push(entry("3"));
        group.rollback_to("a");
        assert_eq!((group.tail.len(), group.bytes()), (1, 1));
        group.push(entry("4"));
        group.rollback_to("a");
        assert_eq!(group.tail.len(), 1);
        group.rollback_to("unknown");
        assert!(group.tail.is_empty());
    }
}
