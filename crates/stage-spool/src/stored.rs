//! A piece's bytes, in one of the tiers.

use crate::memory::{Block, Share};
use crate::read;
use crate::segment::Run;
use crate::tier::Tier;
use bytes::Bytes;
use futures::stream::BoxStream;
use pipeline_core::{Body, BoxError};
use std::fmt;

/// Bytes that a [`Spool`](crate::Spool) keeps, in memory or on disk. Dropping it gives their room back.
///
/// It outlives the spool's handles: as long as it is held, its segment and the directory's lock stay.
pub struct Stored(Tier);

impl Stored {
    pub(crate) fn in_memory(bytes: Bytes, share: Share) -> Self {
        Self(Tier::Memory(Block::new(bytes, share)))
    }

    pub(crate) fn on_disk(run: Run) -> Self {
        Self(Tier::Disk(run))
    }
}

impl Body for Stored {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn in_memory(&self) -> bool {
        self.0.in_memory()
    }

    /// Reads many, one after the other. What is in memory comes without a copy. What is on disk is read on tokio's
    /// blocking threads, into buffers of at most `buffer` bytes; pieces that lie side by side come with one read.
    ///
    /// Every frame is checked. One that is larger than `buffer` comes in parts: an error then comes before its
    /// last part, so its earlier parts are only good once the stream has ended without one.
    ///
    /// The stream keeps frames on disk, and bytes in memory; but both are counted as held only as long as the
    /// [`Stored`] is.
    ///
    /// # Errors
    /// [`SpoolError::Read`](crate::SpoolError::Read) and [`SpoolError::Corrupt`](crate::SpoolError::Corrupt), each
    /// with file and offset.
    ///
    /// # Panics
    /// The stream, if a piece is on disk and it is polled outside a tokio runtime.
    fn read(bodies: &[Self], buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>> {
        read::stream(bodies.iter().map(|stored| &stored.0), buffer)
    }

    /// Joins small pieces in memory into one block, and pieces that lie side by side on disk into one range.
    ///
    /// A block grows by half, to at most 64 KiB, as long as the memory tier has room for its slack, which counts as held.
    /// A piece of 4 KiB or more stays as it is, and so does one on disk that is not exactly the next: each frame is
    /// still checked by itself when it is read.
    fn absorb(&mut self, next: Self) -> Result<(), Self> {
        self.0.join(next.0).map_err(Self)
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Stored");
        debug.field("len", &self.len());
        match &self.0 {
            Tier::Memory(_) => debug.field("tier", &"memory"),
            Tier::Disk(run) => debug.field("file", &run.segment().path).field("offset", &run.extent().begin),
        };
        debug.finish()
    }
}
