//! One segment file, counted by the frames in it that are still held.

use crate::SpoolError;
use crate::core::Core;
use crate::disk::{SegmentFile, read_all};
use crate::error::Flaw;
use crate::frame::{self, Address};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A segment file that frames are read from. The writer thread alone appends to it and deletes it.
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn SegmentFile>,
    core: Arc<Core>,
    /// Frames that are held. Only the writer thread adds, so a 0 that it sees stays 0 until it adds again.
    live: AtomicU64,
    /// Whether the header was found to be ours.
    known: AtomicBool,
}

impl Segment {
    pub(crate) fn new(number: u64, path: PathBuf, file: Arc<dyn SegmentFile>, core: Arc<Core>) -> Self {
        core.ledger.segments.add(1);
        core.ledger.rotations.add(1);
        Self { number, path, file, core, live: AtomicU64::new(0), known: AtomicBool::new(false) }
    }

    /// Whether no frame of it is held.
    pub(crate) fn is_dead(&self) -> bool {
        self.live.load(Ordering::Acquire) == 0
    }

    /// Fills `buffer` from `offset`, as far as the file goes; returns how many bytes there were.
    ///
    /// The first read of a segment looks at its header too: a wrong one means that nothing in it is ours.
    /// Errors name `frame`, where the frame begins that is read.
    pub(crate) fn read(&self, buffer: &mut [u8], offset: u64, frame: u64) -> Result<usize, SpoolError> {
        if !self.known.load(Ordering::Acquire) {
            let mut header = [0; frame::SEGMENT_HEADER];
            let count = self.fill(&mut header, 0, frame)?;
            if header[..count] != frame::segment_header(self.number) {
                return Err(self.corrupt(0, Flaw::Header));
            }
            self.known.store(true, Ordering::Release);
        }
        self.fill(buffer, offset, frame)
    }

    fn fill(&self, buffer: &mut [u8], offset: u64, frame: u64) -> Result<usize, SpoolError> {
        read_all(&*self.file, buffer, offset).map_err(|error| self.unreadable(frame, error))
    }

    pub(crate) fn corrupt(&self, offset: u64, flaw: Flaw) -> SpoolError {
        SpoolError::Corrupt { file: self.path.clone(), offset, flaw }
    }

    pub(crate) fn unreadable(&self, offset: u64, error: io::Error) -> SpoolError {
        SpoolError::Read { file: self.path.clone(), offset, source: Arc::new(error) }
    }
}

/// A piece on disk. It keeps its segment; the last one of a segment lets it be deleted.
pub(crate) struct Frame {
    pub(crate) segment: Arc<Segment>,
    pub(crate) address: Address,
}

impl Frame {
    /// A frame that was written. Called by the writer thread only.
    pub(crate) fn new(segment: &Arc<Segment>, address: Address) -> Self {
        segment.live.fetch_add(1, Ordering::AcqRel);
        segment.core.ledger.disk_live.add(address.size());
        segment.core.ledger.items.add(1);
        Self { segment: segment.clone(), address }
    }

    /// Counts payload bytes that were read back.
    pub(crate) fn count_read(&self, bytes: u64) {
        self.segment.core.ledger.read_back.add(bytes);
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let core = &self.segment.core;
        core.ledger.disk_live.subtract(self.address.size());
        core.ledger.items.subtract(1);
        if self.segment.live.fetch_sub(1, Ordering::AcqRel) == 1 {
            core.inbox.nudge();
        }
    }
}
