//! Room for what uploads hold in memory: bodies that are read back from disk, and what files are compressed to.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// This part of the room is kept for uploads that somebody waits for.
const KEPT_FOR_URGENT: u32 = 8;

/// Counted memory, in kilobytes. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Buffers {
    usual: Room,
    urgent: Room,
}

#[derive(Clone, Debug)]
struct Room {
    kilobytes: u32,
    free: Arc<Semaphore>,
}

impl Buffers {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let all = kilobytes(bytes).max(2);
        let urgent = (all / KEPT_FOR_URGENT).max(1);
        Self { usual: Room::of(all - urgent), urgent: Room::of(urgent) }
    }

    /// Waits for room, first come, first served; the urgent, who take what is free in either room, among themselves.
    /// Who wants more than there is at all gets all of it. Nothing needs no room.
    pub(crate) async fn take(&self, bytes: u64, urgent: bool) -> Taken {
        let wish = kilobytes(bytes);
        if wish == 0 {
            return Taken::default();
        }
        let Self { usual, urgent: kept } = self;
        if urgent && let Some(free) = usual.try_take(wish) {
            return Taken(vec![free]);
        }
        let room = if urgent { kept } else { usual };
        // It is never closed; were it, the upload would only lose its limit.
        let taken = room.free.clone().acquire_many_owned(wish.min(room.kilobytes)).await;
        Taken(taken.ok().into_iter().collect())
    }

    /// More room for one that has some, if it is free: who waited for more while holding some would wait in a circle.
    pub(crate) fn try_take(&self, bytes: u64) -> Option<Taken> {
        let free = self.usual.free.clone();
        Some(Taken(vec![free.try_acquire_many_owned(kilobytes(bytes)).ok()?]))
    }
}

/// Room that is taken, until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Taken(Vec<OwnedSemaphorePermit>);

impl Taken {
    /// Adds more to it.
    pub(crate) fn push(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Gives back all but so many bytes of it.
    pub(crate) fn keep(&mut self, bytes: u64) {
        let mut wanted = kilobytes(bytes) as usize;
        for permit in &mut self.0 {
            let spare = permit.num_permits().saturating_sub(wanted);
            drop(permit.split(spare));
            wanted -= permit.num_permits();
        }
    }
}

impl Room {
    fn of(kilobytes: u32) -> Self {
        Self { kilobytes, free: Arc::new(Semaphore::new(kilobytes as usize)) }
    }

    fn try_take(&self, wish: u32) -> Option<OwnedSemaphorePermit> {
        self.free.clone().try_acquire_many_owned(wish.min(self.kilobytes)).ok()
    }
}

/// Whole kilobytes, rounded up, as a semaphore counts them.
fn kilobytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX >> 4).min(u32::MAX >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_test::task;
    use tokio_test::{assert_pending, assert_ready};

    #[test]
    fn the_urgent_take_what_is_free_and_then_what_is_kept_for_them() {
        let buffers = Buffers::new(16 << 10);
        let take = |kilobytes: u64, urgent| task::spawn(buffers.take(kilobytes << 10, urgent));
        let first = assert_ready!(take(10, true).poll());
        let second = assert_ready!(take(4, false).poll());
        let mut usual = take(10, false);
        assert_pending!(usual.poll());
        let kept = assert_ready!(take(9, true).poll());
        let mut urgent = take(1, true);
        assert_pending!(urgent.poll());
        drop(kept);
        let urgent = assert_ready!(urgent.poll());
        drop((first, second));
        let usual = assert_ready!(usual.poll());
        assert!(assert_ready!(take(0, false).poll()).0.is_empty());
        drop((urgent, usual));
        assert_eq!(
            (buffers.usual.free.available_permits(), buffers.urgent.free.available_permits()),
            (14, 2)
        );
    }

    #[test]
    fn more_is_taken_only_if_it_is_free_and_all_that_is_not_needed_goes_back() {
        let buffers = Buffers::new(16 << 10);
        let free = || buffers.usual.free.available_permits();
        let mut held = assert_ready!(task::spawn(buffers.take(8 << 10, false)).poll());
        held.push(buffers.try_take(3 << 10).expect("there is some"));
        assert!(buffers.try_take(4 << 10).is_none() && buffers.try_take(1 << 30).is_none());
        assert_eq!(free(), 3);
        held.keep(20 << 10);
        assert_eq!(free(), 3);
        held.keep((8 << 10) + 1);
        assert_eq!(free(), 5);
        held.keep(1);
        assert_eq!(free(), 13);
        drop(held);
        assert_eq!((free(), buffers.urgent.free.available_permits()), (14, 2));
    }
}
