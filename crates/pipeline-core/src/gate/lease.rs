//! What is paid at a gate.

use super::asking::GateId;
use super::{Gate, Shared};
use std::sync::Arc;

/// Bytes that are held behind a gate, let go when dropped.
#[derive(Debug)]
pub struct Lease {
    shared: Arc<Shared>,
    bytes: u64,
    elements: u64,
}

impl Lease {
    /// Of one element.
    pub(super) fn taken(shared: &Arc<Shared>, bytes: u64) -> Self {
        shared.take(bytes, 1);
        Self { shared: shared.clone(), bytes, elements: 1 }
    }

    /// How many bytes it stands for.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it is one of this gate.
    pub(crate) fn is_of(&self, gate: &Gate) -> bool {
        Arc::ptr_eq(&self.shared, &gate.shared)
    }

    /// Tells which gate it is of, for [`asking`].
    pub(crate) fn gate(&self) -> GateId {
        GateId::of(&self.shared)
    }

    /// Makes it stand for at least so many bytes: what it paid for has grown. Not bound by the gate's levels.
    pub(crate) fn grow_to(&mut self, bytes: u64) {
        if let Some(more) = bytes.checked_sub(self.bytes).filter(|more| *more > 0) {
            self.shared.take(more, 0);
            self.bytes = bytes;
        }
    }

    /// Makes one lease of two of the same gate, so that many elements are let go in one step. Gives back one of
    /// another gate.
    pub(crate) fn absorb(&mut self, mut other: Self) -> Result<(), Self> {
        if !Arc::ptr_eq(&self.shared, &other.shared) {
            return Err(other);
        }
        self.bytes += std::mem::take(&mut other.bytes);
        self.elements += std::mem::take(&mut other.elements);
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // One that was absorbed has nothing left to give back.
        if self.elements > 0 {
            self.shared.release(self.bytes, self.elements);
        }
    }
}
