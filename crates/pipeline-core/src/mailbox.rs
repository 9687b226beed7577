//! Where front doors leave elements for a lane.
//!
//! One lock, one queue: the lane takes everything that has gathered at once, so a burst costs one wake-up.
//! The front door's gate bounds it in bytes: an element's lease is taken before it comes in, and is kept until
//! its enqueue ack. Markers weigh nothing; there are as many as there are callers who await one.

use crate::Element;
use crate::runner::Allowance;
use crate::sync::Mutex;
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

struct State<T> {
    queue: VecDeque<Element<T>>,
    closed: bool,
    waker: Option<Waker>,
}

/// The sending side.
pub(crate) struct Mailbox<T> {
    state: Arc<Mutex<State<T>>>,
}

/// The lane's side: a stream that ends when the mailbox is closed and empty. Each element costs a unit of what may be
/// done in one turn, so that nobody runs the lane for ever.
pub(crate) struct Deliveries<T> {
    state: Arc<Mutex<State<T>>>,
    taken: VecDeque<Element<T>>,
    allowance: Allowance,
}

pub(crate) fn mailbox<T>(allowance: Allowance) -> (Mailbox<T>, Deliveries<T>) {
    let state = Arc::new(Mutex::new(State { queue: VecDeque::new(), closed: false, waker: None }));
    (Mailbox { state: state.clone() }, Deliveries { state, taken: VecDeque::new(), allowance })
}

impl<T> Mailbox<T> {
    /// Leaves an element; if the lane is gone or closing, the element is dropped and its waiter told. If the lane
    /// sleeps, the caller gets its waker and sees to it that the lane runs.
    pub(crate) fn push(&self, element: Element<T>) -> Option<Waker> {
        let (refused, waker) = {
            let mut state = self.state.lock();
            if state.closed {
                (Some(element), None)
            } else {
                state.queue.push_back(element);
                (None, state.waker.take())
            }
        };
        // It runs foreign code, so not under the lock.
        refused.into_iter().for_each(Element::refuse);
        waker
    }

    /// Whether the lane has taken everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.lock().queue.is_empty()
    }

    /// Lets the lane come to an end once it has taken everything.
    pub(crate) fn close(&self) {
        let waker = {
            let mut state = self.state.lock();
            state.closed = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Stream for Deliveries<T> {
    type Item = Element<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Element<T>>> {
        let this = self.get_mut();
        if this.taken.is_empty() {
            let mut state = this.state.lock();
            // Swapping keeps both buffers' capacity.
            std::mem::swap(&mut state.queue, &mut this.taken);
            if this.taken.is_empty() {
                if state.closed {
                    return Poll::Ready(None);
                }
                state.waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
        ready!(this.allowance.poll_take(cx));
        Poll::Ready(this.taken.pop_front())
    }
}

impl<T> Unpin for Deliveries<T> {}

impl<T> Drop for Deliveries<T> {
    fn drop(&mut self) {
        let left = {
            let mut state = self.state.lock();
            state.closed = true;
            std::mem::take(&mut state.queue)
        };
        drop(left);
    }
}
