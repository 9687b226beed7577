//! What flows.

use crate::{DrainMarker, Owed, RouteId};

/// One item of a pipeline's stream.
#[derive(Debug)]
pub enum Element<T> {
    /// A payload and what is owed for it.
    Data(Envelope<T>),
    /// A marker that must not overtake, nor be overtaken.
    Drain(DrainMarker),
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
