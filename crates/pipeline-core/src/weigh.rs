//! What a payload costs while it is held.

/// Says how many bytes of memory or disk a payload takes, so that gates can bound them.
///
/// Count what is really held: the payload's buffers and what it takes to carry it. A payload that says 0 is
/// charged one byte, so that no number of them is free.
pub trait Weigh {
    /// Bytes held by `self`.
    fn weight(&self) -> u64;
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
