//! What a request hears from beneath it: that the store asked for patience.
//!
//! A client that tries again by itself tells nobody that it had to. Whoever sees the store's answers says so here, and
//! it reaches the request that runs at the moment in the same task.

use std::cell::Cell;
use std::future::Future;

tokio::task_local! {
    static ASKED: Cell<bool>;
}

/// Tells the request of a [`Remote`](crate::Remote) on whose behalf this task runs that the store asked for patience:
/// fewer are sent at once then. Elsewhere it does nothing.
pub fn asks_for_patience() {
    ASKED.try_with(|asked| asked.set(true)).ok();
}

/// Runs a request, and says whether it was asked for patience.
pub(super) async fn watched<T>(request: impl Future<Output = T>) -> (T, bool) {
    ASKED
        .scope(Cell::new(false), async {
            let answer = request.await;
            (answer, ASKED.with(Cell::get))
        })
        .await
}
