//! The store of the law of effects.

use crate::RouteId;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// What a store saw of a route.
pub(super) type Write = (RouteId, Vec<u64>);

/// A store that takes its time, and remembers what it saw: hand it to the stage on trial, in the place of its own.
///
/// The later of two writes that run side by side is seen first; so one that must not be seen first has to wait.
#[derive(Clone, Debug, Default)]
pub struct Store {
    seen: Arc<Mutex<Vec<Write>>>,
    begun: Arc<Mutex<u64>>,
}

impl Store {
    /// Writes what these elements of a route became. It is seen when this returns.
    pub async fn put(&self, route: RouteId, numbers: Vec<u64>) {
        let begun = {
            let mut begun = self.begun.lock();
            *begun += 1;
            *begun
        };
        tokio::time::sleep(Duration::from_millis(1000 - begun % 1000)).await;
        self.seen.lock().push((route, numbers));
    }

    /// In the order that it was seen in.
    pub(super) fn seen(&self) -> Vec<Write> {
        self.seen.lock().clone()
    }
}
