//! Where the dispatchers that one statement touches meet.
//!
//! ```text
//!   dispatcher A ─ pass_block_event ─► report ─┐                     ┌─► Write ─ write_block_event ─► done ─┐
//!   dispatcher B ─ pass_block_event ─► report ─┼─ all have reported ─┤                                      │
//!   dispatcher C ─ pass_block_event ─► report ─┘                     └─► (B and C wait) ◄─── Pass ──────────┘
//! ```

use crate::{BlockEvent, Error, Span};

/// What a dispatcher does at a barrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Write the statement, and say so.
    Write,
    /// Go on: it is written.
    Pass,
}

/// Elects who writes a statement that touches several dispatchers, and lets the others go on after that.
///
/// # Order
/// `Write` is given to exactly one, and only when all [touched](BlockEvent::touched) have reported; `Pass` to the
/// others, and only when that one is [done](Self::done).
pub trait Maintainer: Send + Sync + 'static {
    /// Reports that everything earlier of a dispatcher is durable, and waits for the verdict.
    ///
    /// # Errors
    /// The first error of any participant.
    ///
    /// # Cancel safety
    /// Dropping it leaves the barrier, which then fails for everyone.
    fn report(&self, block: &BlockEvent, span: &Span) -> impl Future<Output = Result<Verdict, Error>> + Send;

    /// Reports how it ended: `Ok` from whoever was told to write, an error from anyone who could not do its part,
    /// be it the drain before the report or the write after it.
    ///
    /// # Errors
    /// If the maintainer cannot be told.
    fn done(
        &self,
        block: &BlockEvent,
        span: &Span,
        outcome: Result<(), Error>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}
