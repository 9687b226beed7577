//! The segments on disk: where the next frame goes, and what may be deleted.
//!
//! ```text
//!            begin                 no room left in it            no live frame
//!   (none) ─────────► active ─────────────────────────► sealed ────────────────► deleted
//!                       │                                                          ▲
//!                       └──────────── no live frame, and nothing to write ─────────┘
//! ```
//!
//! Owned by the writer thread, so no lock is held during any disk operation.

use crate::SpoolError;
use crate::core::Core;
use crate::directory::Directory;
use crate::disk::{Disk, append_all};
use crate::frame::{self, Address, Extent, SEGMENT_HEADER};
use crate::segment::{Run, Segment};
use bytes::Bytes;
use std::io::{self, IoSlice};
use std::sync::Arc;

/// Payloads below this are gathered into one buffer before they are written: the system takes a few large parts faster
/// than many small ones.
const GATHERED: usize = 4 << 10;

/// All segments of one spool.
pub(crate) struct Shelf {
    core: Arc<Core>,
    disk: Arc<dyn Disk>,
    directory: Directory,
    /// The most bytes of all files together.
    quota: u64,
    /// Bytes of a segment, unless one frame is larger.
    segment_size: u64,
    /// Bytes of all files.
    physical: u64,
    /// The number of the last segment that was begun.
    last: u64,
    active: Option<Volume>,
    sealed: Vec<Volume>,
    /// Headers and small payloads of one write.
    gathered: Vec<u8>,
}

/// A segment, its length, and how long it may become.
struct Volume {
    segment: Arc<Segment>,
    len: u64,
    capacity: u64,
}

impl Shelf {
    pub(crate) fn new(
        core: Arc<Core>,
        disk: Arc<dyn Disk>,
        directory: Directory,
        quota: u64,
        segment_size: u64,
    ) -> Self {
        Self {
            core,
            disk,
            directory,
            quota,
            segment_size,
            physical: 0,
            last: 0,
            active: None,
            sealed: Vec::new(),
            gathered: Vec::new(),
        }
    }

    /// Whether a payload of `len` bytes can be on this disk at all.
    pub(crate) fn could_hold(&self, len: u64) -> bool {
        frame::size(len) <= self.quota.saturating_sub(SEGMENT_HEADER as u64)
    }

    /// Bytes of frames that the active segment may take now.
    pub(crate) fn room(&self) -> u64 {
        let Some(active) = &self.active else { return 0 };
        let header = if active.len == 0 { SEGMENT_HEADER as u64 } else { 0 };
        let capacity = active.capacity - active.len;
        capacity.min(self.quota - self.physical).saturating_sub(header)
    }

    /// Makes room for a payload of `len` bytes that the active segment has no room for; returns whether there is.
    pub(crate) fn begin(&mut self, len: u64) -> Result<bool, SpoolError> {
        self.delete_active_if_dead()?;
        let size = frame::size(len).saturating_add(SEGMENT_HEADER as u64);
        if size > self.quota - self.physical {
            return Ok(false);
        }
        self.sealed.extend(self.active.take());
        self.last += 1;
        let path = self.directory.segment(self.last);
        match self.disk.create(&path) {
            Ok(file) => {
                let segment = Segment::new(self.last, path, file, self.core.clone());
                self.active = Some(Volume {
                    segment: Arc::new(segment),
                    len: 0,
                    capacity: self.segment_size.max(size),
                });
                Ok(true)
            }
            Err(error) => Err(SpoolError::Write { file: path, source: Arc::new(error) }),
        }
    }

    /// Appends all of `payloads`, each with its checksum, to the active segment, in one write if the system takes it.
    ///
    /// # Panics
    /// If their frames exceed [`room`](Self::room).
    pub(crate) fn append<'a>(
        &mut self,
        payloads: impl Iterator<Item = (&'a Bytes, u32)> + Clone,
    ) -> Result<Vec<Run>, SpoolError> {
        let active = self.active.as_mut().expect("there is no room without a segment");
        let segment = &active.segment;
        self.gathered.clear();
        if active.len == 0 {
            self.gathered.extend(frame::segment_header(segment.number));
        }
        let begin = active.len + self.gathered.len() as u64;
        let mut all = Extent { segment: segment.number, begin, end: begin, frames: 0 };
        // Large payloads, each with how much of what is gathered comes before it.
        let mut large = Vec::new();
        for (payload, checksum) in payloads.clone() {
            let address = Address { segment: segment.number, offset: all.end, len: payload.len() as u64 };
            (all.end, all.frames) = (address.end(), all.frames + 1);
            self.gathered.extend(frame::frame_header(address, checksum));
            if payload.len() < GATHERED {
                self.gathered.extend_from_slice(payload);
            } else {
                large.push((self.gathered.len(), payload));
            }
        }
        assert!(all.end - active.len <= self.quota - self.physical, "what is written has room");

        let mut parts = Vec::with_capacity(2 * large.len() + 1);
        let mut from = 0;
        for (to, payload) in large {
            parts.extend([IoSlice::new(&self.gathered[from..to]), IoSlice::new(payload)]);
            from = to;
        }
        parts.push(IoSlice::new(&self.gathered[from..]));
        let (written, outcome) = append_all(&*segment.file, &mut parts);
        active.len += written;
        self.physical += written;
        self.core.ledger.disk_physical.add(written);
        outcome.map_err(|error| SpoolError::Write { file: segment.path.clone(), source: Arc::new(error) })?;
        Ok(Run::each(segment, all, payloads.map(|(payload, _)| payload.len() as u64)))
    }

    /// Deletes every sealed segment without a live frame.
    pub(crate) fn delete_dead(&mut self) -> Result<(), SpoolError> {
        let mut outcome = Ok(());
        for at in (0..self.sealed.len()).rev() {
            if self.sealed[at].segment.is_dead() {
                let dead = self.sealed.swap_remove(at);
                outcome = outcome.and(self.delete(dead));
            }
        }
        outcome
    }

    /// Deletes the active segment if it has no live frame: a spool at rest takes no bytes.
    pub(crate) fn delete_active_if_dead(&mut self) -> Result<(), SpoolError> {
        match self.active.take_if(|active| active.segment.is_dead()) {
            Some(dead) => self.delete(dead),
            None => Ok(()),
        }
    }

    /// Whether there is no segment.
    pub(crate) fn is_empty(&self) -> bool {
        self.active.is_none() && self.sealed.is_empty()
    }

    /// Deletes a segment. One that cannot be deleted is given up, and stays counted.
    fn delete(&mut self, dead: Volume) -> Result<(), SpoolError> {
        self.core.ledger.segments.subtract(1);
        match self.disk.remove(&dead.segment.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(SpoolError::Write { file: dead.segment.path.clone(), source: Arc::new(error) })
            }
            Ok(()) | Err(_) => {
                self.physical -= dead.len;
                self.core.ledger.disk_physical.subtract(dead.len);
                Ok(())
            }
        }
    }
}
