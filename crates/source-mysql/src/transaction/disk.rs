//! What of a transaction goes to disk and comes back from there, on blocking threads.
//!
//! | due | when |
//! |---|---|
//! | the tail of the open transaction is written | it takes more than its room, or more than a piece behind blocks |
//! | the tail of a prepared one is written | all of them take more than their room: the largest goes first |
//! | the tail is read back | a rollback to a savepoint has cut into what is on disk |
//! | a block is read | the next piece of a committed transaction is to be handed over |
//!
//! One is under way at a time, and nothing else goes on meanwhile.

use super::assembler::{Assembler, State, Step};
use super::group::{Entry, Group};
use super::spill;
use crate::{Error, Result};
use std::fs::File;
use std::io;
use std::sync::Arc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Work that is under way.
#[derive(Debug)]
pub(super) enum Work {
    Writes { whose: Whose, work: JoinHandle<io::Result<Arc<File>>> },
    ReadsBack(JoinHandle<io::Result<Vec<Entry>>>),
    ReadsBlock(JoinHandle<io::Result<(Vec<Entry>, u64)>>),
}

/// The transaction that is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose {
    Open,
    /// The one at this place among the prepared.
    Prepared(usize),
}

impl Assembler {
    /// Whether [`settle`](Self::settle) has something to do. Everything else must wait for it.
    #[inline]
    pub(crate) fn is_unsettled(&self) -> bool {
        self.work.is_some() || self.is_open_due() || self.prepared_due || self.is_block_due()
    }

    fn is_open_due(&self) -> bool {
        match &self.state {
            State::Open(group) => group.wants_back() || self.outgrows(group),
            State::Idle | State::Announced(_) | State::Void(_) => false,
        }
    }

    fn outgrows(&self, group: &Group) -> bool {
        let room = if group.is_spilled() { self.room.piece.min(self.room.memory) } else { self.room.memory };
        group.memory() > room
    }

    /// Whether what is ready is on disk still.
    #[inline]
    pub(crate) fn is_block_due(&self) -> bool {
        matches!(self.ready.front(), Some(Step::Pieces(pieces)) if pieces.wants_block())
    }

    /// Does what is due on disk.
    ///
    /// # Cancel safety
    /// What is under way is waited for by the next call.
    ///
    /// # Errors
    /// [`Error::Spill`].
    pub(crate) async fn settle(&mut self) -> Result<()> {
        loop {
            if self.work.is_none() {
                self.work = self.due();
            }
            let done = match &mut self.work {
                None => return Ok(()),
                Some(Work::Writes { whose, work }) => {
                    let whose = *whose;
                    joined(work).await.map(|file| self.written(whose, file))
                }
                Some(Work::ReadsBack(work)) => joined(work).await.map(|entries| self.took_back(entries)),
                Some(Work::ReadsBlock(work)) => joined(work).await.map(|block| self.took_block(block)),
            };
            self.work = None;
            done.map_err(|source| Error::Spill { dir: self.room.dir.display().to_string(), source })?;
        }
    }

    /// Begins what is due.
    fn due(&mut self) -> Option<Work> {
        if self.is_open_due() {
            let State::Open(group) = &mut self.state else { return None };
            if let Some(read) = group.reading_back() {
                return Some(Work::ReadsBack(spawn_blocking(read)));
            }
            return Some(writes(Whose::Open, group, &self.room));
        }
        self.prepared_due = false;
        if self.prepared.memory() > self.room.memory
            && let Some((place, group)) = self.prepared.largest()
        {
            self.prepared_due = true;
            return Some(writes(Whose::Prepared(place), group, &self.room));
        }
        match self.ready.front() {
            Some(Step::Pieces(pieces)) if pieces.wants_block() => {
                let (file, at, end) = (pieces.spilled.file.clone()?, pieces.at, pieces.spilled.end);
                let firsts = pieces.firsts.clone();
                Some(Work::ReadsBlock(spawn_blocking(move || spill::read(&file, at, end, &firsts))))
            }
            Some(Step::Pieces(_) | Step::Item(_) | Step::Rows { .. }) | None => None,
        }
    }

    fn written(&mut self, whose: Whose, file: Arc<File>) {
        let group = match (whose, &mut self.state) {
            (Whose::Prepared(place), _) => self.prepared.group(place),
            (Whose::Open, State::Open(group)) => Some(group),
            (Whose::Open, State::Idle | State::Announced(_) | State::Void(_)) => None,
        };
        if let Some(group) = group {
            group.written(file);
        }
    }

    fn took_back(&mut self, entries: Vec<Entry>) {
        if let State::Open(group) = &mut self.state {
            group.put_back(entries);
        }
    }

    fn took_block(&mut self, (block, next): (Vec<Entry>, u64)) {
        if let Some(Step::Pieces(pieces)) = self.ready.front_mut() {
            (pieces.block, pieces.at) = (block, next);
        }
    }
}

fn writes(whose: Whose, group: &mut Group, room: &super::room::Room) -> Work {
    let (file, at, blocks) = group.blocks(room.piece);
    let dir = room.dir.clone();
    Work::Writes { whose, work: spawn_blocking(move || spill::append(&dir, file, at, blocks)) }
}

async fn joined<T>(work: &mut JoinHandle<io::Result<T>>) -> io::Result<T> {
    work.await?
}
