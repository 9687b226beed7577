//! Where a piece's bytes are: in memory, or in a range of a segment.

use crate::memory::Block;
use crate::segment::Run;

/// A piece, or several that were joined, in the tier that keeps it.
pub(crate) enum Tier {
    Memory(Block),
    Disk(Run),
}

impl Tier {
    /// Bytes of payload.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(block) => block.bytes().len() as u64,
            Self::Disk(run) => run.extent().len(),
        }
    }

    pub(crate) fn in_memory(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::Disk(_) => false,
        }
    }

    /// Takes in the pieces that follow, if both are in the same tier and are better kept as one; otherwise gives them
    /// back.
    pub(crate) fn join(&mut self, next: Self) -> Result<(), Self> {
        match (self, next) {
            (Self::Memory(block), Self::Memory(next)) => block.join(next).map_err(Self::Memory),
            (Self::Disk(run), Self::Disk(next)) => run.join(next).map_err(Self::Disk),
            (Self::Memory(_), next @ Self::Disk(_)) | (Self::Disk(_), next @ Self::Memory(_)) => Err(next),
        }
    }
}
