//! Where elements are left for a lane, or for one of the lines that a lane forks into.
//!
//! One lock, one queue: the lane takes everything that has gathered at once, so a burst costs one wake-up.
//! It is bounded in bytes by a gate before it: an element's lease is taken before it comes in, and is kept until its
//! enqueue ack at least. Markers weigh nothing; there are as many as there are callers who await one.

use crate::place::Place;
use crate::runner::Allowance;
use crate::sync::Mutex;
use crate::{BoxError, Element};
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

/// The receiving side: a stream that ends when the mailbox is closed and empty.
pub(crate) struct Deliveries<T> {
    state: Arc<Mutex<State<T>>>,
    taken: VecDeque<Element<T>>,
    /// Where an element is that has left the mailbox.
    place: Place,
    allowance: Option<Allowance>,
}

/// A mailbox before the stage at `place`.
pub(crate) fn mailbox<T>(place: Place) -> (Mailbox<T>, Deliveries<T>) {
    let state = Arc::new(Mutex::new(State { queue: VecDeque::new(), closed: false, waker: None }));
    let mailbox = Mailbox { state: state.clone() };
    (mailbox, Deliveries { state, taken: VecDeque::new(), place, allowance: None })
}

impl<T> Mailbox<T> {
    /// Leaves an element. If the receiver sleeps, the caller gets its waker and sees to it that it runs.
    ///
    /// # Errors
    /// The element, if nobody takes any more.
    pub(crate) fn push(&self, element: Element<T>) -> Result<Option<Waker>, Element<T>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(element);
        }
        state.queue.push_back(element);
        Ok(state.waker.take())
    }

    /// Whether the receiver has taken everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.lock().queue.is_empty()
    }

    /// Lets the receiver come to an end once it has taken everything.
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

impl<T> Deliveries<T> {
    /// Makes each element cost a unit of what may be done in one turn, so that nobody runs a lane for ever.
    pub(crate) fn within(mut self, allowance: Allowance) -> Self {
        self.allowance = Some(allowance);
        self
    }
}

impl<T> Stream for Deliveries<T> {
    type Item = Result<Element<T>, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
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
        if let Some(allowance) = &this.allowance {
            ready!(allowance.poll_take(cx));
        }
        Poll::Ready(this.taken.pop_front().map(|mut element| {
            element.arrive(this.place);
            Ok(element)
        }))
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
