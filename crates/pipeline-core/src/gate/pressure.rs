//! What is felt behind a gate.

use super::Shared;
use crate::sync::Ordering;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Tells a stage that holds elements that the gate before it is shut, so that it lets go of them.
///
/// Without it a batcher that waits for more input behind a shut gate would wait for ever.
#[derive(Debug)]
pub struct Pressure {
    shared: Arc<Shared>,
    ticket: Option<u64>,
    /// Whom the gate wakes when it shuts, and how often it had shut when it was told: until it shuts again, there
    /// is nothing to tell it.
    told: Option<(Waker, u64)>,
}

impl Clone for Pressure {
    fn clone(&self) -> Self {
        Self::of(self.shared.clone())
    }
}

impl Pressure {
    pub(super) fn of(shared: Arc<Shared>) -> Self {
        Self { shared, ticket: None, told: None }
    }

    /// Ready while the gate is shut; if it is open, the task is woken when it shuts.
    pub fn poll_shut(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let shuts = self.shared.shuts.load(Ordering::Acquire);
        if self.told.as_ref().is_some_and(|(waker, then)| *then == shuts && waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        let mut state = self.shared.state.lock();
        if state.shut {
            return Poll::Ready(());
        }
        self.told = Some((cx.waker().clone(), self.shared.shuts.load(Ordering::Relaxed)));
        let ticket = match self.ticket {
            Some(ticket) => ticket,
            None => {
                let ticket = state.ticket();
                state.listeners.push((ticket, None));
                *self.ticket.insert(ticket)
            }
        };
        if let Some((_, waker)) = state.listeners.iter_mut().find(|(owner, _)| *owner == ticket) {
            *waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Pressure {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.shared.state.lock().listeners.retain(|(owner, _)| *owner != ticket);
        }
    }
}
