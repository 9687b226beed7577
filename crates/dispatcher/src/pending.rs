//! What one dispatcher has in flight, as the ledger's list looks at it.

use crate::in_flight::InFlight;
use change_event::CommitTs;
use parking_lot::Mutex;

/// The events of one dispatcher that are not durable yet, and whether the ledger has them in its list.
///
/// The dispatcher's progress adds and removes, the ledger looks; neither knows the other's type.
#[derive(Debug, Default)]
pub(crate) struct Pending(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    in_flight: InFlight,
    /// Whether the ledger has it in its list.
    listed: bool,
}

impl Pending {
    /// Adds an event; gives its token, and whether the ledger has it in its list, which it has from now on if
    /// `to_list`.
    pub(crate) fn add(&self, ts: CommitTs, to_list: bool) -> (u64, bool) {
        let mut state = self.0.lock();
        let token = state.in_flight.add(ts);
        (token, std::mem::replace(&mut state.listed, to_list))
    }

    /// Removes an event; says whether it was there.
    pub(crate) fn remove(&self, token: u64) -> bool {
        self.0.lock().in_flight.remove(token)
    }

    /// The commit-ts of the first event.
    pub(crate) fn first(&self) -> Option<CommitTs> {
        self.0.lock().in_flight.first()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().in_flight.len()
    }

    /// What the ledger's list needs to know: the first event, or that it is off the list.
    pub(crate) fn look(&self) -> Option<CommitTs> {
        let mut state = self.0.lock();
        let first = state.in_flight.first();
        state.listed = first.is_some();
        first
    }
}
