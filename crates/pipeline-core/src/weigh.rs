//! What a payload costs while it is held.

use crate::gate::{Gate, Lease};
use bytes::Bytes;
use std::sync::Arc;

/// Says how many bytes of memory or disk a payload takes, so that gates can bound them.
///
/// Count what is really held: the payload's buffers and what it takes to carry it. A payload that says 0 is
/// charged one byte, so that no number of them is free.
pub trait Weigh {
    /// Bytes held by `self`.
    fn weight(&self) -> u64;

    /// Keeps the lease that was paid for it, if it is something that lasts beyond the call it is the request of, as an
    /// envelope is. Otherwise the lease comes back, and lasts as long as the call.
    fn keep(&mut self, lease: Lease) -> Option<Lease> {
        Some(lease)
    }

    /// Whether it keeps a lease of this gate already.
    fn keeps(&self, gate: &Gate) -> bool {
        let _: &Gate = gate;
        false
    }
}

impl Weigh for Vec<u8> {
    fn weight(&self) -> u64 {
        self.capacity() as u64
    }
}

impl Weigh for String {
    fn weight(&self) -> u64 {
        self.capacity() as u64
    }
}

impl Weigh for Bytes {
    fn weight(&self) -> u64 {
        self.len() as u64
    }
}

/// Nothing but its place in a queue.
impl Weigh for () {
    fn weight(&self) -> u64 {
        0
    }
}

impl<T: Weigh + ?Sized> Weigh for Box<T> {
    fn weight(&self) -> u64 {
        (**self).weight()
    }
}

/// All of it, for each of its owners: who else holds it is not known here.
impl<T: Weigh + ?Sized> Weigh for Arc<T> {
    fn weight(&self) -> u64 {
        (**self).weight()
    }
}
