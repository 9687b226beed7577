//! Events that the source passed over: each is kept in the bucket before anything behind it goes on.
//!
//! ```text
//! .spillway/parked/binlog.000007-1767225600/00000000000000001234.json    one event: see `source_mysql::parked`
//! ```
//! A million of them are a million objects, but neither a million lines of a log nor a list in memory: each trouble of
//! each table is told once, and counted.

use crate::json::json;
use change_event::TableName;
use sink_cloudstorage::{ParkedEvents, WriterError};
use source_mysql::parked::PassedBy;
use source_mysql::{LogPlace, Parked};
use std::collections::BTreeMap;
use tokio::task::{JoinError, JoinSet};

/// So many kinds of trouble are told and counted one by one; the others are counted together.
const MOST_KINDS: usize = 1000;
/// So many events are on their way to the bucket at once…
const AT_ONCE: usize = 32;
/// …if they are no more than this together.
const BYTES_AT_ONCE: usize = 8 << 20;

/// The table, if it is known, and its trouble.
type Kind = (Option<TableName>, String);

/// Keeps what is passed over.
#[derive(Debug)]
pub(crate) struct Parking {
    target: ParkedEvents,
    on_their_way: JoinSet<Result<(), WriterError>>,
    /// Bytes that were on their way since nothing was.
    bytes: usize,
    parked: Tally,
    /// Those that the operator named, and whether they came.
    named: Vec<(LogPlace, bool)>,
}

/// What was parked, by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kinds: BTreeMap<Kind, u64>,
    pub(crate) events: u64,
}

/// Why an event could not be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ParkingError {
    #[error(transparent)]
    Store(#[from] WriterError),
    #[error("an event to be parked has no JSON")]
    Json(#[from] serde_json::Error),
    #[error("an event was not parked to its end")]
    Task(#[from] JoinError),
}

impl Parking {
    pub(crate) fn new(target: ParkedEvents, named: &[LogPlace]) -> Self {
        let named = named.iter().map(|place| (place.clone(), false)).collect();
        Self { target, on_their_way: JoinSet::new(), bytes: 0, parked: Tally::default(), named }
    }

    /// Begins to keep an event. What comes behind it must wait until it is [settled](Self::settle).
    pub(crate) async fn park(&mut self, parked: Parked) -> Result<(), ParkingError> {
        self.note(&parked);
        let by = match parked.by {
            PassedBy::Policy => "policy",
            PassedBy::Operator => "operator",
        };
        let name = parked.name();
        // Of a large event, no more than one copy.
        let content = json(&parked)?;
        drop(parked);
        if self.on_their_way.len() == AT_ONCE || self.bytes + content.len() > BYTES_AT_ONCE {
            self.settle().await?;
        }
        self.bytes += content.len();
        let target = self.target.clone();
        self.on_their_way.spawn(async move { target.keep(&name, content, by).await });
        Ok(())
    }

    /// Waits until everything is durable that was parked.
    pub(crate) async fn settle(&mut self) -> Result<(), ParkingError> {
        while let Some(kept) = self.on_their_way.join_next().await {
            kept??;
        }
        self.bytes = 0;
        Ok(())
    }

    /// What was parked. Tells which of the named events did not come.
    pub(crate) fn finish(self) -> Tally {
        for (place, _) in self.named.iter().filter(|(_, came)| !came) {
            tracing::warn!(%place, "--skip-event has passed over nothing: no event that cannot be taken was read there");
        }
        self.parked
    }

    fn note(&mut self, parked: &Parked) {
        let Parked { file, offset, table, reason, .. } = parked;
        for (place, came) in &mut self.named {
            *came |= place.file == *file && place.offset == *offset;
        }
        let is_new = self.parked.add((table.clone(), reason.clone()));
        if is_new {
            let table = table.as_ref().map_or_else(|| "-".to_owned(), TableName::to_string);
            tracing::warn!(
                table,
                reason,
                place = format!("{file}:{offset}"),
                "an event is passed over, and kept in .spillway/parked; others of its kind are only counted"
            );
        }
    }
}

impl Tally {
    /// Counts an event, and says whether it is the first of its kind that is told.
    fn add(&mut self, kind: Kind) -> bool {
        self.events += 1;
        let is_full = self.kinds.len() >= MOST_KINDS;
        match self.kinds.get_mut(&kind) {
            Some(count) => *count += 1,
            None if is_full => {}
            None => {
                self.kinds.insert(kind, 1);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_KINDS, Tally};
    use change_event::TableName;

    #[test]
    fn each_trouble_of_each_table_is_told_once_and_there_is_an_end_to_them() {
        let mut tally = Tally::default();
        let kind = |table: &str, why: &str| (Some(TableName::new("d", table)), why.to_owned());
        assert!(tally.add(kind("t", "a")) && tally.add(kind("t", "b")) && tally.add(kind("u", "a")));
        assert!((0..1_000_000).all(|_| !tally.add(kind("t", "a"))));
        let told = (0..2 * MOST_KINDS).filter(|n| tally.add(kind(&n.to_string(), "a"))).count();
        assert_eq!((told, tally.kinds.len()), (MOST_KINDS - 3, MOST_KINDS));
        assert_eq!(tally.events, 1_000_003 + 2 * MOST_KINDS as u64);
        assert_eq!(tally.kinds[&kind("t", "a")], 1_000_001);
    }
}
