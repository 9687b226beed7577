//! Room for bodies that are read back from disk for their upload.

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
    pub(crate) async fn take(&self, bytes: u64, urgent: bool) -> Option<OwnedSemaphorePermit> {
        let wish = kilobytes(bytes);
        if wish == 0 {
            return None;
        }
        let Self { usual, urgent: kept } = self;
        if urgent && let Some(free) = usual.try_take(wish) {
            return Some(free);
        }
        let room = if urgent { kept } else { usual };
        // It is never closed; were it, the upload would only lose its limit.
        room.free.clone().acquire_many_owned(wish.min(room.kilobytes)).await.ok()
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
        assert!(assert_ready!(take(0, false).poll()).is_none());
        drop((urgent, usual));
        assert_eq!(
            (buffers.usual.free.available_permits(), buffers.urgent.free.available_permits()),
            (14, 2)
        );
    }
}
