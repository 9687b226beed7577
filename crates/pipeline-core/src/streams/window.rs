//! Which of the items under way are settled, and up to where all are.

use crate::{Error, ErrorKind, Observe, Observer};
use futures::task::AtomicWaker;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Shared by a stream and all its items.
#[derive(Debug, Default)]
pub(super) struct Window {
    state: Mutex<State>,
    pub(super) waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the first item that is not settled, or not taken note of.
    first: u64,
    /// From the first on: whether it is settled. Bounded as what is under way is, by the pipeline's gates.
    settled: VecDeque<bool>,
    failed: Option<Error>,
}

impl Window {
    /// Enters the next item.
    pub(super) fn enter(&self) -> u64 {
        let mut state = self.state.lock();
        state.settled.push_back(false);
        state.first + state.settled.len() as u64 - 1
    }

    /// How many items from the first on are settled, since this was asked last.
    pub(super) fn advance(&self) -> usize {
        let mut state = self.state.lock();
        let through = state.settled.iter().take_while(|settled| **settled).count();
        state.settled.drain(..through);
        state.first += through as u64;
        through
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.state.lock().failed.clone()
    }
}

impl Observe for Window {
    fn settled(&self, number: u64, outcome: Result<(), Error>) {
        let news = {
            let mut state = self.state.lock();
            match outcome {
                Err(error) if error.kind() != ErrorKind::Discarded => {
                    state.failed.get_or_insert(error);
                    true
                }
                Ok(()) | Err(_) => {
                    let place = (number - state.first) as usize;
                    state.settled[place] = true;
                    place == 0
                }
            }
        };
        if news {
            self.waker.wake();
        }
    }
}

/// Tells two.
pub(super) struct Both {
    pub(super) window: Arc<Window>,
    pub(super) other: Observer,
}

impl Observe for Both {
    fn enqueued(&self, _token: u64) {
        self.other.enqueued();
    }

    fn settled(&self, token: u64, outcome: Result<(), Error>) {
        self.other.settled(outcome.clone());
        self.window.settled(token, outcome);
    }
}
