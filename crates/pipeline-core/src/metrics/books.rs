//! What a lane writes down as it works: one writer, so no contention.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Of one lane.
#[derive(Debug, Default)]
pub(crate) struct LaneBooks {
    wakes: AtomicU64,
    /// By the stage's number, those that are services.
    pub(super) stages: parking_lot::Mutex<Vec<(u16, Arc<StageBooks>)>>,
}

/// Of one service in one lane.
#[derive(Debug, Default)]
pub(crate) struct StageBooks {
    calls: AtomicU64,
    in_flight: AtomicU64,
}

/// What one writer adds to.
fn count(number: &AtomicU64) {
    number.store(number.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

impl LaneBooks {
    pub(crate) fn woken(&self) {
        count(&self.wakes);
    }

    pub(super) fn wakes(&self) -> u64 {
        self.wakes.load(Ordering::Relaxed)
    }

    /// Opens the books of a service.
    pub(crate) fn of_stage(&self, number: u16) -> Arc<StageBooks> {
        let books = Arc::<StageBooks>::default();
        self.stages.lock().push((number, books.clone()));
        books
    }
}

impl StageBooks {
    pub(crate) fn called(&self) {
        count(&self.calls);
    }

    pub(crate) fn in_flight(&self, calls: usize) {
        self.in_flight.store(calls as u64, Ordering::Relaxed);
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(super) fn calls_in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }
}
