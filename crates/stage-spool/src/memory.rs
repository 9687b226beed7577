//! The memory tier: bytes that are counted while they are held, and nothing else.
//!
//! Small pieces that follow each other may be joined into a block, which is one allocation instead of thousands:
//!
//! ```text
//! a  b  c  d                 ┌───┬───┬───┬───┬───────┐
//! each with a home of   ──►  │ a │ b │ c │ d │ slack │    grows by half, so that a byte is copied few times;
//! its own                    └───┴───┴───┴───┴───────┘    the slack is memory, and counted as such
//! ```

use crate::core::Core;
use bytes::{Bytes, BytesMut};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Only pieces below this are joined: the others are well worth an allocation each.
const SMALL: usize = 4 << 10;

/// The most bytes of a block of small pieces.
const BLOCK: usize = 64 << 10;

/// A piece in memory, or several that were joined.
#[derive(Debug)]
pub(crate) struct Block {
    bytes: Bytes,
    share: Share,
}

impl Block {
    pub(crate) fn new(bytes: Bytes, share: Share) -> Self {
        Self { bytes, share }
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Takes in the piece after this one, if both are small and the tier has room for the slack; otherwise gives it
    /// back.
    pub(crate) fn join(&mut self, mut next: Self) -> Result<(), Self> {
        let len = self.bytes.len() + next.bytes.len();
        let joined = self.share.pieces > 1;
        if !(joined || self.is_small()) || !next.is_small() || len > BLOCK {
            return Err(next);
        }
        // A block's allocation is ours, unless somebody reads it. That of a single piece may be part of anything.
        let bytes = std::mem::take(&mut self.bytes);
        let old = match if joined { bytes.try_into_mut() } else { Err(bytes) } {
            Ok(block) if block.capacity() >= len => {
                let same = self.share.bytes;
                let united = self.share.unite(&mut next.share, same);
                self.bytes = if united { append(block, &next.bytes) } else { block.freeze() };
                return if united { Ok(()) } else { Err(next) };
            }
            Ok(block) => block.freeze(),
            Err(bytes) => bytes,
        };
        let capacity = (len + len / 2).min(BLOCK);
        if !self.share.unite(&mut next.share, capacity as u64) {
            self.bytes = old;
            return Err(next);
        }
        let mut block = BytesMut::with_capacity(capacity);
        block.extend_from_slice(&old);
        self.bytes = append(block, &next.bytes);
        Ok(())
    }

    fn is_small(&self) -> bool {
        self.bytes.len() < SMALL && !self.share.oversized
    }
}

fn append(mut block: BytesMut, bytes: &[u8]) -> Bytes {
    block.extend_from_slice(bytes);
    block.freeze()
}

/// A share of the memory tier, let go when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    core: Arc<Core>,
    bytes: u64,
    pieces: u32,
    oversized: bool,
}

impl Share {
    /// Takes `bytes`, if the tier has room for them.
    pub(crate) fn within(core: &Arc<Core>, bytes: u64) -> Option<Self> {
        core.ledger.memory.add_within(bytes, core.memory).then(|| Self::taken(core, bytes, false))
    }

    /// Takes `bytes` that no disk could hold, over what the tier has; but one such piece at a time.
    pub(crate) fn oversized(core: &Arc<Core>, bytes: u64) -> Option<Self> {
        if core.oversized.swap(true, Ordering::SeqCst) {
            return None;
        }
        core.ledger.memory.add(bytes);
        Some(Self::taken(core, bytes, true))
    }

    fn taken(core: &Arc<Core>, bytes: u64, oversized: bool) -> Self {
        core.ledger.items.add(1);
        Self { core: core.clone(), bytes, pieces: 1, oversized }
    }

    /// Makes this a share of `bytes` for the pieces of both, if the tier has room for what that is more; `next` is left
    /// with what it is less, and no piece.
    fn unite(&mut self, next: &mut Self, bytes: u64) -> bool {
        let (now, pieces) = (self.bytes + next.bytes, self.pieces.checked_add(next.pieces));
        let more = bytes.saturating_sub(now);
        let Some(pieces) = pieces.filter(|_| self.core.ledger.memory.add_within(more, self.core.memory))
        else {
            return false;
        };
        (self.bytes, self.pieces) = (bytes, pieces);
        (next.bytes, next.pieces) = (now.saturating_sub(bytes), 0);
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.core.ledger.memory.subtract(self.bytes);
        self.core.ledger.items.subtract(self.pieces.into());
        if self.oversized {
            self.core.oversized.store(false, Ordering::SeqCst);
        }
        if self.core.crowded() {
            self.core.inbox.nudge();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline_core::Levels;

    #[test]
    fn a_block_counts_what_it_allocates() {
        let core = Arc::new(Core::new(1 << 20, Levels { high: 1, low: 0 }));
        let piece = |len: usize| {
            let share = Share::within(&core, len as u64).expect("there is room");
            let mut bytes = Vec::with_capacity(2 * len + 1000);
            bytes.resize(len, 7);
            Block::new(bytes.into(), share)
        };
        let mut block = piece(10);
        for len in 0..300 {
            block.join(piece(len)).expect("small pieces are joined");
            let Block { bytes, share } = block;
            let bytes = bytes.try_into_mut().expect("nobody else has it");
            assert_eq!(share.bytes, bytes.capacity() as u64);
            assert_eq!(core.ledger.memory.get(), share.bytes);
            block = Block { bytes: bytes.freeze(), share };
        }
        drop(block);
        assert_eq!((core.ledger.memory.get(), core.ledger.items.get()), (0, 0));
    }
}
