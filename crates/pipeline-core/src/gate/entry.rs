//! The way in.

use super::{Gate, Lease, Shared, Waiter, asking};
use crate::sync::Ordering;
use crate::turn::announce;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

/// One way into a [`Gate`]: readiness, then one element.
///
/// Readiness once given is kept until [`enter`](Self::enter), even if the gate shuts in between; so what is held
/// may exceed `high` by at most one element per entry. A clone starts without readiness.
#[derive(Debug)]
pub struct Entry {
    shared: Arc<Shared>,
    admitted: bool,
    ticket: Option<u64>,
    /// Whether the lane knows of the gate.
    announced: bool,
}

impl Clone for Entry {
    fn clone(&self) -> Self {
        // Readiness belongs to the entry that was told so, and cannot be shared.
        Self::into(self.shared.clone())
    }
}

impl Entry {
    pub(super) fn into(shared: Arc<Shared>) -> Self {
        Self { shared, admitted: false, ticket: None, announced: false }
    }

    /// Whether an element may enter; if not, the task is woken when it is this entry's turn.
    ///
    /// Waiters come in one after the other, each inviting the next while the gate is open.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.admitted {
            return Poll::Ready(());
        }
        if self.ticket.is_none() && self.shared.free.load(Ordering::Acquire) {
            self.admitted = true;
            return Poll::Ready(());
        }
        if asking::holds(&self.shared) {
            return Poll::Ready(());
        }
        let mut state = self.shared.state.lock();
        let ticket = *self.ticket.get_or_insert_with(|| state.ticket());
        let place = state.waiters.partition_point(|waiter| waiter.ticket < ticket);
        let queued = state.waiters.get(place).is_some_and(|waiter| waiter.ticket == ticket);
        if !state.shut && place == 0 {
            if queued {
                state.waiters.pop_front();
            }
            self.ticket = None;
            self.admitted = true;
            let next = state.invite();
            self.shared.note(&state);
            drop(state);
            if let Some(next) = next {
                next.wake();
            }
            return Poll::Ready(());
        }
        if queued {
            state.waiters[place].waker.clone_from(cx.waker());
        } else {
            state.waiters.insert(place, Waiter { ticket, waker: cx.waker().clone() });
        }
        self.shared.note(&state);
        drop(state);
        self.announce();
        Poll::Pending
    }

    /// Makes the gate known to the lane that this thread polls, if it is one, once.
    fn announce(&mut self) {
        if !std::mem::replace(&mut self.announced, true) {
            announce(&Gate { shared: self.shared.clone() });
        }
    }

    /// Waits until an element may enter.
    ///
    /// # Cancel safety
    /// A dropped wait keeps its place in the line, and keeps nobody out.
    pub async fn ready(&mut self) {
        poll_fn(|cx| self.poll_ready(cx)).await;
    }

    /// Takes an element of `bytes` in, however heavy it is, and spends the readiness.
    ///
    /// # Panics
    /// Without readiness.
    pub fn enter(&mut self, bytes: u64) -> Lease {
        assert!(std::mem::take(&mut self.admitted), "`enter` follows a `poll_ready` that said ready");
        self.announce();
        Lease::taken(&self.shared, bytes.max(1))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        // If it was invited, the invitation goes on to the next.
        let next = {
            let mut state = self.shared.state.lock();
            state.waiters.retain(|waiter| waiter.ticket != ticket);
            let next = state.invite();
            self.shared.note(&state);
            next
        };
        if let Some(next) = next {
            next.wake();
        }
    }
}
