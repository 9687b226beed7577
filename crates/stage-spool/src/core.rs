//! What all parts of one spool share: its books, its line, its waiting room, and its fate.

use crate::SpoolError;
use crate::inbox::Inbox;
use crate::ledger::{Ledger, SpoolStats};
use pipeline_core::{Gate, Levels};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;
use tokio::sync::Semaphore;

/// Shared by handles, futures, what is stored, and the writer thread.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) ledger: Ledger,
    pub(crate) inbox: Inbox,
    /// Over the bytes between a call and the disk.
    pub(crate) room: Gate,
    /// The room's high level.
    pub(crate) room_size: u64,
    /// Reading jobs at once: half of the cores' number, since whoever spills needs cores too.
    pub(crate) readers: Arc<Semaphore>,
    /// The size of the memory tier.
    pub(crate) memory: u64,
    /// Whether the one piece that may exceed the memory tier is there.
    pub(crate) oversized: AtomicBool,
    crowded: AtomicBool,
    failure: OnceLock<SpoolError>,
}

impl Core {
    pub(crate) fn new(memory: u64, room: Levels) -> Self {
        Self {
            ledger: Ledger::default(),
            inbox: Inbox::default(),
            room: Gate::new(room),
            room_size: room.high,
            readers: Arc::new(Semaphore::new((available_parallelism().map_or(1, usize::from) / 2).max(1))),
            memory,
            oversized: AtomicBool::new(false),
            crowded: AtomicBool::new(false),
            failure: OnceLock::new(),
        }
    }

    /// Whether a piece waits that fits nowhere now: who lets something go tells the writer thread, and who comes
    /// later does not overtake it.
    ///
    /// The writer thread sets this and then looks for room once more; others let go and then look here. Both in
    /// one total order (`SeqCst`), so one of the two sees the other.
    pub(crate) fn crowded(&self) -> bool {
        self.crowded.load(Ordering::SeqCst)
    }

    pub(crate) fn set_crowded(&self, crowded: bool) {
        self.crowded.store(crowded, Ordering::SeqCst);
    }

    /// Why the spool failed, if it did.
    pub(crate) fn failure(&self) -> Option<&SpoolError> {
        self.failure.get()
    }

    /// Fails the spool; the first error stays.
    pub(crate) fn fail(&self, error: SpoolError) {
        if let Err(later) = self.failure.set(error) {
            tracing::warn!(error = %later, "a failed spool failed again");
        }
    }

    pub(crate) fn stats(&self) -> SpoolStats {
        let ledger = &self.ledger;
        SpoolStats {
            memory_bytes: ledger.memory.get(),
            disk_live_bytes: ledger.disk_live.get(),
            disk_physical_bytes: ledger.disk_physical.get(),
            segments: ledger.segments.get(),
            items: ledger.items.get(),
            waiting_bytes: self.inbox.unanswered().bytes,
            rotations: ledger.rotations.get(),
            read_back_bytes: ledger.read_back.get(),
        }
    }
}
