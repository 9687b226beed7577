//! One segment file, counted by the frames in it that are still held.

use crate::SpoolError;
use crate::core::Core;
use crate::disk::{SegmentFile, read_all};
use crate::error::Flaw;
use crate::frame::{self, Extent};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A segment file that frames are read from. The writer thread alone appends to it and deletes it.
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn SegmentFile>,
    pub(crate) core: Arc<Core>,
    /// Who holds frames of it. Only the writer thread adds while there is none, so a 0 that it sees stays 0 until it
    /// adds again.
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

/// Keeps a segment from being deleted; the last one of a segment lets it go.
pub(crate) struct Hold(Arc<Segment>);

impl Hold {
    fn another(&self) -> Self {
        self.0.live.fetch_add(1, Ordering::AcqRel);
        Self(self.0.clone())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.0.live.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.core.inbox.nudge();
        }
    }
}

/// Pieces on disk, side by side in one segment: counted until they are dropped.
pub(crate) struct Run {
    hold: Hold,
    begin: u64,
    end: u64,
    frames: u32,
}

impl Run {
    /// One run for each of the frames that were just written, which together are `all`. Called by the writer thread
    /// only.
    pub(crate) fn each(segment: &Arc<Segment>, all: Extent, lens: impl Iterator<Item = u64>) -> Vec<Self> {
        let ledger = &segment.core.ledger;
        segment.live.fetch_add(all.frames.into(), Ordering::AcqRel);
        ledger.disk_live.add(all.size());
        ledger.items.add(all.frames.into());
        let mut end = all.begin;
        let runs = lens.map(|len| {
            let begin = end;
            end += frame::size(len);
            Self { hold: Hold(segment.clone()), begin, end, frames: 1 }
        });
        runs.collect()
    }

    pub(crate) fn segment(&self) -> &Arc<Segment> {
        &self.hold.0
    }

    /// Where it is.
    pub(crate) fn extent(&self) -> Extent {
        Extent { segment: self.segment().number, begin: self.begin, end: self.end, frames: self.frames }
    }

    /// Takes in the run that begins where this one ends; gives back any other.
    pub(crate) fn join(&mut self, mut next: Self) -> Result<(), Self> {
        let adjacent = Arc::ptr_eq(self.segment(), next.segment()) && self.end == next.begin;
        match self.frames.checked_add(next.frames) {
            Some(frames) if adjacent => {
                (self.end, self.frames) = (next.end, frames);
                // What is left of it counts for nothing, and lets go of one hold.
                (next.begin, next.frames) = (next.end, 0);
                Ok(())
            }
            Some(_) | None => Err(next),
        }
    }

    /// What a reader keeps of it: the bytes stay on disk even if the run is dropped.
    pub(crate) fn to_read(&self) -> Reach {
        self.segment().core.ledger.reading.add(1);
        Reach { hold: self.hold.another(), extent: self.extent() }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if self.frames > 0 {
            let ledger = &self.segment().core.ledger;
            ledger.disk_live.subtract(self.end - self.begin);
            ledger.items.subtract(self.frames.into());
        }
    }
}

/// What a reader has still to read of a segment.
pub(crate) struct Reach {
    hold: Hold,
    pub(crate) extent: Extent,
}

impl Reach {
    pub(crate) fn segment(&self) -> &Arc<Segment> {
        &self.hold.0
    }

    /// Reaches over `next` too, if that begins where this one ends; returns whether it does.
    pub(crate) fn extend(&mut self, next: &Run) -> bool {
        let adjacent = Arc::ptr_eq(self.segment(), next.segment()) && self.extent.end == next.begin;
        match self.extent.frames.checked_add(next.frames) {
            Some(frames) if adjacent => {
                (self.extent.end, self.extent.frames) = (next.end, frames);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Whether `next` begins where this one ends.
    pub(crate) fn is_followed_by(&self, next: &Self) -> bool {
        Arc::ptr_eq(&self.hold.0, &next.hold.0) && self.extent.end == next.extent.begin
    }

    /// Counts payload bytes that were read back.
    pub(crate) fn count_read(&self, bytes: u64) {
        self.segment().core.ledger.read_back.add(bytes);
    }
}

impl Drop for Reach {
    fn drop(&mut self) {
        self.segment().core.ledger.reading.subtract(1);
    }
}
