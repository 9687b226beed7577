//! The drain marker: an element that proves everything before it is durable.

use crate::fate::Fate;
use crate::loss;
use crate::sync::Mutex;
use crate::{Error, Scope};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

#[derive(Debug)]
struct State {
    /// Parts that are still on their way: one per lane the marker travels in.
    travelling: usize,
    lost: bool,
    waker: Option<Waker>,
}

/// A stream element that every stage forwards in order and the end of the line acknowledges.
///
/// It cannot be cloned: whoever holds it forwards it or loses it. Dropped, it reports *lost* at once.
#[derive(Debug)]
#[must_use = "dropping a marker tells its waiter that it was lost"]
pub struct DrainMarker {
    scope: Scope,
    state: Arc<Mutex<State>>,
    acknowledged: bool,
}

/// Makes a marker in as many parts as there are lanes to travel, and the wait for all of them.
pub(crate) fn marker(scope: Scope, parts: usize, fate: Fate) -> (Vec<DrainMarker>, Drained) {
    let state = Arc::new(Mutex::new(State { travelling: parts, lost: false, waker: None }));
    let part = || DrainMarker { scope, state: state.clone(), acknowledged: false };
    ((0..parts).map(|_| part()).collect(), Drained { state, fate })
}

impl DrainMarker {
    /// What it drains.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Says that everything before it is durable. Only the end of a line may.
    pub fn acknowledge(mut self) {
        self.acknowledged = true;
    }
}

impl Drop for DrainMarker {
    fn drop(&mut self) {
        if self.acknowledged {
            arrive(&self.state, true);
        } else {
            let state = self.state.clone();
            loss::tell(move || arrive(&state, false));
        }
    }
}

/// One part has come to its end.
fn arrive(state: &Mutex<State>, acknowledged: bool) {
    let waker = {
        let mut state = state.lock();
        state.travelling -= 1;
        state.lost |= !acknowledged;
        if state.lost || state.travelling == 0 { state.waker.take() } else { None }
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The wait for a drain marker: everything before it, in its scope, is durable and visible.
///
/// # Errors
/// The pipeline's first error, or [`Lost`](crate::ErrorKind::Lost) if a stage swallowed the marker.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Drained {
    state: Arc<Mutex<State>>,
    fate: Fate,
}

impl Future for Drained {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.state.lock();
        if state.lost {
            return Poll::Ready(Err(self.fate.explain_loss()));
        }
        if state.travelling == 0 {
            return Poll::Ready(Ok(()));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
