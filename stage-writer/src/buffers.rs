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

    /// Waits for room, first come, first served; the urgent among themselves. Who wants more than there is at all gets
    /// all of it. Nothing needs no room.
    pub(crate) async fn take(&self, bytes: u64, urgent: bool) -> Option<OwnedSemaphorePermit> {
        let room = if urgent { &self.urgent } else { &self.usual };
        let wish = kilobytes(bytes).min(room.kilobytes);
        if wish == 0 {
            return None;
        }
        // It is never closed; were it, the upload would only lose its limit.
        room.free.clone().acquire_many_owned(wish).await.ok()
    }
}

impl Room {
    fn of(kilobytes: u32) -> Self {
        Self { kilobytes, free: Arc::new(Semaphore::new(kilobytes as usize)) }
    }
}

/// Whole kilobytes, rounded up, as a semaphore counts them.
fn kilobytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX >> 4).min(u32::MAX >> 4)
}
