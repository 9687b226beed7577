//! Payloads of one route gather until there is a reason to let them go.

mod ages;
mod batcher;
mod batching;
mod limits;
mod reason;
mod row_batcher;

pub use batcher::Batcher;
pub use limits::BatchLimits;
pub use reason::FlushReason;
pub use row_batcher::RowBatcher;

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

impl<G, B> Weigh for Batch<G, B> {
    fn weight(&self) -> u64 {
        self.bytes
    }
}

/// The batch that a label's pieces go into.
pub type BatchOf<L, B> = Batch<<L as Label>::Group, B>;
