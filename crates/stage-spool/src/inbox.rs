//! What the handles say to the writer thread: pieces to place, and that something changed.

use crate::stored::Stored;
use bytes::Bytes;
use crc32c::crc32c;
use futures::channel::oneshot;
use parking_lot::{Condvar, Mutex};
use pipeline_core::gate::Lease;
use std::collections::VecDeque;

/// A piece on its way to a tier. Dropped without an answer, its future finds the reason in
/// [`Core::failure`](crate::core::Core::failure).
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) body: Bytes,
    /// The checksum of `body`: summed by the caller, since there is only one writer thread.
    pub(crate) checksum: u32,
    answer: oneshot::Sender<Stored>,
    /// Its place in the waiting room.
    lease: Option<Lease>,
}

impl Job {
    /// A job, and the wait for its answer.
    pub(crate) fn new(body: Bytes, lease: Lease) -> (Self, oneshot::Receiver<Stored>) {
        let (answer, wait) = oneshot::channel();
        (Self { checksum: crc32c(&body), body, answer, lease: Some(lease) }, wait)
    }

    /// Bytes of payload.
    pub(crate) fn len(&self) -> u64 {
        self.body.len() as u64
    }

    /// Whether nobody waits for it any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.answer.is_canceled()
    }

    /// Gives its place in the waiting room back.
    pub(crate) fn leave_room(&mut self) {
        self.lease = None;
    }

    /// Says where the piece is now. If nobody listens, it is let go again.
    pub(crate) fn resolve(self, stored: impl FnOnce(Bytes) -> Stored) {
        drop(self.answer.send(stored(self.body)));
    }
}

/// Jobs, and the bytes of their pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) jobs: u64,
    pub(crate) bytes: u64,
}

impl Tally {
    /// Counts one more.
    pub(crate) fn count(&mut self, job: &Job) {
        self.jobs += 1;
        self.bytes += job.len();
    }
}

impl<'a> FromIterator<&'a Job> for Tally {
    fn from_iter<I: IntoIterator<Item = &'a Job>>(jobs: I) -> Self {
        let mut tally = Self::default();
        jobs.into_iter().for_each(|job| tally.count(job));
        tally
    }
}

/// What is new for the writer thread.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct News {
    /// A job in the line is not waited for any more.
    pub(crate) abandoned: bool,
    /// No more jobs will come.
    pub(crate) closed: bool,
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
    /// Jobs that were pushed and have no answer yet, those that the thread took included. Counted here since the lock
    /// is taken anyway.
    unanswered: Tally,
    nudged: bool,
    news: News,
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
        state.unanswered.count(&job);
        state.jobs.push_back(job);
        drop(state);
        self.bell.notify_one();
    }

    /// Says that something was let go.
    pub(crate) fn nudge(&self) {
        self.change(|_| {});
    }

    /// Says that a job is not waited for any more.
    pub(crate) fn abandon(&self) {
        self.change(|news| news.abandoned = true);
    }

    /// Says that no more jobs will come.
    pub(crate) fn close(&self) {
        self.change(|news| news.closed = true);
    }

    fn change(&self, change: impl FnOnce(&mut News)) {
        let mut state = self.state.lock();
        change(&mut state.news);
        state.nudged = true;
        drop(state);
        self.bell.notify_one();
    }

    /// Waits for news and moves all new jobs to the end of `line`.
    pub(crate) fn take(&self, line: &mut VecDeque<Job>) -> News {
        let mut state = self.state.lock();
        while state.jobs.is_empty() && !state.nudged {
            self.bell.wait(&mut state);
        }
        state.nudged = false;
        if line.is_empty() {
            std::mem::swap(line, &mut state.jobs);
        } else {
            line.append(&mut state.jobs);
        }
        let news = state.news;
        state.news.abandoned = false;
        news
    }

    /// Says that jobs are about to be answered, or dropped.
    pub(crate) fn settle(&self, answered: Tally) {
        let mut state = self.state.lock();
        state.unanswered.jobs -= answered.jobs;
        state.unanswered.bytes -= answered.bytes;
    }

    /// Calls without an answer.
    pub(crate) fn unanswered(&self) -> Tally {
        self.state.lock().unanswered
    }

    /// Ends the line: jobs in it are dropped, and later ones too.
    pub(crate) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        state.unanswered = Tally::default();
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        drop(jobs);
    }
}
