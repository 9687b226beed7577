//! One route's line: who is before whom.

use crate::{DrainMarker, Element, Envelope};
use std::collections::VecDeque;

/// Everything of one route that is under way in a combinator, in order.
pub(super) struct Line<In, Out> {
    /// The place of the first slot; places count up and are never used twice.
    first: u64,
    slots: VecDeque<Slot<Out>>,
    /// Slots that run or are done.
    pub(super) occupied: usize,
    /// Elements of this route that wait because it has all the places it may have.
    pub(super) parked: VecDeque<(u64, Envelope<In>)>,
    /// Whether the route stands among those that take up again what they parked.
    pub(super) resuming: bool,
}

/// What stands in one place of a line.
pub(super) enum Slot<Out> {
    /// An element whose output is not there yet.
    Waiting,
    /// An output that waits for its turn.
    Done(Envelope<Out>),
    /// A marker that waits for its turn.
    Marker(DrainMarker),
}

impl<In, Out> Default for Line<In, Out> {
    fn default() -> Self {
        Self { first: 0, slots: VecDeque::new(), occupied: 0, parked: VecDeque::new(), resuming: false }
    }
}

impl<In, Out> Line<In, Out> {
    /// Takes the last place.
    pub(super) fn take_place(&mut self, slot: Slot<Out>) -> u64 {
        self.slots.push_back(slot);
        self.first + self.slots.len() as u64 - 1
    }

    /// Puts an output in the place that was kept for it.
    pub(super) fn fill(&mut self, place: u64, output: Envelope<Out>) {
        self.slots[(place - self.first) as usize] = Slot::Done(output);
    }

    /// Lets out all whose turn it is; returns how many outputs left.
    pub(super) fn leave(&mut self, out: &mut VecDeque<Element<Out>>) -> usize {
        let before = self.occupied;
        loop {
            match self.slots.pop_front() {
                Some(Slot::Done(envelope)) => {
                    self.occupied -= 1;
                    out.push_back(Element::Data(envelope));
                }
                Some(Slot::Marker(marker)) => out.push_back(Element::Drain(marker)),
                Some(Slot::Waiting) => {
                    self.slots.push_front(Slot::Waiting);
                    break;
                }
                None => break,
            }
            self.first += 1;
        }
        before - self.occupied
    }

    /// Whether something is parked, and has a place now.
    pub(super) fn may_resume(&self, per_route: usize) -> bool {
        self.occupied < per_route && !self.parked.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}
