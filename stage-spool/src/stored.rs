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
    Memory { bytes: Bytes, _share: Share },
    Disk(Arc<Frame>),
}

impl Stored {
    pub(crate) fn in_memory(bytes: Bytes, share: Share) -> Self {
        Self(Tier::Memory { bytes, _share: share })
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
            Tier::Disk(frame) => frame.address.len,
        }
    }

    fn in_memory(&self) -> bool {
        match &self.0 {
            Tier::Memory { .. } => true,
            Tier::Disk(_) => false,
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
            Tier::Memory { .. } => debug.field("tier", &"memory"),
            Tier::Disk(frame) => {
                debug.field("file", &frame.segment.path).field("offset", &frame.address.offset)
            }
        };
        debug.finish()
    }
}
