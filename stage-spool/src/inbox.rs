//! What the handles say to the writer thread: pieces to place, and that something changed.

use crate::core::Core;
use crate::stored::Stored;
use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use pipeline_core::gate::Lease;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A piece on its way to a tier. Dropped without an answer, its future finds the reason in [`Core::failure`].
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) body: Bytes,
    place: Place,
    answer: oneshot::Sender<Stored>,
}

/// A job's place in the waiting room: counted, and paid for at the room's gate.
#[derive(Debug)]
struct Place {
    core: Arc<Core>,
    bytes: u64,
    _lease: Lease,
}

impl Job {
    /// A job, and the wait for its answer.
    pub(crate) fn new(core: &Arc<Core>, body: Bytes, lease: Lease) -> (Self, oneshot::Receiver<Stored>) {
        let (answer, wait) = oneshot::channel();
        let bytes = body.len() as u64;
        core.ledger.pending.add(1);
        core.ledger.waiting.add(bytes);
        let place = Place { core: core.clone(), bytes, _lease: lease };
        (Self { body, place, answer }, wait)
    }

    /// Bytes of payload.
    pub(crate) fn len(&self) -> u64 {
        self.place.bytes
    }

    /// Whether nobody waits for it any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    /// Says where the piece is now. If nobody listens, it is let go again.
    pub(crate) fn resolve(self, stored: impl FnOnce(Bytes) -> Stored) {
        let Self { body, place, answer } = self;
        let stored = stored(body);
        // Room first, news second: whoever is woken by the answer finds the room there, and itself not counted
        // among those that wait.
        drop(place);
        drop(answer.send(stored));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.core.ledger.waiting.subtract(self.bytes);
        self.core.ledger.pending.subtract(1);
    }
}

/// The queue before the writer thread.
///
/// It has no bound of its own: each job in it is a pending call that holds a lease of the spool's waiting room,
/// and most often one of the caller's watermarks too. Those bound its bytes.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    nudged: bool,
    closed: bool,
    ended: bool,
}

impl Inbox {
    /// Adds a job at the end of the line; after the thread's end it is dropped.
    pub(crate) fn push(&self, job: Job) {
        let mut state = self.state.lock();
        if state.ended {
            drop(state);
            drop(job);
            return;
        }
        state.jobs.push_back(job);
        drop(state);
        self.bell.notify_one();
    }

    /// Says that something was let go.
    pub(crate) fn nudge(&self) {
        self.state.lock().nudged = true;
        self.bell.notify_one();
    }

    /// Says that no more jobs will come.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        state.nudged = true;
        drop(state);
        self.bell.notify_one();
    }

    /// Waits for news and moves all new jobs to the end of `line`; returns whether the inbox is closed.
    pub(crate) fn take(&self, line: &mut VecDeque<Job>) -> bool {
        let mut state = self.state.lock();
        while state.jobs.is_empty() && !state.nudged {
            self.bell.wait(&mut state);
        }
        state.nudged = false;
        line.append(&mut state.jobs);
        state.closed
    }

    /// Ends the line: jobs in it are dropped, and later ones too.
    pub(crate) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        drop(jobs);
    }
}
