//! Payloads of one route gather until there is a reason to let them go.

mod ages;
mod batcher;
mod batching;
mod gathered;
mod limits;
mod reason;
mod row_batcher;

pub use batcher::Batcher;
pub use gathered::{Batch, BatchOf};
pub use limits::BatchLimits;
pub use reason::FlushReason;
pub use row_batcher::RowBatcher;
