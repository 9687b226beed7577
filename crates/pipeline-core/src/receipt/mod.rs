//! The two-stage acknowledgement of one element.
//!
//! ```text
//!             enqueue            flush
//!   taken in ─────────► enqueued ─────► flushed
//!       │                   │  └──────► discarded    left out on purpose, and said so
//!       │ dropped           │ dropped                flush and discard from "taken in" pass through "enqueued"
//!       ▼                   ▼
//!      lost               lost
//! ```
//!
//! The envelope carries what is [`Owed`]; the source holds the [`Receipt`]. Both sides meet in one small cell, so an
//! acknowledgement is one lock and at most one wake-up.

mod awaits;
mod cell;
mod debt;
mod held;
mod owed;
mod part;

pub use awaits::{Enqueued, Receipt};
pub use owed::Owed;

use crate::fate::Fate;
use crate::gate::Lease;
use crate::{Observer, RouteId};
use cell::Cell;
use std::sync::Arc;

/// Makes the two sides of one receipt: what an envelope owes, and the source's wait for it.
pub(crate) fn receipt(
    fate: Fate,
    route: RouteId,
    observer: Option<Observer>,
    front: Option<Lease>,
) -> (Owed, Enqueued) {
    let cell = Arc::new(Cell::new(fate, route, observer));
    (Owed::new(cell.clone(), front), Enqueued::of(cell))
}
