//! The memory tier: bytes that are counted while they are held, and nothing else.

use crate::core::Core;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A share of the memory tier, let go when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    core: Arc<Core>,
    bytes: u64,
    /// Pieces it is of; 0 for one that was absorbed.
    items: u64,
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
        Self { core: core.clone(), bytes, items: 1, oversized }
    }

    /// Takes another share of the same spool into this one.
    pub(crate) fn absorb(&mut self, mut other: Self) {
        self.bytes += std::mem::take(&mut other.bytes);
        self.items += std::mem::take(&mut other.items);
        self.oversized |= std::mem::take(&mut other.oversized);
    }

    /// Leaves an empty share.
    pub(crate) fn take(&mut self) -> Self {
        let mut taken = Self { core: self.core.clone(), bytes: 0, items: 0, oversized: false };
        std::mem::swap(self, &mut taken);
        taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.items == 0 {
            return;
        }
        self.core.ledger.memory.subtract(self.bytes);
        self.core.ledger.items.subtract(self.items);
        if self.oversized {
            self.core.oversized.store(false, Ordering::SeqCst);
        }
        if self.core.crowded() {
            self.core.inbox.nudge();
        }
    }
}
