//! Places in a log that are told by what happened there, found by going over its events.
//!
//! | room | what lives there |
//! |---|---|
//! | [`behind`] | the place behind a set of GTIDs |
//! | [`since`] | the first transaction at or after a moment |
//! | [`in_file`] | the search in a binlog file |

mod behind;
mod in_file;
mod since;

pub(crate) use behind::{Behind, Miss};
pub(crate) use since::Since;

use super::event::LogEvent;
use crate::gtids::Gtids;
use crate::lineage::{Fingerprint, LogIdentity};

/// The offset of every file's first event.
pub(crate) const FIRST_EVENT: u64 = 4;

/// A place between two transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) offset: u64,
    /// The file there.
    pub(crate) log: Option<LogIdentity>,
    /// The event before it, if that ends a transaction.
    pub(crate) last_event: Option<Fingerprint>,
    /// Everything executed up to there, where that can be told.
    pub(crate) gtids: Option<Gtids>,
    /// What is behind the place although it was asked for as before it.
    pub(crate) known: Option<Gtids>,
}

impl Place {
    /// The beginning of a file.
    pub(crate) fn beginning(file: String, log: Option<LogIdentity>) -> Self {
        Self { file, offset: FIRST_EVENT, log, last_event: None, gtids: None, known: None }
    }

    /// Moves behind an event that ends a transaction.
    fn pass(&mut self, event: &LogEvent) {
        self.offset = event.end;
        self.last_event = Some(event.fingerprint());
    }
}

/// Looks for a place in a log that is gone over from the beginning of one of its files on.
pub(crate) trait Search {
    /// The log goes on in this file.
    fn enter(&mut self, file: String, log: LogIdentity);

    /// Takes the next event. True once the place is found and nothing more need be seen.
    fn see(&mut self, event: &LogEvent) -> Result<bool, Miss>;
}
