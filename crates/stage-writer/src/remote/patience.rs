//! What a request hears from beneath it: that the store asks for patience.
//!
//! A client that tries again by itself tells nobody that it had to. Whoever sees the store's answers says so here, and
//! it reaches the request that runs at the moment in the same task, and the slots.

use super::slots::{Slot, Slots};
use std::cell::Cell;
use std::future::Future;

tokio::task_local! {
    static REQUEST: Request;
}

struct Request {
    slots: Slots,
    epoch: u64,
    was_asked: Cell<bool>,
}

/// Tells the request of a [`Remote`](crate::Remote) on whose behalf this task runs that the store asked for patience:
/// fewer are sent at once from then on. Elsewhere it does nothing.
pub fn asks_for_patience() {
    let told = REQUEST.try_with(|request| {
        // Once for each: a client that tries thrice is still one request in flight.
        if !request.was_asked.replace(true) {
            request.slots.failed(request.epoch);
        }
    });
    told.ok();
}

/// Runs a request that has this slot, and says whether it was asked for patience.
pub(super) async fn listening<T>(slots: &Slots, slot: &Slot, request: impl Future<Output = T>) -> (T, bool) {
    let told = Request { slots: slots.clone(), epoch: slot.epoch(), was_asked: Cell::new(false) };
    REQUEST
        .scope(told, async {
            let answer = request.await;
            (answer, REQUEST.with(|request| request.was_asked.get()))
        })
        .await
}
