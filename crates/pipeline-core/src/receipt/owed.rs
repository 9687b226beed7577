//! What an envelope owes to its source.

use super::cell::{Cell, End};
use super::debt::{Debt, Debts};
use super::held::Held;
use super::part::Part;
use crate::gate::{Gate, GateId, Lease};
use crate::place::Place;
use std::sync::Arc;
use tracing::Span;

/// What an envelope owes to its source: an enqueue ack, then a flush ack. Dropped, it is lost, which ends the
/// pipeline: every waiter is told so, with the route and the name of the stage. A stage that means to leave an element
/// out [discards](Self::discard) it.
///
/// It also carries the leases that the element takes at gates, so that they last to its flush ack. What a batch
/// owes has one lease per gate, however many elements it has.
#[derive(Debug)]
#[must_use = "dropping what is owed says that its element was lost, which ends the pipeline"]
pub struct Owed(Box<Account>);

/// In a box of its own: an element is moved some twenty times on its way, and this is the larger part of it.
#[derive(Debug, Default)]
struct Account {
    debts: Debts,
    /// The front door's lease: the unencoded payload's, until the enqueue ack.
    front: Option<Lease>,
    /// The watermarks' leases, until the flush ack.
    held: Held,
    place: Place,
}

impl Owed {
    pub(super) fn new(cell: Arc<Cell>, front: Option<Lease>) -> Self {
        let debts = Debts::One(Debt::Whole(cell));
        Self(Box::new(Account { debts, front, ..Account::default() }))
    }

    fn nothing() -> Self {
        Self(Box::default())
    }

    /// One debt made of many: what a batch owes. The order is kept.
    pub fn join(all: impl IntoIterator<Item = Owed>) -> Self {
        let mut joined = Self::nothing();
        all.into_iter().for_each(|owed| joined.absorb(owed));
        joined
    }

    /// Takes over what another owes, behind what is owed already.
    pub fn absorb(&mut self, mut other: Owed) {
        if self.is_empty() {
            self.0.place = other.0.place;
        }
        let own = &mut *self.0;
        own.debts.extend(std::mem::take(&mut other.0.debts));
        match (&mut own.front, other.0.front.take()) {
            (_, None) => {}
            (none @ None, lease) => *none = lease,
            // Two pipelines' front doors: then what the second one lent lasts to the flush ack.
            (Some(front), Some(lease)) => front.absorb(lease).unwrap_or_else(|other| own.held.add(other)),
        }
        own.held.add_all(std::mem::take(&mut other.0.held));
    }

    /// Many debts made of one: what a stage owes that makes several elements of one, or sends one to several places.
    ///
    /// The element is enqueued when all parts are, and flushed when all parts are. It is discarded if all of them were,
    /// and lost as soon as one is. Its leases last to the end of the last part.
    ///
    /// # Panics
    /// If `parts` is 0: an element that nothing is made of is [discarded](Self::discard).
    #[track_caller]
    pub fn split(self, parts: usize) -> Vec<Owed> {
        assert!(parts > 0, "what is owed cannot be split into nothing: discard it");
        if parts == 1 {
            return vec![self];
        }
        let place = self.0.place;
        let part = |part| {
            let debts = Debts::One(Debt::Part(Box::new(part)));
            Self(Box::new(Account { debts, place, ..Account::default() }))
        };
        Part::split(self, parts).map(part).collect()
    }

    /// How many receipts, or parts of receipts, are owed.
    pub fn len(&self) -> usize {
        self.0.debts.len()
    }

    /// Whether nothing is owed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the enqueue ack; a second one changes nothing.
    ///
    /// The front door's lease ends here if a gate on the way has taken over, and lasts to the flush ack if none has: so
    /// what is held behind the enqueue ack is bounded either way.
    pub fn enqueue(&mut self) {
        match self.0.front.take() {
            Some(front) if self.0.held.is_empty() => self.0.held.add(front),
            Some(_) | None => {}
        }
        self.0.debts.enqueue();
    }

    /// Whether the front door's lease would last beyond an enqueue ack that was given now.
    pub(crate) fn keeps_front(&self) -> bool {
        let own = self.0.front.is_some() && self.0.held.is_empty();
        own || matches!(self.0.debts.first(), Some(Debt::Part(part)) if part.keeps_front())
    }

    /// Gives the flush ack, and the enqueue ack if that was not given yet. Only after the store said so.
    pub fn flush(mut self) {
        let _all = self.settle_some(usize::MAX);
    }

    /// Leaves the element out on purpose, for a reason that becomes a metric's label: so keep to few.
    ///
    /// Its receipt says [`Discarded`](crate::ErrorKind::Discarded), never *flushed*; the pipeline goes on.
    pub fn discard(mut self, reason: &'static str) {
        self.let_go();
        let _all = self.0.debts.settle_some(usize::MAX, End::Discarded(reason));
    }

    /// Gives the flush ack to so many receipts, the first ones first; says whether that was all of them.
    pub(crate) fn settle_some(&mut self, most: usize) -> bool {
        self.let_go();
        self.0.debts.settle_some(most, End::Flushed)
    }

    /// Tells that the element was not let in.
    pub(crate) fn refuse(mut self) {
        self.let_go();
        std::mem::take(&mut self.0.debts).refuse();
    }

    /// Room first, news second: who is woken by an ack finds the gate already open.
    fn let_go(&mut self) {
        self.0.front = None;
        self.0.held = Held::default();
    }

    /// Keeps a gate's lease until the flush ack, or until the debt is lost; so with every further one.
    ///
    /// Where nothing is owed there is nothing to pay for: then it is let go at once.
    pub fn hold(&mut self, lease: Lease) {
        if !self.is_empty() {
            self.0.held.add(lease);
        }
    }

    /// Whether it holds a lease of this gate already: then it passes there, since only its own end could open the gate.
    pub fn holds(&self, gate: &Gate) -> bool {
        let own = self.0.front.as_ref().is_some_and(|lease| lease.is_of(gate)) || self.0.held.holds(gate);
        own || matches!(self.0.debts.first(), Some(Debt::Part(part)) if part.holds(gate))
    }

    /// Whether it may hold a lease of any gate but the front door's.
    pub(crate) fn holds_any(&self) -> bool {
        !self.0.held.is_empty() || matches!(self.0.debts.first(), Some(Debt::Part(_)))
    }

    /// The gates that it holds leases of.
    pub(crate) fn gates(&self) -> impl Iterator<Item = GateId> {
        let of_the_whole = match self.0.debts.first() {
            Some(Debt::Part(part)) => part.gates(),
            Some(Debt::Whole(_)) | None => Vec::new(),
        };
        self.0.held.gates().chain(of_the_whole)
    }

    /// Says that the payload now weighs so much, before its enqueue ack: rows that were encoded may take more
    /// memory than the rows did. The front door's gate then holds as much; it never holds less than was taken in.
    pub fn weighs(&mut self, bytes: u64) {
        if let Some(front) = &mut self.0.front {
            front.grow_to(bytes);
        }
    }

    /// The span that its element was called in; of many, the first one's.
    pub fn span(&self) -> Option<&Span> {
        match self.0.debts.first()? {
            Debt::Whole(cell) => cell.span.as_deref(),
            Debt::Part(part) => part.span.as_deref(),
        }
    }

    /// Says where it is now.
    pub(crate) fn arrive(&mut self, place: Place) {
        self.0.place = place;
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if !self.is_empty() {
            std::mem::take(&mut self.0.debts).lose(self.0.place);
        }
    }
}
