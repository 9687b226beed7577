//! A piece's bytes, in one of the tiers.

use crate::memory::Share;
use crate::read;
use crate::segment::Frame;
use bytes::Bytes;
use futures::stream::BoxStream;
use pipeline_core::{Body, BoxError};
use std::fmt;
use std::sync::Arc;

/// Bytes that a [`Spool`](crate::Spool) keeps, in memory or on disk. Dropping it gives their room back.
///
/// It outlives the spool's handles: as long as it is held, its segment and the directory's lock stay.
pub struct Stored(Tier);

pub(crate) enum Tier {
    Memory {
        bytes: Bytes,
        share: Share,
    },
    /// Several small pieces, while more may come.
    Block {
        bytes: Vec<u8>,
        share: Share,
    },
    Disk(Arc<Frame>),
}

/// Pieces below this are joined in memory…
const SMALL: usize = 4 << 10;
/// …in blocks up to this.
const BLOCK: usize = 64 << 10;

impl Stored {
    pub(crate) fn in_memory(bytes: Bytes, share: Share) -> Self {
        Self(Tier::Memory { bytes, share })
    }

    pub(crate) fn on_disk(frame: Frame) -> Self {
        Self(Tier::Disk(Arc::new(frame)))
    }

    pub(crate) fn tier(&self) -> &Tier {
        &self.0
    }
}

impl Body for Stored {
    fn len(&self) -> u64 {
        match &self.0 {
            Tier::Memory { bytes, .. } => bytes.len() as u64,
            Tier::Block { bytes, .. } => bytes.len() as u64,
            Tier::Disk(frame) => frame.address.len,
        }
    }

    fn in_memory(&self) -> bool {
        match &self.0 {
            Tier::Memory { .. } | Tier::Block { .. } => true,
            Tier::Disk(_) => false,
        }
    }

    /// Joins small pieces in memory into blocks: thousands of rows that came one by one are few allocations then.
    fn absorb(&mut self, next: Self) -> Result<(), Self> {
        let fits = |held: usize, more: &Bytes| held < BLOCK && more.len() < SMALL;
        match (&mut self.0, next.0) {
            (Tier::Block { bytes, share }, Tier::Memory { bytes: more, share: its })
                if fits(bytes.len(), &more) =>
            {
                // Grown by a half: what is allocated and not used is memory that nobody counts.
                if bytes.capacity() - bytes.len() < more.len() {
                    bytes.reserve_exact(more.len().max(bytes.len() / 2));
                }
                bytes.extend_from_slice(&more);
                share.absorb(its);
                Ok(())
            }
            (Tier::Memory { bytes, .. }, Tier::Memory { bytes: more, share: its })
                if bytes.len() < SMALL && fits(bytes.len(), &more) =>
            {
                let block = [&bytes[..], &more[..]].concat();
                let before = std::mem::replace(&mut self.0, Tier::Block { bytes: block, share: its });
                if let (Tier::Memory { share: first, .. }, Tier::Block { share, .. }) = (before, &mut self.0)
                {
                    share.absorb(first);
                }
                Ok(())
            }
            (Tier::Memory { .. } | Tier::Block { .. } | Tier::Disk(_), next) => Err(Self(next)),
        }
    }

    fn seal(&mut self) {
        if let Tier::Block { bytes, share } = &mut self.0 {
            let (bytes, share) = (std::mem::take(bytes).into(), share.take());
            self.0 = Tier::Memory { bytes, share };
        }
    }

    /// Reads many, one after the other. What is in memory comes without a copy. What is on disk is read on tokio's
    /// blocking threads, into buffers of at most `buffer` bytes; pieces that lie side by side come with one read.
    ///
    /// Every frame is checked. One that is larger than `buffer` comes in parts: an error then comes before its
    /// last part, so its earlier parts are only good once the stream has ended without one.
    ///
    /// The stream keeps frames on disk. Bytes in memory it keeps too, but they are counted only as long as the
    /// [`Stored`] is held.
    ///
    /// # Errors
    /// [`SpoolError::Read`](crate::SpoolError::Read) and [`SpoolError::Corrupt`](crate::SpoolError::Corrupt), each
    /// with file and offset.
    ///
    /// # Panics
    /// The stream, if a piece is on disk and it is polled outside a tokio runtime.
    fn read(bodies: &[Self], buffer: usize) -> BoxStream<'static, Result<Bytes, BoxError>> {
        read::stream(bodies, buffer)
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Stored");
        debug.field("len", &self.len());
        match &self.0 {
            Tier::Memory { .. } | Tier::Block { .. } => debug.field("tier", &"memory"),
            Tier::Disk(frame) => {
                debug.field("file", &frame.segment.path).field("offset", &frame.address.offset)
            }
        };
        debug.finish()
    }
}
