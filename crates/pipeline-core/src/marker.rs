//! The drain marker: an element that proves everything before it is durable.

use crate::fate::Fate;
use crate::loss::Loss;
use crate::place::Place;
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
/// It cannot be cloned: whoever holds it forwards it or loses it. Dropped, it is lost, which ends the pipeline.
#[derive(Debug)]
#[must_use = "dropping a marker says that it was lost, which ends the pipeline"]
pub struct DrainMarker {
    scope: Scope,
    /// `None` once it has arrived.
    way: Option<Way>,
}

#[derive(Debug)]
struct Way {
    state: Arc<Mutex<State>>,
    fate: Fate,
    place: Place,
}

/// Makes a marker in as many parts as there are lanes to travel, and the wait for all of them.
pub(crate) fn marker(scope: Scope, parts: usize, fate: Fate) -> (Vec<DrainMarker>, Drained) {
    let state = Arc::new(Mutex::new(State { travelling: parts, lost: false, waker: None }));
    let way = || Way { state: state.clone(), fate: fate.clone(), place: Place::default() };
    let parts = (0..parts).map(|_| DrainMarker { scope, way: Some(way()) }).collect();
    (parts, Drained { state, fate })
}

impl DrainMarker {
    /// What it drains.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Says that everything before it is durable. Only the end of a line may.
    pub fn acknowledge(mut self) {
        self.way.take().into_iter().for_each(|way| way.arrive(true));
    }

    /// Tells that it was not let in.
    pub(crate) fn refuse(mut self) {
        self.way.take().into_iter().for_each(|way| way.arrive(false));
    }

    /// Makes two of one, for two lines. Both have to arrive.
    pub(crate) fn fork(&self) -> Self {
        let way = self.way.as_ref().map(|way| {
            way.state.lock().travelling += 1;
            Way { state: way.state.clone(), fate: way.fate.clone(), place: way.place }
        });
        Self { scope: self.scope, way }
    }

    /// Whether both are parts of one marker.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        match (&self.way, &other.way) {
            (Some(own), Some(other)) => Arc::ptr_eq(&own.state, &other.state),
            (None, _) | (_, None) => false,
        }
    }

    /// Says where it is now.
    pub(crate) fn is_in(&mut self, place: Place) {
        self.way.iter_mut().for_each(|way| way.place = place);
    }
}

impl Way {
    /// One part has come to its end.
    fn arrive(&self, acknowledged: bool) {
        let waker = {
            let mut state = self.state.lock();
            state.travelling -= 1;
            state.lost |= !acknowledged;
            if state.lost || state.travelling == 0 { state.waker.take() } else { None }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for DrainMarker {
    fn drop(&mut self) {
        let Some(way) = self.way.take() else { return };
        let route = match self.scope {
            Scope::Route(route) => Some(route),
            Scope::All => None,
        };
        let (fate, place) = (way.fate.clone(), way.place);
        Loss { fate, place, route, tell: Box::new(move || way.arrive(false)) }.happened();
    }
}

/// The wait for a drain marker: everything before it, in its scope, is durable and visible.
///
/// # Errors
/// The pipeline's first error; a stage that swallows the marker is one.
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
