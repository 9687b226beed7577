//! The writer thread: places pieces that found the memory tier full, in the order they came.
//!
//! ```text
//! the head of the line     goes to memory   if there is room by now
//!                          goes to disk     if the quota allows
//!                          is oversized     if no disk of this quota could hold it, and no other such piece is held
//!                          waits            otherwise, and with it the whole line
//! ```
//!
//! # Waiting
//!
//! The quota binds bytes that are physically there, and one live frame pins a whole segment; so a piece that a gate
//! let in may find no room. It waits, and nothing overtakes it. That cannot last: nothing new is written meanwhile,
//! whoever holds pieces lets them go without new input (the law of progress), and with its last live frame a
//! segment goes, the active one too, until a piece that the quota could hold has room. To hurry it along the waiting
//! room is shut while a piece waits: the gate that [`Spool::waiting_room`](crate::Spool::waiting_room) gives makes
//! pressure.

use crate::SpoolError;
use crate::core::Core;
use crate::frame;
use crate::inbox::Job;
use crate::memory::Share;
use crate::shelf::Shelf;
use crate::stored::Stored;
use pipeline_core::gate::Lease;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Waker};

/// Bytes that are written at once, unless one piece is larger: enough to make the calls into the system cheap, and few
/// enough that the first are answered, and others let in, while the next are written.
const WRITE: u64 = 1 << 20;

/// What the writer thread owns.
pub(crate) struct Writer {
    core: Arc<Core>,
    shelf: Shelf,
    line: VecDeque<Job>,
    /// Held while a piece waits: keeps the waiting room shut.
    shutter: Option<Lease>,
}

impl Writer {
    pub(crate) fn new(core: Arc<Core>, shelf: Shelf) -> Self {
        Self { core, shelf, line: VecDeque::new(), shutter: None }
    }

    /// Runs until all handles are dropped, all jobs answered and all segments deleted.
    pub(crate) fn run(mut self) {
        let _end = End(self.core.clone());
        loop {
            let news = self.core.inbox.take(&mut self.line);
            if news.abandoned {
                self.leave_out(Job::is_abandoned);
            }
            if let Err(error) = self.turn() {
                self.core.fail(error);
            }
            if self.core.failure().is_some() {
                self.leave_out(|_| true);
            }
            self.signal();
            if news.closed && self.line.is_empty() && self.shelf.is_empty() {
                return;
            }
        }
    }

    /// Drops jobs from the line.
    fn leave_out(&mut self, which: impl Fn(&Job) -> bool) {
        let (out, stay): (VecDeque<_>, _) = std::mem::take(&mut self.line).into_iter().partition(which);
        self.line = stay;
        self.core.inbox.settle(out.iter().collect());
    }

    /// Does all that can be done now.
    fn turn(&mut self) -> Result<(), SpoolError> {
        self.shelf.delete_dead()?;
        if self.core.failure().is_none() {
            self.place()?;
            if !self.line.is_empty() && !self.core.crowded() {
                // Room that was given back before this was said is found now; later, we are told.
                self.core.set_crowded(true);
                self.place()?;
            }
        }
        if self.line.is_empty() {
            self.shelf.delete_active_if_dead()?;
        }
        Ok(())
    }

    /// Places from the front of the line, until it is empty or its head has to wait.
    fn place(&mut self) -> Result<(), SpoolError> {
        loop {
            let group = self.next_group();
            if !group.is_empty() {
                self.write(group)?;
                continue;
            }
            let Some(head) = self.line.front() else { return Ok(()) };
            if !self.shelf.begin(head.len())? {
                return Ok(());
            }
        }
    }

    /// Takes from the front of the line what one write and the active segment have room for. What fits in memory is
    /// answered.
    fn next_group(&mut self) -> Vec<Job> {
        let mut group = Vec::new();
        let mut room = self.shelf.room();
        let mut size = 0;
        while size < WRITE
            && let Some(mut job) = self.line.pop_front()
        {
            if job.is_abandoned() {
                self.core.inbox.settle([&job].into_iter().collect());
                continue;
            }
            if let Some(share) = self.share(job.len()) {
                self.leave_room(std::slice::from_mut(&mut job));
                job.resolve(|body| Stored::in_memory(body, share));
                continue;
            }
            match room.checked_sub(frame::size(job.len())) {
                Some(rest) => room = rest,
                None => {
                    self.line.push_front(job);
                    break;
                }
            }
            size += frame::size(job.len());
            group.push(job);
        }
        group
    }

    fn share(&self, len: u64) -> Option<Share> {
        let oversized = !self.shelf.could_hold(len);
        Share::within(&self.core, len)
            .or_else(|| oversized.then(|| Share::oversized(&self.core, len)).flatten())
    }

    /// Room first, news second: whoever is woken by an answer finds the room there, and itself not counted among those
    /// that wait.
    fn leave_room(&self, jobs: &mut [Job]) {
        self.core.inbox.settle(jobs.iter().collect());
        jobs.iter_mut().for_each(Job::leave_room);
    }

    fn write(&mut self, mut group: Vec<Job>) -> Result<(), SpoolError> {
        match self.shelf.append(group.iter().map(|job| (&job.body, job.checksum))) {
            Ok(runs) => {
                self.leave_room(&mut group);
                for (job, run) in group.into_iter().zip(runs) {
                    job.resolve(|_| Stored::on_disk(run));
                }
                Ok(())
            }
            Err(error) => {
                // They hear of it with all the others, once it is known to be the spool's fate.
                self.line.extend(group);
                Err(error)
            }
        }
    }

    /// Shuts the waiting room while a piece waits, and opens it when none does.
    fn signal(&mut self) {
        if self.line.is_empty() {
            self.core.set_crowded(false);
            self.shutter = None;
        } else if self.shutter.is_none() {
            let mut entry = self.core.room.entry();
            // If it is not let in, the room is shut already.
            if entry.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready() {
                self.shutter = Some(entry.enter(self.core.room_size + 1));
            }
        }
    }
}

/// Tells whoever waits that the thread is gone, if a defect ends it.
struct End(Arc<Core>);

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(SpoolError::Stopped);
            self.0.inbox.end();
        }
    }
}
