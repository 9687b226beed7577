//! Where the two sides of a receipt meet.

use crate::fate::Fate;
use crate::panics::panicked;
use crate::sync::Mutex;
use crate::{Error, Observer, RouteId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};
use tracing::Span;

/// How an element ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Flushed,
    Discarded(&'static str),
    Lost,
}

#[derive(Debug, Default)]
struct State {
    enqueued: bool,
    end: Option<End>,
    waker: Option<Waker>,
}

pub(crate) struct Cell {
    state: Mutex<State>,
    observer: Option<Observer>,
    /// Says why, if it is lost.
    pub(super) fate: Fate,
    pub(super) route: RouteId,
    /// The span that it was called in: what happens to it happens there.
    pub(super) span: Option<Box<Span>>,
}

impl Cell {
    pub(super) fn new(fate: Fate, route: RouteId, observer: Option<Observer>) -> Self {
        let span = Span::current();
        let span = (!span.is_none()).then(|| Box::new(span));
        Self { state: Mutex::new(State::default()), observer, fate, route, span }
    }

    /// The enqueue ack, unless it was given, or the element has ended.
    pub(super) fn enqueue(&self) {
        let waker = {
            let mut state = self.state.lock();
            if state.enqueued || state.end.is_some() {
                return;
            }
            state.enqueued = true;
            state.waker.take()
        };
        self.tell(|observer| observer.enqueued());
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// How it ended, the first time. To be flushed, or left out on purpose, implies the enqueue ack.
    pub(super) fn end(&self, end: End) {
        let (enqueues, waker) = {
            let mut state = self.state.lock();
            if state.end.is_some() {
                return;
            }
            let enqueues = !state.enqueued && end != End::Lost;
            state.enqueued |= enqueues;
            state.end = Some(end);
            (enqueues, state.waker.take())
        };
        if let End::Discarded(reason) = end {
            self.fate.discarded(reason);
        }
        self.tell(|observer| {
            if enqueues {
                observer.enqueued();
            }
            observer.settled(self.outcome(end));
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn tell(&self, news: impl FnOnce(&Observer)) {
        if let Some(observer) = &self.observer
            // Here may be anybody's turn, or anybody's drop: a panic ends the pipeline, and not the others' acks.
            && let Err(panic) = catch_unwind(AssertUnwindSafe(|| news(observer)))
        {
            self.fate.seal(Error::failed(panicked("an observer", &*panic)));
        }
    }

    fn outcome(&self, end: End) -> Result<(), Error> {
        match end {
            End::Flushed => Ok(()),
            End::Discarded(reason) => Err(Error::discarded(reason)),
            End::Lost => Err(self.fate.explain_loss()),
        }
    }

    /// Ready with the enqueue ack, whatever came after it; an error if it never will be given.
    pub(super) fn poll_enqueued(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut state = self.state.lock();
        if state.enqueued {
            return Poll::Ready(Ok(()));
        }
        match state.end {
            Some(end) => {
                drop(state);
                Poll::Ready(self.outcome(end))
            }
            None => state.wait(cx),
        }
    }

    /// Ready with the end.
    pub(super) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut state = self.state.lock();
        match state.end {
            Some(end) => {
                drop(state);
                Poll::Ready(self.outcome(end))
            }
            None => state.wait(cx),
        }
    }

    pub(super) fn is_flushed(&self) -> bool {
        self.state.lock().end == Some(End::Flushed)
    }
}

impl State {
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        match &mut self.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state.lock();
        f.debug_struct("Element")
            .field("route", &self.route)
            .field("enqueued", &state.enqueued)
            .field("end", &state.end)
            .finish()
    }
}
