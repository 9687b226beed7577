//! Rows that a restarted sink wrote twice.
//!
//! A sink that was restarted begins again at its checkpoint: it writes transactions once more, into new files, in the
//! same order. A consumer recognises them by their commit-ts, which is not above what it has applied already. This
//! reader is stricter: a repeated transaction must be the same rows in the same order, and a row that is *not*
//! repeated must not be older than what was published before it, because a consumer may drop it.

use super::{Bucket, DataFile, Row, TableKey, Violation};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};

impl Bucket {
    /// The rows of every table without the repeated ones, in the order in which a consumer applies them.
    ///
    /// # Errors
    /// As [`Bucket::commit_ts_order_per_table`].
    pub fn distinct_rows(&self) -> Result<BTreeMap<TableKey, Vec<&Row>>, Violation> {
        let mut tables: BTreeMap<TableKey, Vec<&Row>> = BTreeMap::new();
        let mut streams = Streams::new(self.options.restarts);
        for directory in directories(&self.files) {
            let rows = streams.admit(directory)?;
            tables.entry(directory[0].table.clone()).or_default().extend(rows);
        }
        Ok(tables)
    }

    /// Checks that commit-ts never go back: not within a file, and, repeated rows aside, not from one file of a table
    /// to the next (promise 7).
    ///
    /// # Errors
    /// `CommitTsOrder`, `LateRow`, `ReplayDiffers` or `Repeated`.
    pub fn commit_ts_order_per_table(&self) -> Result<(), Violation> {
        self.distinct_rows().map(drop)
    }
}

/// The files of one directory after the other.
pub(super) fn directories(files: &[DataFile]) -> impl Iterator<Item = &[DataFile]> {
    files.chunk_by(|a, b| a.owner.dir == b.owner.dir)
}

/// Everything that was applied so far, by what has an order of its own.
pub(super) struct Streams {
    restarts: bool,
    streams: HashMap<(TableKey, u64, Option<String>), Stream>,
    across: HashMap<(TableKey, u64), AcrossDispatchers>,
}

impl Streams {
    pub(super) fn new(restarts: bool) -> Self {
        Self { restarts, streams: HashMap::new(), across: HashMap::new() }
    }

    /// The rows of one directory that were not there before, in the order in which a consumer applies them.
    pub(super) fn admit<'a>(&mut self, directory: &'a [DataFile]) -> Result<Vec<&'a Row>, Violation> {
        let mut admitted = Vec::new();
        for file in directory {
            let dispatcher = file.owner.dispatcher.clone();
            let partition = file.owner.dir.lane();
            let key = (file.table.clone(), partition, dispatcher.clone());
            let stream = self.streams.entry(key).or_default();
            let mut fresh = stream.admit(file, self.restarts)?;
            if let Some(dispatcher) = dispatcher {
                let across = self.across.entry((file.table.clone(), partition)).or_default();
                fresh.retain(|row| across.is_first(&dispatcher, row));
            }
            admitted.extend(fresh);
        }
        // One dispatcher's rows are in order already; those of several interleave.
        admitted.sort_by_key(|row| row.commit_ts);
        Ok(admitted)
    }
}

/// The transactions of one dispatcher, or of one partition whose files name no dispatcher.
#[derive(Default)]
struct Stream {
    applied: BTreeMap<u64, Vec<Bytes>>,
}

impl Stream {
    /// The rows of the next file that are new.
    fn admit<'a>(&mut self, file: &'a DataFile, restarts: bool) -> Result<Vec<&'a Row>, Violation> {
        let mut fresh = Vec::new();
        let mut previous = 0;
        let mut first = 0;
        for transaction in file.rows.chunk_by(|a, b| a.commit_ts == b.commit_ts) {
            let commit_ts = transaction[0].commit_ts;
            let place = |at: usize| (file.path.clone(), first + at + 1);
            if commit_ts < previous {
                let (file, row) = place(0);
                return Err(Violation::CommitTsOrder { file, row, commit_ts, previous });
            }
            let repeated = self.repeated(transaction, first == 0, restarts);
            let repeated = repeated.map_err(|refusal| refusal.at(place(refusal.row()), commit_ts))?;
            let new = &transaction[repeated..];
            let applied = self.applied.entry(commit_ts).or_default();
            applied.extend(new.iter().map(|row| row.raw.clone()));
            fresh.extend(new);
            previous = commit_ts;
            first += transaction.len();
        }
        Ok(fresh)
    }

    /// How many rows at the start of a transaction were applied before.
    fn repeated(&self, transaction: &[Row], starts_file: bool, restarts: bool) -> Result<usize, Refusal> {
        let commit_ts = transaction[0].commit_ts;
        let watermark = self.applied.last_key_value().map_or(0, |(&last, _)| last);
        if commit_ts > watermark || self.applied.is_empty() {
            return Ok(0);
        }
        if !restarts {
            // The transaction that the last file ended with may go on; nothing else may.
            let goes_on = commit_ts == watermark && starts_file;
            return if goes_on { Ok(0) } else { Err(Refusal::Repeated) };
        }
        let Some(before) = self.applied.get(&commit_ts) else {
            return Err(Refusal::Late { watermark, row: 0 });
        };
        let differs = transaction.iter().zip(before).position(|(row, before)| row.raw != *before);
        match differs {
            None if transaction.len() > before.len() && commit_ts < watermark => {
                Err(Refusal::Late { watermark, row: before.len() })
            }
            None => Ok(before.len().min(transaction.len())),
            // Other rows at the start of a file: the last transaction goes on.
            Some(_) if commit_ts == watermark && starts_file => Ok(0),
            Some(row) => Err(Refusal::Differs { row }),
        }
    }
}

/// Why a transaction cannot follow those before it.
#[derive(Clone, Copy)]
enum Refusal {
    Repeated,
    Late { watermark: u64, row: usize },
    Differs { row: usize },
}

impl Refusal {
    /// Which row of the transaction it is about, from 0.
    fn row(self) -> usize {
        match self {
            Self::Repeated => 0,
            Self::Late { row, .. } | Self::Differs { row } => row,
        }
    }

    fn at(self, (file, row): (String, usize), commit_ts: u64) -> Violation {
        match self {
            Self::Repeated => Violation::Repeated { file, row, commit_ts },
            Self::Late { watermark, .. } => Violation::LateRow { file, row, commit_ts, watermark },
            Self::Differs { .. } => Violation::ReplayDiffers { file, row, commit_ts },
        }
    }
}

/// Rows of one table from several dispatchers: a table that moved is written again by its new dispatcher, a table that
/// was split is not. Of equal rows, as many count as the dispatcher with the most of them wrote.
#[derive(Default)]
struct AcrossDispatchers {
    written: HashMap<(String, u64, Bytes), usize>,
    applied: HashMap<(u64, Bytes), usize>,
}

impl AcrossDispatchers {
    fn is_first(&mut self, dispatcher: &str, row: &Row) -> bool {
        let key = (dispatcher.to_owned(), row.commit_ts, row.raw.clone());
        let written = self.written.entry(key).or_default();
        *written += 1;
        let applied = self.applied.entry((row.commit_ts, row.raw.clone())).or_default();
        let is_first = *written > *applied;
        *applied += usize::from(is_first);
        is_first
    }
}
