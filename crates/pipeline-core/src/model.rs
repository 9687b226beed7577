//! What the loom models need of the crate's inside.

use crate::fate::Fate;
use crate::gate::Lease;
use crate::mailbox::{Deliveries, Mailbox, mailbox};
use crate::place::Place;
use crate::{DrainMarker, Drained, Element, Enqueued, Owed, Scope};
use futures::Stream;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The two sides of a receipt, with the front door's lease.
pub fn receipt(front: Option<Lease>) -> (Owed, Enqueued) {
    crate::receipt::receipt(Fate::new(), crate::RouteId(0), None, front)
}

/// A marker of all routes in so many parts, and the wait for it.
pub fn marker(parts: usize) -> (Vec<DrainMarker>, Drained) {
    crate::marker::marker(Scope::All, parts, Fate::new())
}

/// The sending side of a lane's mailbox.
pub struct Sender(Mailbox<()>);

impl Sender {
    /// Leaves a marker's part for the lane.
    pub fn push(&self, marker: DrainMarker) {
        match self.0.push(Element::Drain(marker)) {
            Ok(lane) => lane.into_iter().for_each(Waker::wake),
            Err(refused) => refused.refuse(),
        }
    }

    /// Ends the input.
    pub fn close(&self) {
        self.0.close();
    }
}

/// The lane's side of its mailbox.
pub struct Receiver(Deliveries<()>);

impl Receiver {
    /// The next marker's part; `None` at the end of the input.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<DrainMarker>> {
        Pin::new(&mut self.0).poll_next(cx).map(|element| match element {
            Some(Ok(Element::Drain(marker))) => Some(marker),
            Some(Ok(Element::Data(_)) | Err(_)) | None => None,
        })
    }
}

/// A lane's mailbox.
pub fn lane() -> (Sender, Receiver) {
    let (mailbox, deliveries) = mailbox(Place::default());
    (Sender(mailbox), Receiver(deliveries))
}

/// Whose turn it is to run a lane.
pub struct Turns(crate::runner::Turns);

impl Turns {
    /// Nobody's.
    #[expect(clippy::new_without_default, reason = "a model makes its own, once")]
    pub fn new() -> Self {
        Self(crate::runner::Turns::new())
    }

    /// Takes the turn, or lets its holder know.
    pub fn begin(&self) -> bool {
        self.0.begin()
    }

    /// Gives it back; says whether somebody wanted it.
    pub fn end(&self) -> bool {
        self.0.end()
    }
}
