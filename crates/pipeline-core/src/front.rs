//! The front door: a pipeline as a tower service.

use crate::fate::Fate;
use crate::gate::{Entry, Gate};
use crate::mailbox::Mailbox;
use crate::marker::{Drained, marker};
use crate::observer::Observer;
use crate::receipt::{Enqueued, Receipt, receipt};
use crate::runner::Run;
use crate::{Element, Envelope, Error, RouteId, Scope, Weigh};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use tower::Service;

/// A request to a [`FrontDoor`]: a payload, its route, and whoever wants to hear of its acknowledgements.
pub struct Routed<T> {
    /// Whose order it belongs to.
    pub route: RouteId,
    /// What to carry.
    pub payload: T,
    /// Who hears of its acknowledgements, besides the caller.
    pub observer: Option<Observer>,
}

impl<T> Routed<T> {
    /// A payload on its route.
    pub fn new(route: RouteId, payload: T) -> Self {
        Self { route, payload, observer: None }
    }

    /// Makes `observer` hear of its acknowledgements.
    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }
}

/// A pipeline's way in. Clones share the pipeline; when the last is dropped, the pipeline finishes what it has and
/// ends.
///
/// The response of [`call`](Service::call) is the enqueue ack; the [`Receipt`] it gives is the flush ack.
///
/// A call runs no stage: the lane's task does, unless the composer asked for more
/// ([`Builder::run_by_caller`](crate::Builder::run_by_caller)).
///
/// # Order
/// Elements of one route come out in the order of the calls.
#[derive(Debug)]
pub struct FrontDoor<T> {
    doors: Arc<Doors<T>>,
    entry: Entry,
    /// Whether the element that waits now was counted as held back.
    suppressed: bool,
}

/// Where callers may run a lane, a payload up to this weight is taken to its wake by its caller, if nobody runs the lane just then: what happens
/// to it costs no more than some tens of microseconds, which is what it costs to wake a task and to be woken by it. A
/// heavier one is worth the lane's own task, beside the caller.
const LIGHT: u64 = 64 << 10;

/// The way into one lane.
pub(crate) struct LaneDoor<T> {
    pub(crate) mailbox: Mailbox<T>,
    pub(crate) runner: Arc<dyn Run>,
}

/// What all clones of a front door share.
pub(crate) struct Doors<T> {
    lanes: Vec<LaneDoor<T>>,
    fate: Fate,
    gate: Gate,
    /// Whether callers run light elements up to their wake themselves.
    by_caller: bool,
    open: AtomicUsize,
}

impl<T> std::fmt::Debug for Doors<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors")
            .field("lanes", &self.lanes.len())
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

impl<T> Doors<T> {
    /// Ends the input: what is inside goes on to its acks.
    pub(crate) fn close(&self) {
        self.lanes.iter().for_each(|lane| lane.mailbox.close());
        // Whoever waits to come in is to hear of it now, not when there is room again.
        self.gate.wake_all();
    }
}

impl<T> FrontDoor<T> {
    pub(crate) fn new(lanes: Vec<LaneDoor<T>>, fate: Fate, gate: Gate, by_caller: bool) -> Self {
        let entry = gate.entry();
        let doors = Arc::new(Doors { lanes, fate, gate, by_caller, open: AtomicUsize::new(1) });
        Self { doors, entry, suppressed: false }
    }

    pub(crate) fn doors(&self) -> Arc<Doors<T>> {
        self.doors.clone()
    }

    /// Sends a drain marker after everything that was called so far, and gives the wait for it.
    ///
    /// # Drain
    /// When it resolves, everything before it in its scope is durable and visible.
    ///
    /// # Cancel safety
    /// The marker is on its way when this returns; dropping the wait does not call it back.
    pub fn drain(&self, scope: Scope) -> Drained {
        let lanes = &self.doors.lanes;
        let through = match scope {
            Scope::Route(route) => std::slice::from_ref(&lanes[route.lane(lanes.len())]),
            Scope::All => lanes.as_slice(),
        };
        let (parts, drained) = marker(scope, through.len(), self.doors.fate.clone());
        for (lane, part) in through.iter().zip(parts) {
            match lane.mailbox.push(Element::Drain(part)) {
                Ok(task) => task.into_iter().for_each(Waker::wake),
                Err(refused) => refused.refuse(),
            }
        }
        drained
    }

    /// Why the pipeline ended; `None` while it runs.
    pub fn error(&self) -> Option<Error> {
        self.doors.fate.error()
    }

    /// The gate over the bytes that were taken in and are not enqueued yet.
    pub fn gate(&self) -> &Gate {
        &self.doors.gate
    }
}

impl<T> Clone for FrontDoor<T> {
    fn clone(&self) -> Self {
        self.doors.open.fetch_add(1, Ordering::Relaxed);
        Self { doors: self.doors.clone(), entry: self.entry.clone(), suppressed: false }
    }
}

impl<T> Drop for FrontDoor<T> {
    fn drop(&mut self) {
        if self.doors.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.doors.close();
        }
    }
}

impl<T: Weigh> Service<Routed<T>> for FrontDoor<T> {
    type Response = Receipt;
    type Error = Error;
    type Future = Enqueued;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let ready = self.entry.poll_ready(cx);
        if ready.is_pending() && !std::mem::replace(&mut self.suppressed, true) {
            self.doors.gate.suppress();
        }
        // Asked after the gate: if it ends in between, this waiter is registered already, and is woken.
        match self.doors.fate.refusal() {
            Some(error) => Poll::Ready(Err(error)),
            None => ready.map(Ok),
        }
    }

    fn call(&mut self, routed: Routed<T>) -> Enqueued {
        let Routed { route, payload, observer } = routed;
        let weight = payload.weight();
        self.suppressed = false;
        let lease = self.entry.enter(weight);
        let (owed, enqueued) = receipt(self.doors.fate.clone(), route, observer, Some(lease));
        let lane = &self.doors.lanes[route.lane(self.doors.lanes.len())];
        match lane.mailbox.push(Element::Data(Envelope { route, owed, payload })) {
            Ok(None) => {}
            Ok(Some(task)) => {
                // A stage may take its input in another task than the lane's; then the lane was run for nothing.
                let by_caller = self.doors.by_caller && weight <= LIGHT;
                let arrived = by_caller && lane.runner.try_run() && lane.mailbox.is_empty();
                if !arrived {
                    task.wake();
                }
            }
            // Closed, or its lane is gone: its waiter is told.
            Err(refused) => refused.refuse(),
        }
        enqueued
    }
}
