//! What flows.

use crate::gate::{Gate, Lease};
use crate::place::Place;
use crate::{DrainMarker, Owed, RouteId, Weigh};

/// One item of a pipeline's stream.
#[derive(Debug)]
pub enum Element<T> {
    /// A payload and what is owed for it.
    Data(Envelope<T>),
    /// A marker that must not overtake, nor be overtaken.
    Drain(DrainMarker),
}

impl<T> Element<T> {
    /// Says where it is now.
    pub(crate) fn arrive(&mut self, place: Place) {
        match self {
            Self::Data(envelope) => envelope.owed.arrive(place),
            Self::Drain(marker) => marker.is_in(place),
        }
    }

    /// Tells its waiter that it was not let in.
    pub(crate) fn refuse(self) {
        match self {
            Self::Data(envelope) => envelope.owed.refuse(),
            Self::Drain(marker) => marker.refuse(),
        }
    }
}

/// A payload, its route, and the receipt owed for it.
#[derive(Debug)]
pub struct Envelope<T> {
    /// Whose order it belongs to.
    pub route: RouteId,
    /// What is owed to its source.
    pub owed: Owed,
    /// What it carries.
    pub payload: T,
}

impl<T> Envelope<T> {
    /// The same envelope with another payload: what a one-to-one stage does.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Envelope<U> {
        Envelope { route: self.route, owed: self.owed, payload: change(self.payload) }
    }
}

/// As its payload; what it pays lasts to its flush ack.
impl<T: Weigh> Weigh for Envelope<T> {
    fn weight(&self) -> u64 {
        self.payload.weight()
    }

    fn keep(&mut self, lease: Lease) -> Option<Lease> {
        self.owed.hold(lease);
        None
    }

    fn keeps(&self, gate: &Gate) -> bool {
        self.owed.holds(gate)
    }
}
