//! What has gathered.

use super::FlushReason;
use crate::Label;
use pipeline_core::Weigh;
use tokio::time::Instant;

/// Payloads of one route and group, on their way into one file or one request.
#[derive(Debug)]
pub struct Batch<G, B> {
    /// What they have in common.
    pub group: G,
    /// The pieces' bytes, or the rows themselves, in order.
    pub bodies: Vec<B>,
    /// How many bytes that is.
    pub bytes: u64,
    /// How many rows.
    pub rows: u64,
    /// Why the batch was closed.
    pub reason: FlushReason,
    /// When it was closed.
    pub closed: Instant,
}

/// The batch that a label's pieces go into.
pub type BatchOf<L, B> = Batch<<L as Label>::Group, B>;

impl<G, B> Batch<G, B> {
    /// The same batch with each body changed. Its bytes and rows stay those that were gathered: set them where they
    /// are others now.
    pub fn map<C>(self, change: impl FnMut(B) -> C) -> Batch<G, C> {
        self.map_bodies(|bodies| bodies.into_iter().map(change).collect())
    }

    /// The same with all bodies changed together, as where several become one. Bytes and rows stay, too.
    pub fn map_bodies<C>(self, change: impl FnOnce(Vec<B>) -> Vec<C>) -> Batch<G, C> {
        let Self { group, bodies, bytes, rows, reason, closed } = self;
        Batch { group, bodies: change(bodies), bytes, rows, reason, closed }
    }
}

impl<G, B> Weigh for Batch<G, B> {
    fn weight(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_other_bodies_is_the_same_otherwise() {
        let closed = Instant::now();
        let bodies = vec!["a", "bcd"];
        let batch = Batch { group: 7, bodies, bytes: 4, rows: 2, reason: FlushReason::Size, closed };
        let lengths = batch.map(str::len);
        assert_eq!(lengths.bodies, [1, 3]);
        let Batch { group, bodies, bytes, rows, reason, closed: at } =
            lengths.map_bodies(|all| vec![all.iter().sum::<usize>()]);
        assert_eq!((group, bodies, bytes, rows, reason, at), (7, vec![4], 4, 2, FlushReason::Size, closed));
    }
}
