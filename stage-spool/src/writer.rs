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

/// A write is at most this part of the waiting room, and a piece.
const GROUPS_IN_ROOM: u64 = 8;

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
            let closed = self.core.inbox.take(&mut self.line);
            if let Err(error) = self.turn() {
                self.core.fail(error);
            }
            if self.core.failure().is_some() {
                self.line.clear();
            }
            self.signal();
            if closed && self.line.is_empty() && self.shelf.is_empty() {
                return;
            }
        }
    }

    /// Does all that can be done now.
    fn turn(&mut self) -> Result<(), SpoolError> {
        self.line.retain(|job| !job.is_abandoned());
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

    /// Takes from the front of the line what the active segment has room for. What fits in memory is answered.
    fn next_group(&mut self) -> Vec<Job> {
        let mut group = Vec::new();
        // Not all that waits at once: while one group is written, the next one gathers in the waiting room.
        let mut room = self.shelf.room();
        let mut most = (self.core.room_size / GROUPS_IN_ROOM).max(1);
        while let Some(job) = self.line.pop_front() {
            if job.is_abandoned() {
                continue;
            }
            if let Some(share) = self.share(job.len()) {
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
            most = most.saturating_sub(job.len());
            group.push(job);
            if most == 0 {
                break;
            }
        }
        group
    }

    fn share(&self, len: u64) -> Option<Share> {
        let oversized = !self.shelf.could_hold(len);
        Share::within(&self.core, len)
            .or_else(|| oversized.then(|| Share::oversized(&self.core, len)).flatten())
    }

    fn write(&mut self, group: Vec<Job>) -> Result<(), SpoolError> {
        match self.shelf.append(group.iter().map(|job| &job.body)) {
            Ok(frames) => {
                for (job, frame) in group.into_iter().zip(frames) {
                    job.resolve(|_| Stored::on_disk(frame));
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
