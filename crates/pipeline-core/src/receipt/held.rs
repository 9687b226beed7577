//! The leases that an element takes on its way.

use crate::gate::{Gate, GateId, Lease};

/// One lease per gate: the first in place, since most lines have one gate.
#[derive(Debug, Default)]
pub(super) struct Held {
    first: Option<Lease>,
    more: Option<Box<Held>>,
}

impl Held {
    pub(super) fn add(&mut self, lease: Lease) {
        match &mut self.first {
            none @ None => *none = Some(lease),
            Some(own) => {
                if let Err(of_another_gate) = own.absorb(lease) {
                    self.more.get_or_insert_default().add(of_another_gate);
                }
            }
        }
    }

    pub(super) fn add_all(&mut self, other: Self) {
        let Self { first, more } = other;
        if let Some(lease) = first {
            self.add(lease);
        }
        if let Some(more) = more {
            self.add_all(*more);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The gates whose leases these are.
    pub(super) fn gates(&self) -> impl Iterator<Item = GateId> {
        std::iter::successors(Some(self), |held| held.more.as_deref())
            .filter_map(|held| held.first.as_ref().map(Lease::gate))
    }

    pub(super) fn holds(&self, gate: &Gate) -> bool {
        self.first.as_ref().is_some_and(|lease| lease.is_of(gate))
            || self.more.as_ref().is_some_and(|more| more.holds(gate))
    }
}
